import type { Diagnostic } from '../errors.ts';
import type { FileOptions } from '../options.ts';
import type * as ast from '../syntax/ast.ts';
import type { Source } from '../syntax/source.ts';
import { nearest } from '../values/near-miss.ts';
import { findBindings, findTargets } from './bindings.ts';
import { pythonNames } from './python-names.ts';
import type { FunctionScope, Variable } from './scope.ts';

/** The names a program may use without binding them. A predeclared name hides a universal one. */
export interface Environment {
  readonly predeclared: ReadonlySet<string>;
  readonly universal: ReadonlySet<string>;
  /** Those predeclared names that a file which binds them at its top level finds bound: it changes a variable of its own. */
  readonly variables: ReadonlySet<string>;
}

/** A resolved file: every name is tied to its variable. `used` are the handed-in variables, in order of first use. */
export interface Resolved {
  readonly scope: FunctionScope;
  readonly scopes: readonly FunctionScope[];
  readonly used: readonly Variable[];
  readonly diagnostics: readonly Diagnostic[];
}

const maxDiagnostics = 10;

/** Ties names to variables and reports everything that is wrong before the program runs, options included. */
export function resolve(
  file: ast.File,
  source: Source,
  options: FileOptions,
  environment: Environment,
): Resolved {
  return new Resolver(source, options, environment).resolveFile(file);
}

/** Names visible in a stretch of the program: a function's, or within it a comprehension's. */
interface Block {
  readonly names: Map<string, Variable>;
  readonly parent: Block | null;
  readonly scope: FunctionScope;
}

class Resolver {
  readonly #source: Source;
  readonly #options: FileOptions;
  readonly #environment: Environment;
  readonly #diagnostics: Diagnostic[] = [];
  readonly #scopes: FunctionScope[] = [];
  readonly #handedIn = new Map<string, Variable>();
  #nextId = 0;
  #loops = 0;
  #branches = 0;
  #block!: Block;

  constructor(source: Source, options: FileOptions, environment: Environment) {
    this.#source = source;
    this.#options = options;
    this.#environment = environment;
  }

  resolveFile(file: ast.File): Resolved {
    const scope = this.#enter(null);
    this.#declareAll(file.body);
    this.#statements(file.body);
    const diagnostics = this.#diagnostics.sort(
      (a, b) => a.span.line - b.span.line || a.span.column - b.span.column,
    );
    return {
      scope,
      scopes: this.#scopes,
      used: [...this.#handedIn.values()],
      diagnostics: diagnostics.slice(0, maxDiagnostics),
    };
  }

  #enter(node: ast.FunctionNode | null): FunctionScope {
    const parent = this.#block === undefined ? null : this.#block.scope;
    const scope: FunctionScope = {
      id: this.#scopes.length,
      node,
      parent,
      locals: [],
      captures: new Set(),
      calls: [],
      hasLoop: false,
    };
    this.#scopes.push(scope);
    this.#block = { names: new Map(), parent: this.#block ?? null, scope };
    return scope;
  }

  #fault(message: string, node: ast.Node): void {
    this.#diagnostics.push(this.#source.diagnostic('resolve', message, node.start, node.end));
  }

  /* Binding names */

  #declareAll(body: readonly ast.Statement[]): void {
    findBindings(body, (name, definition, augmented) => this.#declare(name, definition, augmented));
  }

  #declare(name: ast.Name, definition: ast.FunctionNode | null, augmented: boolean): Variable {
    const { scope, names } = this.#block;
    const known = names.get(name.name);
    if (known !== undefined) {
      known.bindings++;
      known.definition = null;
      if (known.kind === 'global' && !this.#options.globalReassign) this.#refuseReassignment(known, name);
      return (name.binding = known);
    }
    const isGlobal = scope.node === null && this.#block.parent === null;
    if (augmented && isGlobal && !this.#options.globalReassign && this.#isHandedIn(name.name)) {
      this.#fault(`cannot assign to ${name.name}: it is not a variable of this file`, name);
    }
    if (isGlobal && this.#environment.variables.has(name.name)) return this.#declareGiven(name);
    const variable = this.#newVariable(name, isGlobal ? 'global' : 'local', { definition });
    return (name.binding = variable);
  }

  /** A variable of the file's whose first value is handed in, which is one binding more than the file has. */
  #declareGiven(name: ast.Name): Variable {
    const variable = this.#newVariable(name, 'global', {});
    variable.bindings++;
    this.#handedIn.set(name.name, variable);
    return (name.binding = variable);
  }

  #newVariable(
    name: ast.Name,
    kind: 'local' | 'global',
    facts: { definition?: ast.FunctionNode | null; isParameter?: boolean },
  ): Variable {
    const { scope, names } = this.#block;
    const variable: Variable = {
      name: name.name,
      kind,
      id: this.#nextId++,
      scope,
      isParameter: facts.isParameter ?? false,
      isInComprehension: this.#block.parent?.scope === scope,
      bindings: 1,
      definition: facts.definition ?? null,
      first: name,
      isCaptured: false,
      escapes: false,
    };
    names.set(name.name, variable);
    scope.locals.push(variable);
    return variable;
  }

  #refuseReassignment(variable: Variable, name: ast.Name): void {
    const span = this.#source.span(variable.first!.start, variable.first!.end);
    this.#fault(
      `cannot reassign global ${variable.name} declared at ${span.filename}:${span.line}:${span.column}`,
      name,
    );
  }

  #isHandedIn(name: string): boolean {
    return this.#environment.predeclared.has(name) || this.#environment.universal.has(name);
  }

  /* Using names */

  #use(node: ast.Name, isCallee: boolean): void {
    const variable = this.#lookup(node.name) ?? this.#lookupHandedIn(node.name);
    if (variable === undefined) return this.#refuseUnknown(node);
    node.binding = variable;
    if (!isCallee) variable.escapes = true;
  }

  #lookup(name: string): Variable | undefined {
    const here = this.#block.scope;
    for (let block: Block | null = this.#block; block !== null; block = block.parent) {
      const variable = block.names.get(name);
      if (variable === undefined) continue;
      if (block.scope !== here) this.#capture(variable, here);
      return variable;
    }
    return undefined;
  }

  #capture(variable: Variable, from: FunctionScope): void {
    variable.isCaptured = true;
    if (variable.kind === 'global') return;
    for (
      let scope: FunctionScope | null = from;
      scope !== null && scope !== variable.scope;
      scope = scope.parent
    ) {
      scope.captures.add(variable);
    }
  }

  #lookupHandedIn(name: string): Variable | undefined {
    const known = this.#handedIn.get(name);
    if (known !== undefined) return known;
    if (!this.#isHandedIn(name)) return undefined;
    const variable: Variable = {
      name,
      kind: this.#environment.predeclared.has(name) ? 'predeclared' : 'universal',
      id: this.#nextId++,
      scope: null,
      isParameter: false,
      isInComprehension: false,
      bindings: 0,
      definition: null,
      first: null,
      isCaptured: false,
      escapes: false,
    };
    this.#handedIn.set(name, variable);
    return variable;
  }

  #refuseUnknown(node: ast.Name): void {
    const near = nearest(node.name, this.#visibleNames());
    const python = pythonNames.get(node.name);
    let hint = '';
    if (python !== undefined) hint = `; ${python}`;
    else if (near !== undefined) hint = ` (did you mean \`${near}\`?)`;
    this.#fault(`undefined: ${node.name}${hint}`, node);
  }

  *#visibleNames(): Iterable<string> {
    for (let block: Block | null = this.#block; block !== null; block = block.parent)
      yield* block.names.keys();
    yield* this.#environment.predeclared;
    yield* this.#environment.universal;
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
    else if (target.kind !== 'Name') this.#expression(target);
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
    this.#block.scope.hasLoop = true;
    this.#expression(statement.iterable);
    this.#target(statement.target);
    this.#loop(statement.body);
  }

  #while(statement: ast.While): void {
    if (this.#options.while) {
      this.#refuseAtTop(statement, 'while loop', '');
    } else {
      const message = "Starlark has no 'while' here; write: for _ in range(limit): … and break";
      this.#fault(message, keywordOf(statement, 5));
    }
    this.#block.scope.hasLoop = true;
    this.#expression(statement.condition);
    this.#loop(statement.body);
  }

  #loop(body: readonly ast.Statement[]): void {
    this.#loops++;
    this.#statements(body);
    this.#loops--;
  }

  /** @param what such as `for loop`; @param instead what to write there, if anything, ending in `or` */
  #refuseAtTop(statement: ast.Statement, what: string, instead: string): void {
    if (this.#block.scope.node !== null || this.#options.toplevelControl) return;
    this.#fault(
      `${what} not within a function; ${instead}put it into a function and call that`,
      keywordOf(statement, what.indexOf(' ')),
    );
  }

  #return(statement: ast.Return): void {
    if (this.#block.scope.node === null && !this.#options.topLevelReturn) {
      this.#fault('return statement not within a function', statement);
    }
    if (statement.value !== null) this.#expression(statement.value);
  }

  #jump(statement: ast.Jump): void {
    if (statement.word !== 'pass' && this.#loops === 0)
      this.#fault(`${statement.word} not in a loop`, statement);
  }

  #load(statement: ast.Load): void {
    if (this.#block.scope.node !== null) this.#fault('load statement within a function', statement);
    else if (this.#loops > 0 || this.#branches > 0)
      this.#fault('load statement within a loop or conditional', statement);
    for (const item of statement.items) {
      if (item.original.startsWith('_')) {
        this.#fault(`load: names with leading underscores are not exported: ${item.original}`, item);
      }
    }
  }

  /* Expressions */

  #expression(node: ast.Expression): void {
    switch (node.kind) {
      case 'Name':
        return this.#use(node, false);
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
        return this.#expression(node.right);
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
    this.#block.scope.calls.push(node);
    if (node.callee.kind === 'Name') this.#use(node.callee, true);
    else this.#expression(node.callee);
    this.#checkArguments(node.args);
    for (const argument of node.args) this.#expression(argument.value);
  }

  #checkArguments(args: readonly ast.Argument[]): void {
    const seen = new Set<string>();
    let last: ast.Argument['kind'] = 'positional';
    for (const argument of args) {
      if (argument.kind === 'named') {
        if (seen.has(argument.name)) this.#fault(`keyword argument ${argument.name} is repeated`, argument);
        seen.add(argument.name);
      }
      const wrong = misplaced(argument.kind, last);
      if (wrong !== '') this.#fault(wrong, argument);
      last = argument.kind;
    }
  }

  #comprehension(node: ast.Comprehension): void {
    const [first, ...others] = node.clauses;
    this.#block.scope.hasLoop = true;
    if (first?.kind !== 'for') return;
    this.#expression(first.iterable);
    const outer = this.#block;
    this.#block = { names: new Map(), parent: outer, scope: outer.scope };
    this.#bindClause(first);
    for (const clause of others) {
      if (clause.kind === 'if') this.#expression(clause.condition);
      else {
        this.#expression(clause.iterable);
        this.#bindClause(clause);
      }
    }
    if (node.key !== null) this.#expression(node.key);
    this.#expression(node.value);
    this.#block = outer;
  }

  #bindClause(clause: ast.ForClause): void {
    findTargets(clause.target, (name) => this.#declare(name, null, false), false);
    this.#target(clause.target);
  }

  #function(fn: ast.FunctionNode): void {
    for (const { fallback } of fn.params) if (fallback !== null) this.#expression(fallback);
    const outer = { block: this.#block, loops: this.#loops, branches: this.#branches };
    this.#loops = 0;
    this.#branches = 0;
    fn.scope = this.#enter(fn);
    this.#params(fn.params);
    this.#declareAll(fn.body);
    this.#statements(fn.body);
    this.#block = outer.block;
    this.#loops = outer.loops;
    this.#branches = outer.branches;
  }

  #params(params: readonly ast.Param[]): void {
    let last: ast.Param['kind'] = 'required';
    let afterStar = false;
    for (const param of params) {
      const wrong = misplacedParam(param, last, afterStar);
      if (wrong !== '') this.#fault(wrong, param);
      if (param.kind === 'star' || param.kind === 'args') afterStar = true;
      if (param.kind !== 'star') last = param.kind;
      if (param.name === null) continue;
      if (this.#block.names.has(param.name.name))
        this.#fault(`duplicate parameter: ${param.name.name}`, param);
      param.name.binding = this.#newVariable(param.name, 'local', { isParameter: true });
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

function misplaced(kind: ast.Argument['kind'], last: ast.Argument['kind']): string {
  if (last === 'kwargs')
    return kind === 'kwargs'
      ? 'multiple **kwargs not allowed'
      : `${argumentWords[kind]} may not follow **kwargs`;
  if (last === 'args' && kind === 'args') return 'multiple *args not allowed';
  if (kind !== 'positional') return '';
  if (last === 'args') return 'positional argument may not follow *args';
  return last === 'named' ? 'positional argument may not follow named' : '';
}

const argumentWords = {
  positional: 'positional argument',
  named: 'keyword argument',
  args: '*args',
  kwargs: '**kwargs',
};

function misplacedParam(param: ast.Param, last: ast.Param['kind'], afterStar: boolean): string {
  if (last === 'kwargs') {
    return param.kind === 'kwargs'
      ? 'multiple ** parameters not allowed'
      : 'no parameter may follow **kwargs';
  }
  if ((param.kind === 'star' || param.kind === 'args') && afterStar)
    return 'multiple * parameters not allowed';
  if (param.kind === 'required' && last === 'optional' && !afterStar)
    return 'required parameter may not follow optional';
  return '';
}
