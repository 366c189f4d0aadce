/** `in` and `not in`. */
import { StarlarkError } from '../errors.ts';
import type { Thread } from '../eval/thread.ts';
import { Bytes, containsBytes } from './bytes.ts';
import { Dict } from './dict.ts';
import { equals } from './equals.ts';
import { StarlarkFloat } from './float.ts';
import { isInt } from './int.ts';
import { List } from './list.ts';
import { longText } from './long-text.ts';
import { Range } from './range.ts';
import { StarlarkSet } from './set.ts';
import { firstIndex } from './text-search.ts';
import { Tuple } from './tuple.ts';
import { typeName } from './type-name.ts';
import { unknownOperator } from './unknown-operator.ts';
import type { Value } from './value.ts';

/** `item in container`. */
export function contains(
  thread: Thread,
  container: Value,
  item: Value,
  operator: 'in' | 'not in' = 'in',
): boolean {
  if (container instanceof Dict) return dictHas(thread, container, item);
  if (container instanceof List || container instanceof Tuple)
    return containsElem(thread, container.elems, item);
  if (container instanceof StarlarkSet) return container.has(item, thread);
  if (typeof container === 'string') {
    if (typeof item !== 'string') throw requires('<string>', 'string', item);
    thread.work(container.length >>> 3);
    return firstIndex(thread, container, item) >= 0;
  }
  if (container instanceof Range) {
    if (isInt(item)) return typeof item === 'number' && container.includes(item);
    if (item instanceof StarlarkFloat) return container.includes(item.value);
    throw requires('<range>', 'integer', item);
  }
  if (container instanceof Bytes) return bytesContain(thread, container, item);
  throw unknownOperator(operator, item, container);
}

/** A value that cannot be a key is simply not there, as in the Go implementation. */
function dictHas(thread: Thread, dict: Dict, item: Value): boolean {
  if (item instanceof List || item instanceof Dict || item instanceof StarlarkSet) return false;
  try {
    return dict.has(item, thread);
  } catch (error) {
    if (error instanceof StarlarkError && error.code === 'type') return false;
    throw error;
  }
}

function containsElem(thread: Thread, elems: readonly Value[], item: Value): boolean {
  thread.work(elems.length);
  if (typeof item === 'string' && item.length <= longText) return elems.includes(item);
  for (let i = 0; i < elems.length; i++) if (equals(thread, elems[i] as Value, item)) return true;
  return false;
}

function bytesContain(thread: Thread, bytes: Bytes, item: Value): boolean {
  thread.work(bytes.data.length >>> 3);
  if (item instanceof Bytes) return containsBytes(thread, bytes.data, item.data);
  if (!isInt(item)) throw requires('bytes', 'bytes or int', item);
  if (item < 0 || item > 255) throw new StarlarkError('value', `int in bytes: ${item} out of range 0 to 255`);
  return bytes.data.includes(item as number);
}

function requires(container: string, want: string, item: Value): StarlarkError {
  return new StarlarkError(
    'type',
    `'in ${container}' requires ${want} as left operand, not ${typeName(item)}`,
  );
}
