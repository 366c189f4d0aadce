import type { Diagnostic } from '../errors.ts';
import type { FileOptions } from '../options.ts';
import type { MemberCheck } from './members.ts';
import type * as ast from '../syntax/ast.ts';
import { elementsPerCharacter, finish, type Steps } from '../steps.ts';
import { rowOf } from '../syntax/operator-row.ts';
import type { Source } from '../syntax/source.ts';
import { checkArguments, misplacedParam } from './argument-order.ts';
import { findTargets } from './bindings.ts';
import { branchesOf } from './branches.ts';
import { type Environment, Names } from './names.ts';
import type { FunctionScope, Variable } from './scope.ts';
import { neverEqual } from './type-comparison.ts';

/** A resolved file: every name is tied to its variable. `used` are the handed-in variables, in order of first use. */
export interface Resolved {
  readonly scope: FunctionScope;
  readonly scopes: readonly FunctionScope[];
  readonly used: readonly Variable[];
  readonly diagnostics: readonly Diagnostic[];
  /** What is valid but cannot be meant, in source order. */
  readonly remarks: readonly Diagnostic[];
}

const maxDiagnostics = 10;

const noWhile = "Starlark has no 'while' here; write: for _ in range(limit): … and break";

/**
 * What is wrong with a file whose syntax is wrong too, where that does not depend on what could not be read.
 */
export function* certainFaults(
  file: ast.File,
  source: Source,
  options: FileOptions,
  environment: Environment,
  unread: readonly ast.Node[],
): Steps<readonly Diagnostic[]> {
  const words = new Set(unread.flatMap(({ start, end }) => wordsOf(source.text.slice(start, end))));
  const resolver = new Resolver(source, options, environment);
  const { diagnostics } = yield* resolver.resolveFile(file);
  return diagnostics.filter(({ message }) => {
    const name = /^undefined: (\w+)/u.exec(message)?.[1];
    return name === undefined ? isCertain(message) : !words.has(name);
  });
}

/** What could not be read may have given values to these. */
function wordsOf(text: string): string[] {
  return text.match(/[\p{L}_][\p{L}\p{Nd}_]*/gu) ?? [];
}

function isCertain(message: string): boolean {
  return message === noWhile || missingMember.test(message);
}

const missingMember = /^(?:module \S+ has|no value has a method) /u;

/** Ties names to variables and reports everything that is wrong before the program runs, options included. */
export function resolve(
  file: ast.File,
  source: Source,
  options: FileOptions,
  environment: Environment,
): Resolved {
  return finish(resolveInSteps(file, source, options, environment));
}

/** As {@link resolve}, in steps of a few statements. */
export function resolveInSteps(
  file: ast.File,
  source: Source,
  options: FileOptions,
  environment: Environment,
): Steps<Resolved> {
  return new Resolver(source, options, environment).resolveFile(file);
}

/** The fewest characters that are a step. */
const stepLength = 256;

/**
 * How deep the tree of a program may be, blocks and expressions added up: each later stage goes into it on JavaScript's
 * stack, and V8 into the code, so the deepest of trees must leave room. Operators in a row do not count.
 */
const maxDepth = 500;

class Resolver {
  readonly #source: Source;
  readonly #options: FileOptions;
  readonly #members: MemberCheck | null;
  readonly #names: Names;
  readonly #faults: { readonly message: string; readonly node: ast.Node }[] = [];
  readonly #remarks: Diagnostic[] = [];
  #loops = 0;
  #branches = 0;
  #depth = 0;
  /** Where the last step ended. */
  #told = 0;

  constructor(source: Source, options: FileOptions, environment: Environment) {
    this.#source = source;
    this.#options = options;
    this.#members = environment.members;
    this.#names = new Names(source, options, environment, (message, node) => this.#fault(message, node));
  }

  *resolveFile(file: ast.File): Steps<Resolved> {
    const scope = this.#names.enterFunction(null);
    this.#names.declareAll(file.body);
    yield* this.#statements(file.body);
    const faults = this.#faults.sort((a, b) => a.node.start - b.node.start).slice(0, maxDiagnostics);
    return {
      scope,
      scopes: this.#names.scopes,
      used: this.#names.used,
      diagnostics: faults.map(({ message, node }) =>
        this.#source.diagnostic('resolve', message, node.start, node.end),
      ),
      remarks: this.#remarks.slice(0, maxDiagnostics),
    };
  }

  #fault(message: string, node: ast.Node): void {
    this.#faults.push({ message, node });
  }

  #remark(message: string | undefined, node: ast.Node): void {
    if (message !== undefined)
      this.#remarks.push(this.#source.diagnostic('resolve', message, node.start, node.end));
  }

  /* Statements */

  *#statements(body: readonly ast.Statement[]): Steps<void> {
    this.#depth++;
    for (const statement of body) {
      if (isCompound(statement)) yield* this.#compound(statement);
      else this.#simple(statement);
      const read = statement.end - this.#told;
      if (read < stepLength) continue;
      this.#told = statement.end;
      yield elementsPerCharacter * read;
    }
    this.#depth--;
  }

  #simple(statement: Exclude<ast.Statement, Compound>): void {
    switch (statement.kind) {
      case 'Expression':
        return this.#expression(statement.value);
      case 'Assign':
        return this.#assign(statement);
      case 'Return':
        return this.#return(statement);
      case 'Jump':
        return this.#jump(statement);
      case 'Load':
        return this.#load(statement);
    }
  }

  #compound(statement: Compound): Steps<void> {
    switch (statement.kind) {
      case 'Def':
        this.#names.reach(statement.name);
        return this.#function(statement.fn);
      case 'If':
        return this.#if(statement);
      case 'For':
        return this.#for(statement);
      case 'While':
        return this.#while(statement);
    }
  }

  #assign(statement: ast.Assign): void {
    this.#expression(statement.value);
    this.#target(statement.target);
  }

  /** The parts of a target that are evaluated; names in it were bound when the block was entered. */
  #target(target: ast.Expression): void {
    if (target.kind === 'Tuple' || target.kind === 'List') target.items.forEach((item) => this.#target(item));
    else if (target.kind === 'Name') this.#names.reach(target);
    else this.#expression(target);
  }

  *#if(statement: ast.If): Steps<void> {
    const branches = branchesOf(statement);
    this.#branches++;
    for (const branch of branches) {
      this.#refuseAtTop(branch, 'if statement', 'write x = a if condition else b, or ');
      this.#expression(branch.condition);
      yield* this.#statements(branch.then);
    }
    yield* this.#statements(branches.at(-1)!.otherwise);
    this.#branches--;
  }

  *#for(statement: ast.For): Steps<void> {
    this.#refuseAtTop(statement, 'for loop', 'write a comprehension, or ');
    this.#names.scope.hasLoop = true;
    this.#expression(statement.iterable);
    this.#target(statement.target);
    const outer = this.#beginLoop(statement.target);
    yield* this.#statements(statement.body);
    this.#endLoop(outer);
  }

  *#while(statement: ast.While): Steps<void> {
    if (this.#options.while) {
      this.#refuseAtTop(statement, 'while loop', '');
    } else {
      this.#fault(noWhile, keywordOf(statement, 5));
    }
    this.#names.scope.hasLoop = true;
    this.#expression(statement.condition);
    const outer = this.#beginLoop(null);
    yield* this.#statements(statement.body);
    this.#endLoop(outer);
  }

  /** @param target what each turn binds; null for a `while` */
  #beginLoop(target: ast.Target | null): ReadonlySet<Variable> {
    this.#loops++;
    return this.#names.enterLoop(target);
  }

  #endLoop(outer: ReadonlySet<Variable>): void {
    this.#names.endLoop(outer);
    this.#loops--;
  }

  /** @param what such as `for loop`; @param instead what to write there, if anything, ending in `or` */
  #refuseAtTop(statement: ast.Statement, what: string, instead: string): void {
    if (this.#names.scope.node !== null || this.#options.toplevelControl) return;
    this.#fault(
      `${what} not within a function; ${instead}put it into a function and call that`,
      keywordOf(statement, what.indexOf(' ')),
    );
  }

  #return(statement: ast.Return): void {
    if (this.#names.scope.node === null && !this.#options.topLevelReturn) {
      this.#fault('return statement not within a function', statement);
    }
    if (statement.value !== null) this.#expression(statement.value);
  }

  #jump(statement: ast.Jump): void {
    if (statement.word !== 'pass' && this.#loops === 0)
      this.#fault(`${statement.word} not in a loop`, statement);
  }

  #load(statement: ast.Load): void {
    if (this.#names.scope.node !== null) this.#fault('load statement within a function', statement);
    else if (this.#loops > 0 || this.#branches > 0)
      this.#fault('load statement within a loop or conditional', statement);
    for (const item of statement.items) {
      this.#names.reach(item.name);
      if (item.original.startsWith('_')) {
        this.#fault(`load: names with leading underscores are not exported: ${item.original}`, item);
      }
    }
  }

  /* Expressions */

  #expression(node: ast.Expression): void {
    if (node.kind === 'Name') return this.#names.use(node, false);
    if (this.#depth >= maxDepth)
      return this.#fault('this expression is nested too deeply; give its parts names', node);
    this.#depth++;
    this.#parts(node);
    this.#depth--;
  }

  #parts(node: ast.Expression): void {
    switch (node.kind) {
      case 'Tuple':
      case 'List':
        for (const item of node.items) this.#expression(item);
        return;
      case 'Dict':
        for (const { key, value } of node.entries) {
          this.#expression(key);
          this.#expression(value);
        }
        return;
      case 'FString':
        return this.#fString(node.parts);
      case 'Unary':
        return this.#expression(node.operand);
      case 'Binary':
        return this.#operators(node);
      case 'Conditional':
        this.#expression(node.condition);
        this.#expression(node.then);
        return this.#expression(node.otherwise);
      case 'Lambda':
        return this.#lambda(node.fn);
      case 'Call':
        return this.#call(node);
      case 'Index':
        this.#expression(node.object);
        return this.#expression(node.index);
      case 'Slice':
        this.#expression(node.object);
        for (const bound of [node.low, node.high, node.step]) if (bound !== null) this.#expression(bound);
        return;
      case 'Attribute':
        return this.#attribute(node);
      case 'Comprehension':
        return this.#comprehension(node);
      default:
    }
  }

  #callee(callee: ast.Expression): void {
    const before = this.#faults.length;
    this.#expression(callee);
    if (callee.kind !== 'Attribute' || this.#faults.length > before) return;
    const fault = this.#members?.ofMethod(callee.name);
    if (fault !== undefined) this.#fault(fault, callee);
  }

  #attribute(node: ast.Attribute): void {
    const { object, name } = node;
    this.#expression(object);
    if (object.kind !== 'Name' || object.binding?.kind !== 'predeclared') return;
    const fault = this.#members?.ofModule(object.name, name);
    if (fault !== undefined) this.#fault(fault, node);
  }

  /** Operators in a row, which the tree holds one within the other, the last on top. */
  #operators(last: ast.Binary): void {
    const row = last.left.kind === 'Binary' ? rowOf(last) : [last];
    this.#expression(row[0]!.left);
    for (const node of row) {
      this.#expression(node.right);
      this.#remark(neverEqual(node), node);
    }
  }

  #fString(parts: readonly ast.FStringPart[]): void {
    for (const part of parts) {
      if (typeof part === 'string') continue;
      this.#expression(part.value);
      this.#fString(part.spec);
    }
  }

  #call(node: ast.Call): void {
    this.#names.scope.calls.push(node);
    if (node.callee.kind === 'Name') this.#names.use(node.callee, true);
    else this.#callee(node.callee);
    checkArguments(node.args, (message, argument) => this.#fault(message, argument));
    const { calls } = this.#names.scope;
    const before = calls.length;
    for (const argument of node.args) this.#expression(argument.value);
    node.argsCall = calls.length > before;
  }

  #comprehension(node: ast.Comprehension): void {
    const [first, ...others] = node.clauses;
    this.#names.scope.hasLoop = true;
    if (first?.kind !== 'for') return;
    this.#expression(first.iterable);
    this.#depth += node.clauses.length;
    if (this.#depth > maxDepth) this.#fault('this comprehension has too many clauses; write loops', node);
    this.#names.enterComprehension();
    // Every variable is one of the whole comprehension, also in a clause that stands before its own.
    for (const clause of node.clauses) if (clause.kind === 'for') this.#declareTargets(clause);
    this.#target(first.target);
    for (const clause of others) {
      if (clause.kind === 'if') this.#expression(clause.condition);
      else {
        this.#expression(clause.iterable);
        this.#target(clause.target);
      }
    }
    const last = node.clauses.findLast((clause) => clause.kind === 'for') ?? first;
    const outer = this.#names.enterLoop(last.target);
    if (node.key !== null) this.#expression(node.key);
    this.#expression(node.value);
    this.#names.endLoop(outer);
    this.#names.leave();
    this.#depth -= node.clauses.length;
  }

  #declareTargets(clause: ast.ForClause): void {
    findTargets(clause.target, (name) => this.#names.declare(name, null, false), false);
  }

  *#function(fn: ast.FunctionNode): Steps<void> {
    const leave = this.#enterFunction(fn);
    yield* this.#statements(fn.body);
    leave();
  }

  /** The body of a lambda is one `return`. */
  #lambda(fn: ast.FunctionNode): void {
    const leave = this.#enterFunction(fn);
    this.#depth++;
    for (const statement of fn.body) if (statement.kind === 'Return') this.#return(statement);
    this.#depth--;
    leave();
  }

  /** @returns what ends the function */
  #enterFunction(fn: ast.FunctionNode): () => void {
    for (const { fallback } of fn.params) if (fallback !== null) this.#expression(fallback);
    const [loops, branches] = [this.#loops, this.#branches];
    this.#loops = 0;
    this.#branches = 0;
    const scope = this.#names.enterFunction(fn);
    fn.scope = scope;
    this.#declareParams(fn.params);
    this.#names.declareAll(fn.body);
    return () => {
      this.#names.leave();
      this.#names.endLoop(scope.loopVariables);
      this.#loops = loops;
      this.#branches = branches;
    };
  }

  #declareParams(params: readonly ast.Param[]): void {
    let last: ast.Param | null = null;
    let afterStar = false;
    for (const param of params) {
      const wrong = misplacedParam(param, last, afterStar);
      if (wrong !== '') this.#fault(wrong, param);
      if (param.kind === 'star' || param.kind === 'args') afterStar = true;
      if (param.kind !== 'star') last = param;
      if (param.name === null) continue;
      if (this.#names.has(param.name.name)) this.#fault(`duplicate parameter: ${param.name.name}`, param);
      this.#names.declareParameter(param.name);
    }
    const star = params.findIndex(({ kind }) => kind === 'star');
    const next = params[star + 1];
    if (star >= 0 && (next === undefined || next.kind === 'kwargs')) {
      this.#fault('bare * must be followed by keyword-only parameters', params[star]!);
    }
  }
}

/** A statement with blocks. */
type Compound = ast.Def | ast.If | ast.For | ast.While;

function isCompound(statement: ast.Statement): statement is Compound {
  const { kind } = statement;
  return kind === 'If' || kind === 'For' || kind === 'Def' || kind === 'While';
}

function keywordOf(statement: ast.Statement, length: number): ast.Node {
  return { start: statement.start, end: statement.start + length };
}
