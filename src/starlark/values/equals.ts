import { StarlarkError } from '../errors.ts';
import type { Thread } from '../eval/thread.ts';
import { Bytes, compareBytes } from './bytes.ts';
import { comparing, perEntry } from './costs.ts';
import { Dict } from './dict.ts';
import { Elems } from './elems.ts';
import { StarlarkFloat } from './float.ts';
import { HostValue } from './host-value.ts';
import { isInt, payComparison } from './int.ts';
import { isQuickKey } from './keys.ts';
import { List } from './list.ts';
import { longText } from './long-text.ts';
import { Range } from './range.ts';
import { StarlarkSet } from './set.ts';
import { Tuple } from './tuple.ts';
import type { Value } from './value.ts';

/** Values nested deeper than this are not compared or printed: they would use up the stack. */
export const maxNesting = 500;

/** Beginning to compare two containers, in elements. */
const perContainer = 6;

/** The error for values nested deeper than {@link maxNesting}; `doing` is such as `compare`. */
export function nestedTooDeeply(doing: string): StarlarkError {
  return new StarlarkError('value', `cannot ${doing} a value nested more than ${maxNesting} levels deep`);
}

/** `x == y`: by content for data, by identity for functions; an int equals a float of the same exact value. */
export function equals(thread: Thread, x: Value, y: Value): boolean {
  return isSame(thread, x, y) || equalsAt(thread, x, y, 0);
}

/** `x === y`, which goes through long texts and large ints: pays for that. */
function isSame(thread: Thread, x: Value, y: Value): boolean {
  if (typeof x === 'string') {
    if (x.length > longText && typeof y === 'string' && x.length === y.length)
      thread.work(comparing(x.length));
  } else if (typeof x === 'bigint' && typeof y === 'bigint') payComparison(thread, x, y);
  return x === y;
}

/** As {@link equals}, for values that are not identical and lie `depth` levels down. */
function equalsAt(thread: Thread, x: Value, y: Value, depth: number): boolean {
  if (typeof x !== 'object' || x === null) {
    return y instanceof StarlarkFloat && isInt(x) && equalsFloat(y, x);
  }
  if (typeof y !== 'object' || y === null) return x instanceof StarlarkFloat && isInt(y) && equalsFloat(x, y);
  if (x instanceof List) return y instanceof List && equalElems(thread, x.elems, y.elems, depth);
  if (x instanceof Tuple) return y instanceof Tuple && equalElems(thread, x.elems, y.elems, depth);
  if (x instanceof Dict) return y instanceof Dict && equalDicts(thread, x, y, depth);
  if (x instanceof StarlarkFloat) {
    return (
      y instanceof StarlarkFloat && (x.value === y.value || (x.value !== x.value && y.value !== y.value))
    );
  }
  if (x instanceof StarlarkSet) return y instanceof StarlarkSet && equalSets(thread, x, y);
  if (x instanceof Bytes) return y instanceof Bytes && compareBytes(x, y, thread) === 0;
  if (x instanceof Range) return y instanceof Range && x.equals(y);
  if (x instanceof Elems) return y instanceof Elems && x.equals(y, thread);
  if (x instanceof HostValue) return y instanceof HostValue && x.equals(y);
  return false;
}

function equalsFloat(x: StarlarkFloat, y: number | bigint): boolean {
  // Between a number and a bigint this is exact mathematical equality.
  // oxlint-disable-next-line eqeqeq
  return x.value == y;
}

function equalElems(thread: Thread, x: readonly Value[], y: readonly Value[], depth: number): boolean {
  const { length } = x;
  if (length !== y.length) return false;
  if (depth > maxNesting) throw nestedTooDeeply('compare');
  thread.work(perContainer + length);
  for (let i = 0; i < length; i++) {
    const a = x[i] as Value;
    const b = y[i] as Value;
    if (!isSame(thread, a, b) && !equalsAt(thread, a, b, depth + 1)) return false;
  }
  return true;
}

function equalDicts(thread: Thread, x: Dict, y: Dict, depth: number): boolean {
  if (x.map.size !== y.map.size) return false;
  if (depth > maxNesting) throw nestedTooDeeply('compare');
  thread.work(perContainer + perEntry * x.map.size);
  const others = y.map;
  for (const [key, a] of x.map) {
    const b = isQuickKey(key) ? others.get(key) : y.get(key, thread);
    if (b === undefined || (!isSame(thread, a, b) && !equalsAt(thread, a, b, depth + 1))) return false;
  }
  return true;
}

function equalSets(thread: Thread, x: StarlarkSet, y: StarlarkSet): boolean {
  if (x.map.size !== y.map.size) return false;
  thread.work(perContainer + perEntry * x.map.size);
  for (const element of x.map.values()) if (!y.has(element, thread)) return false;
  return true;
}
