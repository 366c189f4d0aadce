import { StarlarkError } from '../errors.ts';
import { Dict } from './dict.ts';
import { List } from './list.ts';
import type { BinaryOperator } from './operator.ts';
import { StarlarkSet } from './set.ts';
import { Tuple } from './tuple.ts';
import { typeName } from './type-name.ts';
import type { Value } from './value.ts';
import { noneHint } from './wrong-kind.ts';

/** The error for an operator that the two operands do not have. */
export function unknownOperator(operator: BinaryOperator, x: Value, y: Value): StarlarkError {
  const types = `${typeName(x)} ${operator} ${typeName(y)}`;
  return new StarlarkError('type', `unknown binary op: ${types}${operatorHint(operator, x, y)}`);
}

/** What to write instead, for the slips that a Python programmer makes. */
function operatorHint(operator: BinaryOperator, x: Value, y: Value): string {
  if (operator === '+' && x !== null && y !== null && (typeof x === 'string') !== (typeof y === 'string'))
    return ' (convert with str(x) first)';
  if (operator === '+' && x instanceof Dict && y instanceof Dict) return ' (write x | y)';
  if (operator === '+' && x instanceof StarlarkSet && y instanceof StarlarkSet) return ' (write x | y)';
  if (operator === '+' && x instanceof List && y instanceof Tuple) return ' (write x + list(y))';
  if (operator === '+' && x instanceof Tuple && y instanceof List) return ' (write list(x) + y)';
  return noneHint(x, y);
}
