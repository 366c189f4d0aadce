import { Builtin } from '../eval/builtin.ts';
import { StarlarkFunction } from '../eval/function.ts';
import type { Resolved } from '../resolve/resolver.ts';
import type { FunctionScope, Variable } from '../resolve/scope.ts';
import type { Argument, Call } from '../syntax/ast.ts';
import { pausingMethods } from '../values/attributes.ts';
import { Module } from '../values/module.ts';
import type { Value } from '../values/value.ts';
import { onCycles } from './cycles.ts';

/**
 * Decides which functions become generators. A generator can wait and can be interrupted, but is dearer to call, so
 * only those become one that need it: functions that loop, that call something that may wait, or that call one
 * of these. What a call through an unknown value may reach is any function whose value is used other than by calling
 * it; if one of them is a generator, every function that makes such a call is one.
 */
export interface Forms {
  /** Scopes whose code is a generator; the file's always is. */
  readonly resumable: ReadonlySet<number>;
  /** Scopes that could be entered again while active, and must not: recursion is off. */
  readonly guarded: ReadonlySet<number>;
  /** Whether a call through an unknown value may reach a generator. */
  readonly unknownMayWait: boolean;
  classify(call: Call): Callee;
}

/** What a call calls, as far as can be known before running. */
export type Callee =
  | { readonly kind: 'function'; readonly scope: FunctionScope; readonly variable: Variable }
  | { readonly kind: 'plain'; readonly variable: Variable; readonly pauses: Pauses }
  | { readonly kind: 'waiting'; readonly variable: Variable }
  | { readonly kind: 'method'; readonly pauses: Pauses }
  | { readonly kind: 'unknown' };

/**
 * Whether something of the library's may pause where it has much to do. A function that calls what often has is a
 * generator; what rarely has pauses where its caller is one anyway.
 */
export type Pauses = 'never' | 'rarely' | 'often';

/** What matters to the compiler about a value that is handed in: its code depends on nothing else of it. */
export type ValueForm = 'value' | 'module' | 'waiting' | `${'plain' | 'callback'} ${Pauses}`;

export function formOf(value: Value | undefined): ValueForm {
  if (value instanceof Builtin) {
    if (value.start === null) return `plain ${pausesOf(value)}`;
    return value.hasPlainForm ? `callback ${pausesOf(value)}` : 'waiting';
  }
  if (value instanceof StarlarkFunction) return value.start === null ? 'plain never' : 'waiting';
  return value instanceof Module ? 'module' : 'value';
}

function pausesOf({ cost }: Builtin): Pauses {
  if (cost === 'long') return 'often';
  return cost === 'pieces' ? 'rarely' : 'never';
}

/** Names of members of modules that may wait when called. */
export function waitingMembers(value: Value | undefined): readonly string[] {
  if (!(value instanceof Module)) return [];
  const names: string[] = [];
  for (const [name, member] of value.members) {
    const form = formOf(member);
    if (form === 'waiting') names.push(name);
    else if (form === 'module') names.push(name, ...waitingMembers(member));
  }
  return names;
}

/** Names of members of modules that often have much to do. */
export function pausingMembers(value: Value | undefined): readonly string[] {
  if (!(value instanceof Module)) return [];
  return Array.from(value.members)
    .filter(([, member]) => formOf(member) === 'plain often')
    .map(([name]) => name);
}

export interface HandedIn {
  readonly forms: ReadonlyMap<Variable, ValueForm>;
  readonly waitingMembers: ReadonlySet<string>;
  readonly pausingMembers: ReadonlySet<string>;
}

export function chooseForms(
  program: Resolved,
  handedIn: HandedIn,
  options: { recursion: boolean; loads: boolean },
): Forms {
  const classify = (call: Call): Callee => classifyCall(call, handedIn);
  const graph = new CallGraph(program, classify);
  const recursive = graph.recursive();
  const waitingEscapes =
    options.loads ||
    handedIn.waitingMembers.size > 0 ||
    program.used.some((variable) => variable.escapes && handedIn.forms.get(variable) === 'waiting');
  let unknownMayWait = waitingEscapes;
  let resumable = graph.resumable({ unknownMayWait, also: options.recursion ? recursive : noScopes });
  if (!unknownMayWait && graph.escaping.some((id) => resumable.has(id))) {
    unknownMayWait = true;
    resumable = graph.resumable({ unknownMayWait, also: options.recursion ? recursive : noScopes });
  }
  return { resumable, guarded: options.recursion ? noScopes : recursive, unknownMayWait, classify };
}

const noScopes: ReadonlySet<number> = new Set();

function classifyCall(call: Call, handedIn: HandedIn): Callee {
  const { callee } = call;
  if (callee.kind === 'Attribute') {
    return handedIn.waitingMembers.has(callee.name)
      ? { kind: 'unknown' }
      : { kind: 'method', pauses: pausesOfMethod(callee.name, handedIn) };
  }
  const variable = callee.kind === 'Name' ? callee.binding : null;
  if (variable === null) return { kind: 'unknown' };
  const scope = variable.definition?.scope;
  if (scope) return { kind: 'function', scope, variable };
  if (variable.scope !== null) return { kind: 'unknown' };
  const [kind, pauses] = (handedIn.forms.get(variable) ?? '').split(' ') as [string, Pauses];
  if (kind === 'plain' || (kind === 'callback' && call.args.every(isPositional)))
    return { kind: 'plain', variable, pauses };
  return kind === 'callback' || kind === 'waiting' ? { kind: 'waiting', variable } : { kind: 'unknown' };
}

function pausesOfMethod(name: string, handedIn: HandedIn): Pauses {
  if (handedIn.pausingMembers.has(name)) return 'often';
  return pausingMethods.has(name) ? 'rarely' : 'never';
}

function isPositional({ kind }: Argument): boolean {
  return kind === 'positional';
}

interface Facts {
  /** Whether it may run for long by itself. */
  readonly loops: boolean;
  readonly waits: boolean;
  readonly callsUnknown: boolean;
  readonly callees: readonly number[];
}

/**
 * Which function calls which. What a call through an unknown value may reach stands between as one node of its own, so
 * that there are as many edges as calls and functions, and not as many as calls times functions.
 */
class CallGraph {
  /** Functions that a call through an unknown value may reach. */
  readonly escaping: readonly number[];
  readonly #facts: readonly Facts[];

  constructor(program: Resolved, classify: (call: Call) => Callee) {
    this.#facts = program.scopes.map((scope) => factsOf(scope, classify));
    const direct = new Set<number>();
    for (const { locals } of program.scopes) {
      for (const { definition, escapes } of locals) {
        if (definition?.scope && !escapes) direct.add(definition.scope.id);
      }
    }
    this.escaping = program.scopes.map(({ id }) => id).filter((id) => id !== 0 && !direct.has(id));
  }

  /** Functions that may, directly or through others, call themselves. */
  recursive(): ReadonlySet<number> {
    const unknown = this.#facts.length;
    const edges = this.#facts.map(({ callees, callsUnknown, waits }) =>
      callsUnknown || waits ? [...callees, unknown] : callees,
    );
    const found = onCycles([...edges, this.escaping]);
    found.delete(unknown);
    // Nothing calls the file.
    found.delete(0);
    return found;
  }

  resumable(options: { unknownMayWait: boolean; also: ReadonlySet<number> }): ReadonlySet<number> {
    const callers: number[][] = this.#facts.map(() => []);
    this.#facts.forEach(({ callees }, id) => callees.forEach((callee) => callers[callee]!.push(id)));
    const found = new Set([0, ...options.also]);
    this.#facts.forEach(({ loops, waits, callsUnknown }, id) => {
      if (loops || waits || (callsUnknown && options.unknownMayWait)) found.add(id);
    });
    // A set is gone through up to what is added meanwhile.
    for (const id of found) for (const caller of callers[id]!) found.add(caller);
    return found;
  }
}

function factsOf(scope: FunctionScope, classify: (call: Call) => Callee): Facts {
  const callees: number[] = [];
  let waits = false;
  let pauses = false;
  let callsUnknown = false;
  for (const call of scope.calls) {
    const callee = classify(call);
    if (callee.kind === 'function') callees.push(callee.scope.id);
    else if (callee.kind === 'waiting') waits = true;
    else if (callee.kind === 'unknown') callsUnknown = true;
    else if (callee.pauses === 'often') pauses = true;
  }
  return { loops: scope.hasLoop || pauses, waits, callsUnknown, callees };
}
