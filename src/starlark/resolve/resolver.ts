import type { Diagnostic } from '../errors.ts';
import type { FileOptions } from '../options.ts';
import type * as ast from '../syntax/ast.ts';
import type { Source } from '../syntax/source.ts';
import { checkArguments, misplacedParam } from './argument-order.ts';
import { findTargets } from './bindings.ts';
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
export function certainFaults(
  file: ast.File,
  source: Source,
  options: FileOptions,
  environment: Environment,
): readonly Diagnostic[] {
  return resolve(file, source, options, environment).diagnostics.filter(({ message }) => message === noWhile);
}

/** Ties names to variables and reports everything that is wrong before the program runs, options included. */
export function resolve(
  file: ast.File,
  source: Source,
  options: FileOptions,
  environment: Environment,
): Resolved {
  return new Resolver(source, options, environment).resolveFile(file);
}

class Resolver {
  readonly #source: Source;
  readonly #options: FileOptions;
  readonly #names: Names;
  readonly #diagnostics: Diagnostic[] = [];
  readonly #remarks: Diagnostic[] = [];
  #loops = 0;
  #branches = 0;

  constructor(source: Source, options: FileOptions, environment: Environment) {
    this.#source = source;
    this.#options = options;
    this.#names = new Names(source, options, environment, (message, node) => this.#fault(message, node));
  }

  resolveFile(file: ast.File): Resolved {
    const scope = this.#names.enterFunction(null);
    this.#names.declareAll(file.body);
    this.#statements(file.body);
    const diagnostics = this.#diagnostics.sort(
      (a, b) => a.span.line - b.span.line || a.span.column - b.span.column,
    );
    return {
      scope,
      scopes: this.#names.scopes,
      used: this.#names.used,
      diagnostics: diagnostics.slice(0, maxDiagnostics),
      remarks: this.#remarks.slice(0, maxDiagnostics),
    };
  }

  #fault(message: string, node: ast.Node): void {
    this.#diagnostics.push(this.#source.diagnostic('resolve', message, node.start, node.end));
  }

  #remark(message: string | undefined, node: ast.Node): void {
    if (message !== undefined)
      this.#remarks.push(this.#source.diagnostic('resolve', message, node.start, node.end));
  }

  /* Statements */

  #statements(body: readonly ast.Statement[]): void {
    for (const statement of body) this.#statement(statement);
  }

  #statement(statement: ast.Statement): void {
    switch (statement.kind) {
      case 'Expression':
        return this.#expression(statement.value);
      case 'Assign':
        return this.#assign(statement);
      case 'Def':
        this.#names.reach(statement.name);
        return this.#function(statement.fn);
      case 'If':
        return this.#if(statement);
      case 'For':
        return this.#for(statement);
      case 'While':
        return this.#while(statement);
      case 'Return':
        return this.#return(statement);
      case 'Jump':
        return this.#jump(statement);
      case 'Load':
        return this.#load(statement);
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

  #if(statement: ast.If): void {
    this.#refuseAtTop(statement, 'if statement', 'write x = a if condition else b, or ');
    this.#expression(statement.condition);
    this.#branches++;
    this.#statements(statement.then);
    this.#statements(statement.otherwise);
    this.#branches--;
  }

  #for(statement: ast.For): void {
    this.#refuseAtTop(statement, 'for loop', 'write a comprehension, or ');
    this.#names.scope.hasLoop = true;
    this.#expression(statement.iterable);
    this.#target(statement.target);
    this.#loop(statement.body, statement.target);
  }

  #while(statement: ast.While): void {
    if (this.#options.while) {
      this.#refuseAtTop(statement, 'while loop', '');
    } else {
      this.#fault(noWhile, keywordOf(statement, 5));
    }
    this.#names.scope.hasLoop = true;
    this.#expression(statement.condition);
    this.#loop(statement.body, null);
  }

  /** @param target what each turn binds; null for a `while` */
  #loop(body: readonly ast.Statement[], target: ast.Target | null): void {
    this.#loops++;
    const outer = this.#names.enterLoop(target);
    this.#statements(body);
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
    switch (node.kind) {
      case 'Name':
        return this.#names.use(node, false);
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
        this.#expression(node.left);
        this.#expression(node.right);
        return this.#remark(neverEqual(node), node);
      case 'Conditional':
        this.#expression(node.condition);
        this.#expression(node.then);
        return this.#expression(node.otherwise);
      case 'Lambda':
        return this.#function(node.fn);
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
        return this.#expression(node.object);
      case 'Comprehension':
        return this.#comprehension(node);
      default:
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
    else this.#expression(node.callee);
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
  }

  #declareTargets(clause: ast.ForClause): void {
    findTargets(clause.target, (name) => this.#names.declare(name, null, false), false);
  }

  #function(fn: ast.FunctionNode): void {
    for (const { fallback } of fn.params) if (fallback !== null) this.#expression(fallback);
    const outer = { loops: this.#loops, branches: this.#branches };
    this.#loops = 0;
    this.#branches = 0;
    fn.scope = this.#names.enterFunction(fn);
    this.#params(fn.params);
    this.#names.declareAll(fn.body);
    this.#statements(fn.body);
    this.#names.leave();
    this.#names.endLoop(fn.scope.loopVariables);
    this.#loops = outer.loops;
    this.#branches = outer.branches;
  }

  #params(params: readonly ast.Param[]): void {
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

function keywordOf(statement: ast.Statement, length: number): ast.Node {
  return { start: statement.start, end: statement.start + length };
}
