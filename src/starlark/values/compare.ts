import { StarlarkError } from '../errors.ts';
import type { Thread } from '../eval/thread.ts';
import { Bytes, compareBytes } from './bytes.ts';
import { comparing } from './costs.ts';
import { equals, maxNesting, nestedTooDeeply } from './equals.ts';
import { StarlarkFloat } from './float.ts';
import { HostValue } from './host-value.ts';
import { compareNumbers, isInt, payComparison } from './int.ts';
import { List } from './list.ts';
import { longText } from './long-text.ts';
import type { ComparisonOperator } from './operator.ts';
import { Tuple } from './tuple.ts';
import { typeName } from './type-name.ts';
import type { Value } from './value.ts';
import { orderHint } from './wrong-kind.ts';

/** `x op y` for the four ordering operators. Fails for values that have no order. */
export function compare(thread: Thread, operator: ComparisonOperator, x: Value, y: Value): boolean {
  const order = orderAt(thread, operator, x, y, 0);
  if (operator === '<') return order < 0;
  if (operator === '>') return order > 0;
  return operator === '<=' ? order <= 0 : order >= 0;
}

/**
 * Negative, zero or positive as `x` comes before, with or after `y`. Fails for values that have no order; `operator` is
 * the one that the message names.
 */
export function order(thread: Thread, x: Value, y: Value, operator: ComparisonOperator = '<'): number {
  return orderAt(thread, operator, x, y, 0);
}

function orderAt(thread: Thread, operator: ComparisonOperator, x: Value, y: Value, depth: number): number {
  if (typeof x === 'string' && typeof y === 'string') return orderTexts(thread, x, y);
  if (typeof x === 'number' && typeof y === 'number') return x - y;
  const a = numberIn(x);
  const b = numberIn(y);
  if (a !== undefined && b !== undefined) {
    payComparison(thread, a, b);
    return compareNumbers(a, b);
  }
  if (typeof x === 'boolean' && typeof y === 'boolean') return Number(x) - Number(y);
  if ((x instanceof List && y instanceof List) || (x instanceof Tuple && y instanceof Tuple)) {
    return orderElems(thread, operator, x.elems, y.elems, depth);
  }
  if (x instanceof Bytes && y instanceof Bytes) return compareBytes(x, y, thread);
  const host = x instanceof HostValue && y instanceof HostValue ? x.compare(y) : undefined;
  if (host !== undefined) return host;
  const types = `${typeName(x)} ${operator} ${typeName(y)}`;
  throw new StarlarkError('type', `${types} not implemented${orderHint(x, y)}`);
}

function orderTexts(thread: Thread, x: string, y: string): number {
  if (x.length > longText && y.length > longText) thread.work(comparing(Math.min(x.length, y.length)));
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Of two sequences the first elements that differ decide. */
function orderElems(
  thread: Thread,
  operator: ComparisonOperator,
  x: readonly Value[],
  y: readonly Value[],
  depth: number,
): number {
  if (depth > maxNesting) throw nestedTooDeeply('compare');
  const length = Math.min(x.length, y.length);
  for (let i = 0; i < length; i++) {
    if (i % paidElements === 0) thread.work(perSequence + Math.min(paidElements, length - i));
    const a = x[i] as Value;
    const b = y[i] as Value;
    if (typeof a === 'number' && typeof b === 'number' && a !== b) return a - b;
    if (!equals(thread, a, b)) return orderAt(thread, operator, a, b, depth + 1);
  }
  return x.length - y.length;
}

/** Elements are paid for so many at a time, since two sequences mostly differ at the beginning. */
const paidElements = 256;
const perSequence = 4;

function numberIn(value: Value): number | bigint | undefined {
  return isInt(value) ? value : value instanceof StarlarkFloat ? value.value : undefined;
}
