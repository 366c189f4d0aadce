/** Putting many entries into a dict: `dict(…)`, `update`, `|` and `|=`. It is done in pieces (see eval/pieces.ts). */
import { StarlarkError } from '../errors.ts';
import type { Kwargs } from '../eval/callable.ts';
import { pieces, type Pieces } from '../eval/pieces.ts';
import type { Thread } from '../eval/thread.ts';
import { perEntry } from './costs.ts';
import { Dict } from './dict.ts';
import {
  elementsInPieces,
  fewElements,
  fewElementsOf,
  iterationHint,
  tryElements,
  tryIterate,
} from './iterate.ts';
import { typeName } from './type-name.ts';
import type { Value } from './value.ts';

/** Going through a pair, and adding what it holds. */
const perPair = 2 * perEntry;

/**
 * Inserts what `dict(...)` and `update(...)` take: a dict or an iterable of pairs, then named values.
 * @param name the function's, for messages
 */
export function* updateDict(
  thread: Thread,
  name: string,
  dict: Dict,
  pairs: Value | undefined,
  kwargs: Kwargs,
): Pieces {
  if (pairs instanceof Dict) yield* mergeDict(thread, dict, pairs);
  else if (pairs !== undefined) yield* addPairs(thread, name, dict, pairs);
  for (const [key, value] of kwargs) dict.set(thread, key, value);
}

/** As {@link updateDict}, at once, where there are few entries to insert. False where there are many. */
export function updateWithFew(
  thread: Thread,
  name: string,
  dict: Dict,
  pairs: Value | undefined,
  kwargs: Kwargs,
): boolean {
  if (pairs instanceof Dict) {
    if (pairs.size > fewElements) return false;
    if (pairs !== dict) {
      thread.work(perEntry * pairs.size);
      pairs.forEach((key, value) => dict.set(thread, key, value));
    }
  } else if (pairs !== undefined) {
    const few = fewElementsOf(pairs);
    if (few === undefined) return false;
    thread.work(perPair * few.length);
    for (let i = 0; i < few.length; i++) addPair(thread, name, dict, few[i] as Value, i);
  }
  for (const [key, value] of kwargs) dict.set(thread, key, value);
  return true;
}

/** Adds all of `other`'s entries. */
export function* mergeDict(thread: Thread, dict: Dict, other: Dict): Pieces {
  if (other === dict) return;
  thread.charge(2 * (32 + 8 * other.size));
  thread.work(2 * other.size);
  const keys = other.keys();
  const values = Array.from(other.map.values());
  yield* pieces(thread, keys.length, perEntry, (from, to) => {
    for (let i = from; i < to; i++) dict.set(thread, keys[i] as Value, values[i] as Value);
  });
}

function* addPairs(thread: Thread, name: string, dict: Dict, pairs: Value): Pieces {
  const items = tryIterate(thread, pairs);
  if (items === undefined) {
    throw new StarlarkError('type', `${name}: got ${typeName(pairs)}, want iterable${iterationHint(pairs)}`);
  }
  const elements = yield* elementsInPieces(thread, items);
  yield* pieces(thread, elements.length, perPair, (from, to) => {
    for (let i = from; i < to; i++) addPair(thread, name, dict, elements[i] as Value, i);
  });
}

function addPair(thread: Thread, name: string, dict: Dict, pair: Value, i: number): void {
  const parts = tryElements(thread, pair);
  if (parts?.length !== 2) throw noPair(name, pair, i, parts?.length);
  dict.set(thread, parts[0] as Value, parts[1] as Value);
}

function noPair(name: string, value: Value, i: number, length: number | undefined): StarlarkError {
  const what = `${name}: dictionary update sequence element #${i}`;
  if (length === undefined) return new StarlarkError('type', `${what} is not iterable (${typeName(value)})`);
  return new StarlarkError('value', `${what} has length ${length}, want 2`);
}
