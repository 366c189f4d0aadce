/** `in` and `not in`. */
import { StarlarkError } from '../errors.ts';
import { isOnePiece, pieces, type Pieces } from '../eval/pieces.ts';
import { begin, type Begun } from '../eval/suspend.ts';
import type { Thread } from '../eval/thread.ts';
import { Bytes, latin1 } from './bytes.ts';
import { comparing } from './costs.ts';
import { Dict } from './dict.ts';
import { equals } from './equals.ts';
import { StarlarkFloat } from './float.ts';
import { isInt, shownInt } from './int.ts';
import { List } from './list.ts';
import { longText } from './long-text.ts';
import { Range } from './range.ts';
import { StarlarkSet } from './set.ts';
import { firstPlace, isQuickSearch, searching } from './text-search.ts';
import { Tuple } from './tuple.ts';
import { typeName } from './type-name.ts';
import { unknownOperator } from './unknown-operator.ts';
import type { Value } from './value.ts';

/** `item in container`, begun. */
export function contains(
  thread: Thread,
  container: Value,
  item: Value,
  operator: 'in' | 'not in' = 'in',
): Begun {
  if (container instanceof Dict) return dictHas(thread, container, item);
  if (container instanceof List || container instanceof Tuple)
    return containsElem(thread, container.elems, item);
  if (container instanceof StarlarkSet) return container.has(item, thread);
  if (typeof container === 'string') {
    if (typeof item !== 'string') throw requires('<string>', 'string', item);
    return textContains(thread, container, item);
  }
  if (container instanceof Range) {
    if (isInt(item)) return container.includes(item);
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

function textContains(thread: Thread, text: string, sub: string): Begun {
  if (!isQuickSearch(text, sub, 'first')) return begin(thread, searched(thread, text, sub));
  thread.work(searching(text.length, sub));
  return text.includes(sub);
}

function* searched(thread: Thread, text: string, sub: string): Pieces<boolean> {
  return sub === '' || (yield* firstPlace(thread, text, sub)) >= 0;
}

function containsElem(thread: Thread, elems: readonly Value[], item: Value): Begun {
  if (!isOnePiece(elems.length)) return begin(thread, containedInPieces(thread, elems, item));
  thread.work(elems.length);
  return lookFor(thread, elems, item, 0, elems.length);
}

function* containedInPieces(thread: Thread, elems: readonly Value[], item: Value): Pieces<boolean> {
  return yield* pieces(thread, elems.length, 1, (from, to) => lookFor(thread, elems, item, from, to));
}

function lookFor(thread: Thread, elems: readonly Value[], item: Value, from: number, to: number): boolean {
  if (typeof item === 'string' && item.length <= longText) {
    const at = elems.indexOf(item, from);
    return at >= 0 && at < to;
  }
  for (let i = from; i < to; i++) if (equals(thread, elems[i] as Value, item)) return true;
  return false;
}

function bytesContain(thread: Thread, bytes: Bytes, item: Value): Begun {
  if (item instanceof Bytes)
    return begin(thread, searched(thread, latin1(thread, bytes), latin1(thread, item)));
  if (!isInt(item)) throw requires('bytes', 'bytes or int', item);
  if (item < 0 || item > 255)
    throw new StarlarkError('value', `int in bytes: ${shownInt(item)} out of range 0 to 255`);
  thread.work(comparing(bytes.data.length));
  return bytes.data.includes(item as number);
}

function requires(container: string, want: string, item: Value): StarlarkError {
  return new StarlarkError(
    'type',
    `'in ${container}' requires ${want} as left operand, not ${typeName(item)}`,
  );
}
