import { StarlarkError } from '../errors.ts';
import type { Resumable } from '../eval/callable.ts';
import { pieces, type Pieces } from '../eval/pieces.ts';
import { begin, type Begun, suspended, uncounted } from '../eval/suspend.ts';
import type { Thread } from '../eval/thread.ts';
import { payLength } from './costs.ts';
import { Dict } from './dict.ts';
import { Elems } from './elems.ts';
import { List } from './list.ts';
import { frozenLock } from './locks.ts';
import { Range } from './range.ts';
import { StarlarkSet } from './set.ts';
import { children } from './size.ts';
import { Tuple } from './tuple.ts';
import { typeName } from './type-name.ts';
import type { Value } from './value.ts';

/**
 * What a loop over `value` goes through: a list's or tuple's own elements, a new array of a dict's keys, a range itself.
 * Fails for a value that is not iterable. The caller locks the value while it goes on.
 */
export function iterate(thread: Thread, value: Value): readonly Value[] | Range {
  const items = tryIterate(thread, value);
  if (items !== undefined) return items;
  throw new StarlarkError('type', `${typeName(value)} value is not iterable${iterationHint(value)}`);
}

/** As {@link iterate}, but undefined for a value that is not iterable. */
export function tryIterate(thread: Thread, value: Value): readonly Value[] | Range | undefined {
  if (value instanceof List || value instanceof Tuple) return value.elems;
  if (value instanceof Range) return value;
  if (value instanceof Dict) {
    thread.charge(32 + 8 * value.size);
    thread.work(value.size);
    return value.keys();
  }
  if (value instanceof StarlarkSet) {
    thread.charge(32 + 8 * value.size);
    thread.work(value.size);
    return value.toArray();
  }
  if (!(value instanceof Elems)) return undefined;
  thread.charge(32 + 24 * value.length);
  thread.work(perElem * value.length);
  return value.toArray();
}

/** Cutting a text into its elements, and making the list of a range: in elements for each. */
const perElem = 4;
const perNumber = 2;

/** All that a loop over `value` goes through, as an array that must not be changed; undefined if not iterable. */
export function tryElements(thread: Thread, value: Value): readonly Value[] | undefined {
  const items = tryIterate(thread, value);
  return items instanceof Range ? rangeElements(thread, items) : items;
}

function rangeElements(thread: Thread, range: Range): Value[] {
  thread.charge(32 + 8 * range.length);
  thread.work(perNumber * range.length);
  return range.toArray();
}

/** What {@link tryIterate} gives as an array, made in pieces where it is the numbers of a range. */
export function* elementsInPieces(thread: Thread, items: readonly Value[] | Range): Pieces<readonly Value[]> {
  if (!(items instanceof Range)) return items;
  thread.charge(32 + 8 * items.length);
  payLength(thread, items.length);
  const elements: Value[] = [];
  yield* pieces(thread, items.length, perNumber, (from, to) => {
    for (let i = from; i < to; i++) elements.push(items.at(i));
  });
  return elements;
}

/** Few elements are no work worth cutting in pieces. */
export const fewElements = 1024;

/** The elements of a list or tuple that has few; undefined for anything else. */
export function fewElementsOf(value: Value): readonly Value[] | undefined {
  if (!(value instanceof List) && !(value instanceof Tuple)) return undefined;
  return value.elems.length <= fewElements ? value.elems : undefined;
}

/** A range up to this long is made into an array at once. */
const shortRange = 4096;

/** Goes on with what {@link tryIterate} gave as an array. */
export function withElements(
  thread: Thread,
  items: readonly Value[] | Range,
  goOn: (elements: readonly Value[]) => Begun,
): Begun {
  if (!(items instanceof Range)) return goOn(items);
  if (items.length <= shortRange) return goOn(rangeElements(thread, items));
  return begin(thread, withNumbers(thread, items, goOn));
}

function* withNumbers(thread: Thread, range: Range, goOn: (elements: readonly Value[]) => Begun): Resumable {
  const begun = goOn(yield* elementsInPieces(thread, range));
  if (begun !== suspended) return begun;
  const { running } = thread.suspendedCalls.pop()!;
  yield uncounted;
  return yield* running;
}

/** What to write instead of going through a value that is not iterable. */
export function iterationHint(value: Value): string {
  if (typeof value === 'string') return ' (use .elems() for its characters, .splitlines() for its lines)';
  if (typeof value === 'number') return ' (use range(n) to count)';
  return value === null ? ' (the value is None; write x or [])' : '';
}

/** Forbids changes while a loop goes through `value`. */
export function lock(value: Value): void {
  if (value instanceof List || value instanceof Dict || value instanceof StarlarkSet) value.locks++;
}

/** Ends what {@link lock} began. */
export function unlock(value: Value): void {
  if (value instanceof List || value instanceof Dict || value instanceof StarlarkSet) value.locks--;
}

/** Forbids changes for good, in `value` and in all that it holds. */
export function freeze(value: Value): void {
  const pending: Value[] = [value];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next instanceof List || next instanceof Dict || next instanceof StarlarkSet) {
      if (next.locks >= frozenLock) continue;
      next.locks += frozenLock;
    }
    children(next, (child) => {
      if (typeof child === 'object' && child !== null) pending.push(child);
    });
  }
}
