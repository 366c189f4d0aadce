/** Operators with two operands, as they are written. */
export type BinaryOperator =
  '+' | '-' | '*' | '/' | '//' | '%' | '|' | '&' | '^' | '<<' | '>>' | 'in' | 'not in';
/** Operators with one operand, but for `not`. */
export type UnaryOperator = '-' | '+' | '~';
/** The operators that ask for an order. */
export type ComparisonOperator = '<' | '<=' | '>' | '>=';
