import { StarlarkError } from '../errors.ts';
import type { Resumable } from '../eval/callable.ts';
import type { ModuleInfo } from '../eval/failures.ts';
import { runtime } from '../eval/runtime.ts';
import type { Thread } from '../eval/thread.ts';
import type { FileOptions } from '../options.ts';
import { MemberCheck, type KnownMembers } from '../resolve/members.ts';
import { certainFaults, resolveInSteps, type Resolved } from '../resolve/resolver.ts';
import type { Variable } from '../resolve/scope.ts';
import type { Expression, File, Name, Node, Statement } from '../syntax/ast.ts';
import { parseInSteps } from '../syntax/parser.ts';
import { Source } from '../syntax/source.ts';
import { elementsPerCharacter, finish, type Steps } from '../steps.ts';
import type { Value } from '../values/value.ts';
import { CodeLength } from './code-length.ts';
import { ProgramEmitter } from './emitter.ts';
import {
  chooseForms,
  formOf,
  type HandedIn,
  pausingMembers,
  type ValueForm,
  waitingMembers,
} from './forms.ts';
import { fileText } from './functions.ts';
import { hostCalls, type HostCall } from './host-calls.ts';
import { findSettled } from './settled.ts';

/** The compiled file: runs it in a thread. */
export type Code = (thread: Thread, left: Left, ...handedIn: readonly Value[]) => Resumable;

/** What a file leaves behind when it ends: the values of its variables, in order, and perhaps more after them. */
export interface Left {
  values: readonly (Value | undefined)[];
}

/** A file that has been read and found to be right. It can be run any number of times. */
export class Program {
  readonly filename: string;
  readonly #file: File;
  readonly #source: Source;
  readonly #resolved: Resolved;
  readonly #options: FileOptions;
  #latest: { readonly key: string; readonly code: Code; readonly sites: readonly number[] } | null = null;

  constructor(parts: { file: File; source: Source; resolved: Resolved; options: FileOptions }) {
    this.filename = parts.source.filename;
    this.#file = parts.file;
    this.#source = parts.source;
    this.#resolved = parts.resolved;
    this.#options = parts.options;
  }

  /** The variables that the program uses without binding them, in the order in which its code takes them. */
  get used(): readonly Variable[] {
    return this.#resolved.used;
  }

  /**
   * What the file ends with: a `return` of this expression (`returns`), or a statement instead of which the author, who
   * thinks of a notebook, meant to return it: the statement's value, the name that it gives a value or changes, the call
   * of the function that it defines.
   */
  get ending(): { readonly returns: boolean; readonly text: string } | undefined {
    const last = this.#file.body.at(-1);
    if (last === undefined) return undefined;
    if (last.kind === 'Return' && !last.isImplied)
      return last.value === null ? undefined : { returns: true, text: this.#text(last.value) };
    const meant = this.#meantAs(last);
    return meant === undefined ? undefined : { returns: false, text: meant };
  }

  /** Whether it has a `return` of its own outside of functions, wherever that stands. */
  get returns(): boolean {
    return hasReturn(this.#file.body);
  }

  #meantAs(last: Statement): string | undefined {
    switch (last.kind) {
      case 'Assign':
        return last.target.kind === 'Name' ? last.target.name : undefined;
      case 'Def':
        return last.fn.params.some(({ kind }) => kind === 'required') ? undefined : `${last.fn.name}()`;
      case 'Expression':
        return this.#text(changedBy(last.value) ?? last.value);
      case 'Return':
        return last.value === null ? undefined : this.#text(changedBy(last.value) ?? last.value);
      default:
        return undefined;
    }
  }

  #text({ start, end }: Node): string {
    return this.#source.text.slice(start, end);
  }

  /** What the author cannot have meant, though it is valid: a comparison that never holds. */
  get remarks(): Resolved['remarks'] {
    return this.#resolved.remarks;
  }

  /** Where it calls what `run` will hand in, for whoever wants to check that before it runs. */
  get hostCalls(): readonly HostCall[] {
    return hostCalls(this.#resolved.scopes, this.#source);
  }

  /** The line of a place in its code (`Thread.site`), from 1; undefined where that is not known. */
  lineOf(site: number): number | undefined {
    const [start, end] = this.#latest?.sites.slice(2 * site - 2, 2 * site) ?? [];
    return site === 0 || start === undefined || end === undefined
      ? undefined
      : this.#source.span(start, end).line;
  }

  /** The file's own variables, in the order in which its code hands them out. */
  get globals(): readonly string[] {
    return this.#resolved.scope.locals
      .filter(({ isInComprehension }) => !isInComprehension)
      .map(({ name }) => name);
  }

  /**
   * Code for the given values of `used`. It depends only on which of them may wait when called, and is kept.
   * @param mostCharacters how long the code may be
   * @throws StarlarkError 'resolve' when it is longer
   */
  *codeFor(values: readonly (Value | undefined)[], mostCharacters: number = Infinity): Steps<Code> {
    const forms = new Map<Variable, ValueForm>();
    const members = new Set<string>();
    const pausing = new Set<string>();
    this.used.forEach((variable, at) => {
      forms.set(variable, formOf(values[at]));
      for (const name of waitingMembers(values[at])) members.add(name);
      for (const name of pausingMembers(values[at])) pausing.add(name);
    });
    const key = [...forms.values(), ...members, '', ...pausing].join();
    if (this.#latest?.key !== key) {
      const made = this.#generate(
        { forms, waitingMembers: members, pausingMembers: pausing },
        mostCharacters,
      );
      this.#latest = { key, ...(yield* guardDepth(this.#source, made)) };
    }
    return this.#latest.code;
  }

  /** The JavaScript that the program becomes: for tests, which prove that it holds none of the script's text. */
  generatedCode(values: readonly (Value | undefined)[]): string {
    const forms = new Map(this.used.map((variable, at) => [variable, formOf(values[at])]));
    const handedIn = { forms, waitingMembers: new Set<string>(), pausingMembers: new Set<string>() };
    const { emitter, text } = finish(this.#emit(handedIn, Infinity));
    return `/* ${[...emitter.helpers].map((pair) => pair.join(' ')).join(', ')} */ ${text}`;
  }

  *#generate(handedIn: HandedIn, mostCharacters: number): Steps<{ code: Code; sites: readonly number[] }> {
    const { emitter, text } = yield* this.#emit(handedIn, mostCharacters);
    yield elementsPerCharacter * text.length;
    const module: ModuleInfo = { source: this.#source, sites: emitter.sites, shapes: emitter.shapes };
    const helpers = [...emitter.helpers.keys()];
    const names = emitter.constantNames;
    const named = emitter.constants.slice(0, names.length);
    // Parameters are cheaper than constants of the code's own: nothing needs to ask whether they have a value yet.
    const parameters = [...emitter.helpers.values(), ...names, 'K', 'H', 'M'];
    // oxlint-disable-next-line no-new-func, typescript/no-implied-eval -- generated code; no text of the script enters it
    const make = new Function(...parameters, text) as (...parts: unknown[]) => Code;
    const helperCodes = helpers.map((name) => runtime[name]);
    const code = make(...helperCodes, ...named, emitter.constants, emitter.shapes, module);
    return { code, sites: emitter.sites };
  }

  *#emit(handedIn: HandedIn, mostCharacters: number): Steps<{ emitter: ProgramEmitter; text: string }> {
    const loads = this.#file.body.some(({ kind }) => kind === 'Load');
    // Each of these goes through the whole program once, in far less time than its code takes.
    const { length } = this.#source.text;
    const forms = chooseForms(this.#resolved, handedIn, { recursion: this.#options.recursion, loads });
    yield length;
    const settled = findSettled(this.#file, this.#resolved.scope.calls, forms);
    yield length;
    const codeLength = new CodeLength(this.#source, mostCharacters);
    const emitter = new ProgramEmitter(this.#resolved, forms, settled, codeLength);
    const text = yield* fileText(this.#file, emitter);
    return { emitter, text: `"use strict";${text}` };
  }
}

interface CompileOptions {
  readonly filename: string;
  readonly fileOptions: FileOptions;
  readonly predeclared: Iterable<string>;
  readonly variables?: Iterable<string>;
  readonly hints?: ReadonlyMap<string, string>;
  readonly universal: ReadonlySet<string>;
  readonly members?: KnownMembers | undefined;
}

/**
 * Reads a file and ties its names.
 * @throws StarlarkError 'syntax' or 'resolve' whose `diagnostics` list everything that is wrong
 */
export function compileProgram(text: string, options: CompileOptions): Steps<Program> {
  const source = new Source(options.filename, text);
  return guardDepth(source, read(source, options));
}

function* read(source: Source, options: CompileOptions): Steps<Program> {
  const { file, diagnostics, unread } = yield* parseInSteps(source, options.fileOptions);
  const environment = {
    predeclared: new Set(options.predeclared),
    variables: new Set(options.variables),
    universal: options.universal,
    hints: options.hints ?? new Map(),
    members: options.members === undefined ? null : new MemberCheck(options.members),
  };
  if (diagnostics.length > 0) {
    const certain = yield* certainFaults(file, source, options.fileOptions, environment, unread);
    throw refusal(
      'syntax',
      [...diagnostics, ...certain].toSorted((a, b) => a.span.line - b.span.line),
    );
  }
  const resolved = yield* resolveInSteps(file, source, options.fileOptions, environment);
  if (resolved.diagnostics.length > 0) throw refusal('resolve', resolved.diagnostics);
  return new Program({ file, source, resolved, options: options.fileOptions });
}

function hasReturn(body: readonly Statement[]): boolean {
  return body.some((statement) => {
    switch (statement.kind) {
      case 'Return':
        return !statement.isImplied;
      case 'If':
        return hasReturn(statement.then) || hasReturn(statement.otherwise);
      case 'For':
      case 'While':
        return hasReturn(statement.body);
      default:
        return false;
    }
  });
}

const changes: ReadonlySet<string> = new Set(['add', 'append', 'extend', 'insert', 'setdefault', 'update']);

/** The variable that a call such as `found.append(x)` changes. */
function changedBy(expression: Expression): Name | undefined {
  if (expression.kind !== 'Call' || expression.callee.kind !== 'Attribute') return undefined;
  const { object, name } = expression.callee;
  return object.kind === 'Name' && changes.has(name) ? object : undefined;
}

function refusal(code: 'syntax' | 'resolve', diagnostics: Resolved['diagnostics']): StarlarkError {
  return new StarlarkError(code, diagnostics[0]!.message, { diagnostics });
}

/** A text nested so deeply that JavaScript's stack ends is refused like any other that cannot be read. */
function* guardDepth<T>(source: Source, steps: Steps<T>): Steps<T> {
  try {
    return yield* steps;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const diagnostic = source.diagnostic(
      'syntax',
      'this program is nested too deeply; give its parts names',
      0,
      1,
    );
    throw new StarlarkError('syntax', diagnostic.message, { diagnostics: [diagnostic], cause: error });
  }
}
