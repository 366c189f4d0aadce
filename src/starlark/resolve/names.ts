import type { FileOptions } from '../options.ts';
import type * as ast from '../syntax/ast.ts';
import type { Source } from '../syntax/source.ts';
import type { Fault } from './argument-order.ts';
import type { MemberCheck } from './members.ts';
import { findBindings, findTargets } from './bindings.ts';
import { meantName } from './meant-name.ts';
import { withoutName } from './python-names.ts';
import type { FunctionScope, Variable } from './scope.ts';

/** The names a program may use without binding them. A predeclared name hides a universal one. */
export interface Environment {
  readonly predeclared: ReadonlySet<string>;
  readonly universal: ReadonlySet<string>;
  /** Those predeclared names that a file which binds them at its top level finds bound: it changes a variable of its own. */
  readonly variables: ReadonlySet<string>;
  /** What to say of certain names that there are not, such as what to write instead. */
  readonly hints: ReadonlyMap<string, string>;
  /** What is known of attributes; null where a host's values may have any. */
  readonly members: MemberCheck | null;
}

/** Of the names that there are not, how many are compared with those that there are: far more than are reported. */
const mostExplained = 50;
/** With how many, all together. */
const mostCompared = 20_000;

const noVariables: ReadonlySet<Variable> = new Set();

/** Names visible in a stretch of the program: a function's, or within it a comprehension's. */
interface Block {
  readonly names: Map<string, Variable>;
  readonly parent: Block | null;
  readonly scope: FunctionScope;
}

/** Which variable each name stands for: the functions and comprehensions that are open, and what they bind. */
export class Names {
  readonly scopes: FunctionScope[] = [];
  /** The variables that are handed in and used, by name. */
  readonly #handedIn = new Map<string, Variable>();
  readonly #source: Source;
  readonly #options: FileOptions;
  readonly #environment: Environment;
  readonly #fault: Fault;
  /** The file's variables that have been bound so far, in the order in which its statements stand. */
  readonly #reached = new Set<Variable>();
  readonly #refused = new Set<string>();
  #loopVariables: ReadonlySet<Variable> = noVariables;
  /** How many names have been compared with those that there are not. */
  #compared = 0;
  #nextId = 0;
  #block!: Block;

  /** @param fault takes each thing that is found to be wrong */
  constructor(source: Source, options: FileOptions, environment: Environment, fault: Fault) {
    this.#source = source;
    this.#options = options;
    this.#environment = environment;
    this.#fault = fault;
  }

  /** The function that is open, or the file. */
  get scope(): FunctionScope {
    return this.#block.scope;
  }

  /** The handed-in variables that are used, in order of first use. */
  get used(): readonly Variable[] {
    return [...this.#handedIn.values()];
  }

  /** From here on names are those of a function; of the file for null. */
  enterFunction(node: ast.FunctionNode | null): FunctionScope {
    const parent = this.#block === undefined ? null : this.#block.scope;
    const scope: FunctionScope = {
      id: this.scopes.length,
      node,
      parent,
      locals: [],
      captures: new Set(),
      calls: [],
      hasLoop: false,
      loopVariables: this.#loopVariables,
      loopReads: new Set(),
    };
    this.#loopVariables = noVariables;
    this.scopes.push(scope);
    this.#block = { names: new Map(), parent: this.#block ?? null, scope };
    return scope;
  }

  /**
   * From here on functions are made in a loop that binds the names in `target`; in none where it is null. Returns what
   * {@link endLoop} takes.
   */
  enterLoop(target: ast.Expression | null): ReadonlySet<Variable> {
    const outer = this.#loopVariables;
    const variables = new Set<Variable>();
    if (target !== null)
      findTargets(target, ({ binding }) => void (binding && variables.add(binding)), false);
    this.#loopVariables = variables;
    return outer;
  }

  endLoop(outer: ReadonlySet<Variable>): void {
    this.#loopVariables = outer;
  }

  /** From here on names are those of a comprehension. */
  enterComprehension(): void {
    const parent = this.#block;
    this.#block = { names: new Map(), parent, scope: parent.scope };
  }

  /** Ends what was entered last. */
  leave(): void {
    this.#block = this.#block.parent!;
  }

  /* Binding names */

  /** Declares every name that the statements of a function's body, or of the file, bind. */
  declareAll(body: readonly ast.Statement[]): void {
    findBindings(body, (name, definition, augmented) => this.declare(name, definition, augmented));
  }

  /** Ties a name that is bound here to its variable. `augmented`: by an operator such as `+=`. */
  declare(name: ast.Name, definition: ast.FunctionNode | null, augmented: boolean): Variable {
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

  /** A statement that binds the name, which is declared, has been reached. */
  reach(name: ast.Name): void {
    if (name.binding?.kind === 'global') this.#reached.add(name.binding);
  }

  declareParameter(name: ast.Name): void {
    name.binding = this.#newVariable(name, 'local', { isParameter: true });
  }

  /** Whether the innermost function or comprehension has bound the name so far. */
  has(name: string): boolean {
    return this.#block.names.has(name);
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

  /** Ties a name that is read here to its variable. */
  use(node: ast.Name, isCallee: boolean): void {
    const own = this.#lookup(node.name);
    const variable = own === undefined || this.#isStillHandedIn(own) ? this.#lookupHandedIn(node.name) : own;
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

  /**
   * Whether a name stands for what is handed in although the file binds it, further down. Where globals may be bound
   * again the top level is read from top to bottom, as in the Go implementation, so that `max = max(xs)` works;
   * elsewhere, and in functions, a name that is bound anywhere is that variable everywhere.
   */
  #isStillHandedIn(variable: Variable): boolean {
    if (!this.#options.globalReassign || variable.kind !== 'global') return false;
    return this.scope.node === null && !this.#reached.has(variable) && this.#isHandedIn(variable.name);
  }

  #capture(variable: Variable, from: FunctionScope): void {
    variable.isCaptured = true;
    for (
      let scope: FunctionScope | null = from;
      scope !== null && scope !== variable.scope;
      scope = scope.parent
    ) {
      if (scope.loopVariables.has(variable)) scope.loopReads.add(variable);
    }
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

  /** Says once of each name that there is none, and what was meant. */
  #refuseUnknown(node: ast.Name): void {
    if (this.#refused.has(node.name)) return;
    this.#refused.add(node.name);
    const instead = this.#environment.hints.get(node.name) ?? withoutName(node.name);
    let hint = instead === undefined ? '' : `; ${instead}`;
    if (hint === '' && this.#refused.size <= mostExplained && this.#compared < mostCompared) {
      const visible = [...this.#visibleNames()];
      this.#compared += visible.length;
      const meant = meantName(this.#source.text, node, visible);
      if (meant.length > 0) hint = ` (did you mean ${meant.map((name) => `\`${name}\``).join(' or ')}?)`;
    }
    this.#fault(`undefined: ${node.name}${hint}`, node);
  }

  *#visibleNames(): Iterable<string> {
    for (let block: Block | null = this.#block; block !== null; block = block.parent)
      yield* block.names.keys();
    yield* this.#environment.predeclared;
    yield* this.#environment.universal;
  }
}
