import type { Call, FunctionNode, Name } from '../syntax/ast.ts';

/**
 * What a name stands for. Every variable of a program has an `id` of its own; names play no part after resolving.
 */
export interface Variable {
  readonly name: string;
  /**
   * `global`: bound at the top level of the file, and perhaps handed in with a first value; `predeclared` and `universal`:
   * handed in, never assigned.
   */
  readonly kind: 'local' | 'global' | 'predeclared' | 'universal';
  readonly id: number;
  /** The function it is a local of, or the file. Null for what is handed in. */
  readonly scope: FunctionScope | null;
  readonly isParameter: boolean;
  /** Whether a comprehension binds it; it is then seen only there. */
  readonly isInComprehension: boolean;
  /** How many places bind it. */
  bindings: number;
  /** The function it holds whenever it holds anything: set while a `def` is its only binding. */
  definition: FunctionNode | null;
  /** Where it is first bound, for "already declared at". */
  readonly first: Name | null;
  /** Whether a function within its scope uses it. */
  isCaptured: boolean;
  /** Whether it is used other than by calling it: its value may then be called from anywhere. */
  escapes: boolean;
}

/** A function's (or the file's) variables, and what the compiler must know about its body. */
export interface FunctionScope {
  readonly id: number;
  /** Null for the file. */
  readonly node: FunctionNode | null;
  readonly parent: FunctionScope | null;
  /** Parameters first; comprehension variables included. */
  readonly locals: Variable[];
  /** Variables of enclosing functions (not of the file) that this body, or a function within it, uses. */
  readonly captures: Set<Variable>;
  /** Every call in the body, those of comprehensions included, those of functions within it not. */
  readonly calls: Call[];
  hasLoop: boolean;
  /** What the innermost loop around the function, in the function around it, binds anew at each turn. */
  readonly loopVariables: ReadonlySet<Variable>;
  /** Those of them that this body, or a function within it, reads: when it is called, not as they were at its turn. */
  readonly loopReads: Set<Variable>;
}
