/**
 * The syntax tree: plain data, each node with the offsets of its text (`end` exclusive).
 *
 * `at` is where an error of evaluating the node points: the operator, bracket or dot, as in the Go implementation.
 * Parentheses leave no node; that a tuple was parenthesized matters nowhere after parsing.
 * The resolver fills in the fields that start out as null and are called `binding` or `scope`.
 */
import type { FunctionScope, Variable } from '../resolve/scope.ts';

export interface Node {
  readonly start: number;
  readonly end: number;
}

export type Expression =
  | Name
  | IntLiteral
  | FloatLiteral
  | StringLiteral
  | BytesLiteral
  | FString
  | TupleDisplay
  | ListDisplay
  | DictDisplay
  | Unary
  | Binary
  | Conditional
  | Lambda
  | Call
  | Index
  | Slice
  | Attribute
  | Comprehension;

export interface Name extends Node {
  readonly kind: 'Name';
  readonly name: string;
  binding: Variable | null;
}

export interface IntLiteral extends Node {
  readonly kind: 'Int';
  readonly value: number | bigint;
}

export interface FloatLiteral extends Node {
  readonly kind: 'Float';
  readonly value: number;
}

export interface StringLiteral extends Node {
  readonly kind: 'String';
  readonly value: string;
}

export interface BytesLiteral extends Node {
  readonly kind: 'Bytes';
  readonly value: Uint8Array;
}

export interface FString extends Node {
  readonly kind: 'FString';
  readonly parts: readonly FStringPart[];
}

/** Text, or a value with its conversion and format spec (parts of their own; empty when there is none). */
export type FStringPart = string | FStringValue;

export interface FStringValue {
  readonly value: Expression;
  readonly conversion: 'r' | 's' | null;
  readonly spec: readonly FStringPart[];
}

export interface TupleDisplay extends Node {
  readonly kind: 'Tuple';
  readonly items: readonly Expression[];
}

export interface ListDisplay extends Node {
  readonly kind: 'List';
  readonly items: readonly Expression[];
}

export interface DictDisplay extends Node {
  readonly kind: 'Dict';
  readonly entries: readonly DictEntry[];
}

export interface DictEntry extends Node {
  readonly key: Expression;
  readonly value: Expression;
}

export type UnaryOperator = '-' | '+' | '~' | 'not';

export interface Unary extends Node {
  readonly kind: 'Unary';
  readonly operator: UnaryOperator;
  readonly operand: Expression;
}

export type BinaryOperator =
  ArithmeticOperator | '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in' | 'and' | 'or';

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '//' | '%' | '|' | '&' | '^' | '<<' | '>>';

export interface Binary extends Node {
  readonly kind: 'Binary';
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
  readonly at: number;
}

export interface Conditional extends Node {
  readonly kind: 'Conditional';
  readonly condition: Expression;
  readonly then: Expression;
  readonly otherwise: Expression;
}

export interface Lambda extends Node {
  readonly kind: 'Lambda';
  readonly fn: FunctionNode;
}

/** What `def` and `lambda` share. A lambda's body is one return statement. */
export interface FunctionNode extends Node {
  readonly name: string;
  readonly params: readonly Param[];
  readonly body: readonly Statement[];
  /** The comment-like first string of a `def`, or null. */
  readonly doc: string | null;
  scope: FunctionScope | null;
}

/** `star` is the lone `*` after which parameters are keyword-only. */
export interface Param extends Node {
  readonly kind: 'required' | 'optional' | 'args' | 'kwargs' | 'star';
  readonly name: Name | null;
  readonly fallback: Expression | null;
}

export interface Call extends Node {
  readonly kind: 'Call';
  readonly callee: Expression;
  readonly args: readonly Argument[];
  readonly at: number;
  /** Whether evaluating the arguments calls something. Found by the resolver. */
  argsCall: boolean;
}

export interface Argument extends Node {
  readonly kind: 'positional' | 'named' | 'args' | 'kwargs';
  /** The parameter's name of a named argument, else empty. */
  readonly name: string;
  readonly value: Expression;
}

export interface Index extends Node {
  readonly kind: 'Index';
  readonly object: Expression;
  readonly index: Expression;
  readonly at: number;
}

export interface Slice extends Node {
  readonly kind: 'Slice';
  readonly object: Expression;
  readonly low: Expression | null;
  readonly high: Expression | null;
  readonly step: Expression | null;
  readonly at: number;
}

export interface Attribute extends Node {
  readonly kind: 'Attribute';
  readonly object: Expression;
  readonly name: string;
  readonly at: number;
}

/** `key` is null for a list; else this is a dict comprehension. */
export interface Comprehension extends Node {
  readonly kind: 'Comprehension';
  readonly key: Expression | null;
  readonly value: Expression;
  readonly clauses: readonly Clause[];
}

export type Clause = ForClause | IfClause;

export interface ForClause extends Node {
  readonly kind: 'for';
  readonly target: Target;
  readonly iterable: Expression;
}

export interface IfClause extends Node {
  readonly kind: 'if';
  readonly condition: Expression;
}

/** What may be assigned to. */
export type Target = Name | Index | Attribute | TupleDisplay | ListDisplay;

export type Statement = Assign | ExpressionStatement | Def | For | While | If | Return | Jump | Load;

/** `operator` is null for a plain `=`, else the operator before the `=`. */
export interface Assign extends Node {
  readonly kind: 'Assign';
  readonly operator: ArithmeticOperator | null;
  readonly target: Target;
  readonly value: Expression;
  readonly at: number;
}

export interface ExpressionStatement extends Node {
  readonly kind: 'Expression';
  readonly value: Expression;
}

export interface Def extends Node {
  readonly kind: 'Def';
  readonly name: Name;
  readonly fn: FunctionNode;
}

export interface For extends Node {
  readonly kind: 'For';
  readonly target: Target;
  readonly iterable: Expression;
  readonly body: readonly Statement[];
}

export interface While extends Node {
  readonly kind: 'While';
  readonly condition: Expression;
  readonly body: readonly Statement[];
}

export interface If extends Node {
  readonly kind: 'If';
  readonly condition: Expression;
  readonly then: readonly Statement[];
  readonly otherwise: readonly Statement[];
}

export interface Return extends Node {
  readonly kind: 'Return';
  readonly value: Expression | null;
  /** Whether nobody wrote it: what a script ends with is its value. */
  readonly isImplied: boolean;
}

export interface Jump extends Node {
  readonly kind: 'Jump';
  readonly word: 'break' | 'continue' | 'pass';
}

export interface Load extends Node {
  readonly kind: 'Load';
  readonly module: string;
  readonly items: readonly LoadItem[];
}

/** Binds `name` here to the module's global `original`. */
export interface LoadItem extends Node {
  readonly name: Name;
  readonly original: string;
}

/** A whole file. */
export interface File extends Node {
  readonly body: readonly Statement[];
}
