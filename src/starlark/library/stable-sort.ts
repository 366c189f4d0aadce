/**
 * Sorting, stably and in pieces (see eval/pieces.ts): runs of some thousands one after the other, which are then merged.
 * The order of texts is that of their UTF-16 code units.
 */
import { pieces, type Pieces } from '../eval/pieces.ts';
import type { Thread } from '../eval/thread.ts';

/** Whether `x` may stand before `y`: it is less, or equal. */
export type Precedes<Item> = (x: Item, y: Item) => boolean;

/** So many are sorted at once: numbers, texts, and places by their keys. */
const runOfNumbers = 2 ** 14;
const runOfTexts = 2 ** 12;
const runOfPlaces = 2 ** 12;

/** What is sorted, in elements for each: a number within a run or in a merge, and anything else. */
const perNumber = { sorted: 8, merged: 2 };
const perPlace = { sorted: 24, merged: 4 };

/** Sorts numbers in place. */
export function* sortNumbers(thread: Thread, numbers: Float64Array<ArrayBuffer>): Pieces {
  const { length } = numbers;
  yield* eachRun(thread, length, runOfNumbers, perNumber.sorted, (from, to) => {
    numbers.subarray(from, to).sort();
  });
  if (length <= runOfNumbers) return;
  let [from, to] = [numbers, new Float64Array(length)];
  for (let width = runOfNumbers; width < length; width *= 2) {
    yield* pieces(thread, length, perNumber.merged, mergingNumbers(from, to, width));
    [from, to] = [to, from];
  }
  if (from !== numbers) numbers.set(from);
}

/** As {@link merging}: numbers are merged several times as quickly by code that merges nothing else. */
function mergingNumbers(
  from: Float64Array,
  to: Float64Array,
  width: number,
): (start: number, end: number) => void {
  let [left, right, middle, high] = [0, 0, 0, 0];
  return (start, end) => {
    for (let at = start; at < end; at++) {
      if (at === high) {
        left = at;
        right = middle = Math.min(at + width, from.length);
        high = Math.min(middle + width, from.length);
      }
      const takesLeft = left < middle && (right === high || from[left]! <= from[right]!);
      to[at] = takesLeft ? from[left++]! : from[right++]!;
    }
  };
}

/** Sorts texts in place, by their units. */
export function* sortTexts(thread: Thread, texts: string[]): Pieces<string[]> {
  const { length } = texts;
  yield* eachRun(thread, length, runOfTexts, perPlace.sorted, (from, to) => {
    // Without a function to compare with, the order is that of UTF-16 code units, as the language has it.
    const run = texts.slice(from, to).sort();
    for (let i = from; i < to; i++) texts[i] = run[i - from]!;
  });
  if (length <= runOfTexts) return texts;
  return yield* mergeRuns(thread, texts, texts.slice(), runOfTexts, isNotAfter);
}

function isNotAfter(x: string, y: string): boolean {
  return x <= y;
}

/**
 * The places of the keys, safe ints, from the least to the greatest; the other way round for `sign` -1. Undefined where
 * the keys lie too far apart for this way.
 */
export function* placesByNumber(
  thread: Thread,
  keys: readonly number[],
  sign: number,
): Pieces<number[] | undefined> {
  const count = keys.length;
  let least = Infinity;
  let greatest = -Infinity;
  yield* pieces(thread, count, 1, (from, to) => {
    for (let i = from; i < to; i++) {
      least = Math.min(least, sign * keys[i]!);
      greatest = Math.max(greatest, sign * keys[i]!);
    }
  });
  if ((greatest - least + 1) * count > Number.MAX_SAFE_INTEGER) return undefined;
  // Key and place as one number, so that equal keys keep their order and a sort of plain numbers will do.
  const packed = new Float64Array(count);
  yield* pieces(thread, count, 1, (from, to) => {
    for (let at = from; at < to; at++) packed[at] = (sign * keys[at]! - least) * count + at;
  });
  yield* sortNumbers(thread, packed);
  const places: number[] = [];
  yield* pieces(thread, count, 2, (from, to) => {
    for (let at = from; at < to; at++) places.push(packed[at]! % count);
  });
  return places;
}

/**
 * The places of the keys in the order that `precedes` gives; of equal ones the first comes first.
 * @param most keys that are compared before others have their turn, where `precedes` itself pays for what it does
 */
export function* sortPlaces<Key>(
  thread: Thread,
  keys: readonly Key[],
  precedes: Precedes<Key>,
  most: number = runOfPlaces,
): Pieces<readonly number[]> {
  const places = yield* placesInOrder(thread, keys.length);
  const spare = places.slice();
  const precedesAt: Precedes<number> = (x, y) => precedes(keys[x] as Key, keys[y] as Key);
  const length = Math.min(most, runOfPlaces);
  yield* eachRun(thread, keys.length, length, perPlace.sorted, (from, to) => {
    sortRun(places, spare, keys, precedes, from, to);
  });
  return yield* mergeRuns(thread, places, spare, length, precedesAt, most);
}

/** The numbers from 0 on. */
function* placesInOrder(thread: Thread, count: number): Pieces<number[]> {
  const places: number[] = [];
  yield* pieces(thread, count, 2, (from, to) => {
    for (let place = from; place < to; place++) places.push(place);
  });
  return places;
}

/** The same for so few keys that they are sorted at once. */
export function placesOfFew<Key>(keys: readonly Key[], precedes: Precedes<Key>): readonly number[] {
  const places = Array.from(keys.keys());
  sortRun(places, places.slice(), keys, precedes, 0, keys.length);
  return places;
}

function* eachRun(
  thread: Thread,
  count: number,
  length: number,
  cost: number,
  sort: (from: number, to: number) => void,
): Pieces {
  yield* pieces(thread, Math.ceil(count / length), cost * length, (from, to) => {
    for (let run = from; run < to; run++) sort(run * length, Math.min((run + 1) * length, count));
  });
}

/** Merges sorted runs until there is one: what it returns is either `items` or `spare`. */
function* mergeRuns<Item>(
  thread: Thread,
  items: Item[],
  spare: Item[],
  length: number,
  precedes: Precedes<Item>,
  most: number = Infinity,
): Pieces<Item[]> {
  let [from, to] = [items, spare];
  for (let width = length; width < items.length; width *= 2) {
    const merge = merging(from, to, width, precedes);
    yield* pieces(thread, items.length, perPlace.merged, merge, Math.min(most, items.length));
    [from, to] = [to, from];
  }
  return from;
}

/** Merges neighbours of `width` each, as many as lie between two places at a time; of equal ones the left comes first. */
function merging<Item>(
  from: readonly Item[],
  to: Item[],
  width: number,
  precedes: Precedes<Item>,
): (start: number, end: number) => void {
  let [left, right, middle, high] = [0, 0, 0, 0];
  return (start, end) => {
    for (let at = start; at < end; at++) {
      if (at === high) {
        left = at;
        right = middle = Math.min(at + width, from.length);
        high = Math.min(middle + width, from.length);
      }
      const takesLeft = left < middle && (right === high || precedes(from[left]!, from[right]!));
      to[at] = takesLeft ? from[left++]! : from[right++]!;
    }
  };
}

/** Pieces of so many are sorted by putting each key where it belongs, and then merged. */
const pieceLength = 8;

/** Sorts the places between two of them; `spare` is for what lies there meanwhile. */
function sortRun<Key>(
  places: number[],
  spare: number[],
  keys: readonly Key[],
  precedes: Precedes<Key>,
  start: number,
  end: number,
): void {
  let [from, to] = [places, spare];
  for (let low = start; low < end; low += pieceLength)
    sortPiece(from, keys, precedes, low, Math.min(low + pieceLength, end));
  for (let width = pieceLength; width < end - start; width *= 2) {
    for (let low = start; low < end; low += 2 * width) mergePair(from, to, keys, precedes, low, width, end);
    [from, to] = [to, from];
  }
  if (from !== places) for (let at = start; at < end; at++) places[at] = from[at]!;
}

function sortPiece<Key>(
  places: number[],
  keys: readonly Key[],
  precedes: Precedes<Key>,
  low: number,
  high: number,
): void {
  for (let next = low + 1; next < high; next++) {
    const place = places[next]!;
    const key = keys[place] as Key;
    let at = next;
    for (; at > low && !precedes(keys[places[at - 1]!] as Key, key); at--) places[at] = places[at - 1]!;
    places[at] = place;
  }
}

/** Merges two neighbours of `width` each; of equal keys the left one comes first. */
function mergePair<Key>(
  from: readonly number[],
  to: number[],
  keys: readonly Key[],
  precedes: Precedes<Key>,
  low: number,
  width: number,
  end: number,
): void {
  const middle = Math.min(low + width, end);
  const high = Math.min(middle + width, end);
  const isSorted = middle === high || precedes(keys[from[middle - 1]!] as Key, keys[from[middle]!] as Key);
  let left = low;
  let right = middle;
  for (let at = low; at < high; at++) {
    const takesLeft =
      left < middle &&
      (isSorted || right === high || precedes(keys[from[left]!] as Key, keys[from[right]!] as Key));
    to[at] = takesLeft ? from[left++]! : from[right++]!;
  }
}
