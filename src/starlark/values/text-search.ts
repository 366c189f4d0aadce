/**
 * Looking for a text in a text, in pieces, and in time that grows with their lengths added, never multiplied.
 * JavaScript's own `indexOf` is the quickest there is for short texts, but takes seconds to find
 * `"a" * 20000 + "b" + "a" * 20000` in `"a" * 160000`; for what is long enough for that to matter, Knuth, Morris and
 * Pratt's way is taken.
 */
import { pieceElements, pieces, type Pieces } from '../eval/pieces.ts';
import { uncounted } from '../eval/suspend.ts';
import type { Thread } from '../eval/thread.ts';
import { comparing, scanning } from './costs.ts';

/** Told of a place. True when there is no need to go on. */
export type Found = (at: number) => boolean | void;

/** Up to these lengths JavaScript's own search is quick whatever the texts. */
const quickForwards = 250;
const quickBackwards = 16;
/** As it is where the lengths multiplied come to no more than this. */
const quickProduct = 1_000_000;
/** Texts up to this long are searched at once by those who look for one place alone. */
const shortText = 2 ** 14;
/** How much of a text is searched in one piece. */
const windowLength = 2 ** 15;
/** Telling of a place, in elements. */
const perPlace = 4;
/** Each unit that Knuth, Morris and Pratt look at, in elements. */
const perUnit = 2;

/** Whether looking once for `sub` in `text` is so quick that it need not be done in pieces. */
export function isQuickSearch(text: string, sub: string, which: 'first' | 'last'): boolean {
  return text.length <= shortText && sub.length <= (which === 'first' ? quickForwards : quickBackwards);
}

/** What such a search costs, or a window of a longer one. */
export function searching(length: number, sub: string): number {
  return sub.length === 1 ? comparing(length) : scanning(length);
}

/** The first place of `sub` in `text`; -1 when there is none. */
export function* firstPlace(thread: Thread, text: string, sub: string): Pieces<number> {
  let first = -1;
  yield* places(thread, text, sub, (at) => {
    first = at;
    return true;
  });
  return first;
}

/** The last place of `sub` in `text`; -1 when there is none. */
export function* lastPlace(thread: Thread, text: string, sub: string): Pieces<number> {
  let last = -1;
  yield* placesFromEnd(thread, text, sub, (at) => {
    last = at;
    return true;
  });
  return last;
}

/** Finds each place of `sub`, which is not empty, in `text`, from the first on. No two overlap. */
export function* places(thread: Thread, text: string, sub: string, found: Found): Pieces {
  if (isSlow(text, sub, quickForwards)) return yield* placesOfLong(thread, text, sub, 'forwards', found);
  let next = 0;
  for (let start = 0; start < text.length; start += windowLength) {
    if (thread.piece(searching(windowLength, sub))) yield uncounted;
    // What is done with a place may take long itself.
    let enough = thread.worked + pieceElements;
    // All that begins within the window lies in this part.
    const part = text.slice(start, start + windowLength + sub.length - 1);
    for (;;) {
      const at = next > start ? part.indexOf(sub, next - start) : part.indexOf(sub);
      if (at < 0) break;
      thread.work(perPlace);
      if (found(start + at) === true) return;
      next = start + at + sub.length;
      if (thread.worked < enough) continue;
      if (thread.piece(0)) yield uncounted;
      enough = thread.worked + pieceElements;
    }
  }
}

/** As {@link places}, from the last on. */
export function* placesFromEnd(thread: Thread, text: string, sub: string, found: Found): Pieces {
  if (isSlow(text, sub, quickBackwards)) return yield* placesOfLong(thread, text, sub, 'backwards', found);
  let end = text.length;
  for (let top = text.length; top > 0; top -= windowLength) {
    if (thread.piece(2 * searching(windowLength, sub))) yield uncounted;
    let enough = thread.worked + pieceElements;
    const start = Math.max(0, top - windowLength);
    const part = text.slice(start, top + sub.length - 1);
    for (;;) {
      const last = end - sub.length - start;
      const at = last < 0 ? -1 : part.lastIndexOf(sub, last);
      if (at < 0) break;
      thread.work(perPlace);
      if (found(start + at) === true) return;
      end = start + at;
      if (thread.worked < enough) continue;
      if (thread.piece(0)) yield uncounted;
      enough = thread.worked + pieceElements;
    }
  }
}

function isSlow(text: string, sub: string, quick: number): boolean {
  return sub.length > quick && sub.length <= text.length && sub.length * text.length > quickProduct;
}

/** Backwards, both texts are read from their ends; places are then counted from there. */
function* placesOfLong(
  thread: Thread,
  text: string,
  sub: string,
  direction: 'forwards' | 'backwards',
  found: Found,
): Pieces {
  const unit = (of: string, at: number): number =>
    of.charCodeAt(direction === 'forwards' ? at : of.length - 1 - at);
  const borders = yield* findBorders(thread, sub, unit);
  const { length } = sub;
  let matched = 0;
  yield* pieces(thread, text.length, perUnit, (from, to) => {
    for (let at = from; at < to; at++) {
      const next = unit(text, at);
      while (matched > 0 && unit(sub, matched) !== next) matched = borders[matched - 1]!;
      if (unit(sub, matched) === next) matched++;
      if (matched < length) continue;
      matched = 0;
      const start = at + 1 - length;
      if (found(direction === 'forwards' ? start : text.length - start - length) === true) return true;
    }
    return false;
  });
}

/** For each beginning of `sub`, the length of its longest end that is also a beginning of it. */
function* findBorders(
  thread: Thread,
  sub: string,
  unit: (of: string, at: number) => number,
): Pieces<Int32Array> {
  thread.charge(16 + 4 * sub.length);
  const borders = new Int32Array(sub.length);
  let matched = 0;
  yield* pieces(thread, sub.length - 1, perUnit, (from, to) => {
    for (let at = from + 1; at <= to; at++) {
      const next = unit(sub, at);
      while (matched > 0 && unit(sub, matched) !== next) matched = borders[matched - 1]!;
      if (unit(sub, matched) === next) matched++;
      borders[at] = matched;
    }
  });
  return borders;
}
