/**
 * Sorting by keys of one kind, stably: quicker than handing JavaScript's own sort a function that compares. The order
 * of texts is that of their UTF-16 code units.
 */

/** The places of the keys, small ints, from the least to the greatest; the other way round for `sign` -1. */
export function placesByNumber(keys: readonly number[], sign: number): number[] {
  const count = keys.length;
  let least = Infinity;
  let greatest = -Infinity;
  for (const key of keys) {
    least = Math.min(least, sign * key);
    greatest = Math.max(greatest, sign * key);
  }
  if ((greatest - least + 1) * count > Number.MAX_SAFE_INTEGER) {
    const places = Array.from(keys.keys());
    return places.sort((i, j) => sign * (keys[i]! - keys[j]!));
  }
  // Key and place as one number, so that equal keys keep their order and a sort of plain numbers will do.
  const packed = new Float64Array(count);
  for (let at = 0; at < count; at++) packed[at] = (sign * keys[at]! - least) * count + at;
  packed.sort();
  return Array.from(packed, (number) => number % count);
}

/** The places of the keys, texts, from the first to the last; the other way round, equal ones apart, for `sign` -1. */
export function placesByText(keys: readonly string[], sign: number): number[] {
  const places = Array.from(keys.keys());
  if (sign > 0) return sortPlaces(places, keys);
  // Backwards, sorted, and backwards again: the greatest come first, and equal keys are in their order once more.
  return sortPlaces(places.reverse(), keys).reverse();
}

/** Pieces of so many are sorted by putting each key where it belongs, and then merged. */
const pieceLength = 8;

function sortPlaces(places: number[], keys: readonly string[]): number[] {
  let from = places;
  let to = places.slice();
  for (let low = 0; low < places.length; low += pieceLength) sortPiece(from, keys, low);
  for (let width = pieceLength; width < places.length; width *= 2) {
    for (let low = 0; low < places.length; low += 2 * width) merge(from, to, keys, low, width);
    [from, to] = [to, from];
  }
  return from;
}

function sortPiece(places: number[], keys: readonly string[], low: number): void {
  const high = Math.min(low + pieceLength, places.length);
  for (let next = low + 1; next < high; next++) {
    const place = places[next]!;
    const key = keys[place]!;
    let at = next;
    for (; at > low && key < keys[places[at - 1]!]!; at--) places[at] = places[at - 1]!;
    places[at] = place;
  }
}

/** Merges two neighbours of `width` each; of equal keys the left one comes first. */
function merge(
  from: readonly number[],
  to: number[],
  keys: readonly string[],
  low: number,
  width: number,
): void {
  const middle = Math.min(low + width, from.length);
  const high = Math.min(middle + width, from.length);
  const isSorted = middle === high || keys[from[middle]!]! >= keys[from[middle - 1]!]!;
  let left = low;
  let right = middle;
  for (let at = low; at < high; at++) {
    const takesLeft =
      left < middle && (isSorted || right === high || keys[from[right]!]! >= keys[from[left]!]!);
    to[at] = takesLeft ? from[left++]! : from[right++]!;
  }
}
