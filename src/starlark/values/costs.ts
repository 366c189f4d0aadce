/**
 * What the usual things take, in elements of about 8 ns (see `Thread.work`): measured with large values, for which memory
 * is slower than for small ones, and rounded up. What takes longer than a thing here says so where it is done.
 */
import type { Meter } from './meter.ts';

/** Adding an entry to a dict or a set, or looking for one. */
export const perEntry = 8;
/** Making a tuple or another small value, and putting it somewhere. */
export const perValue = 8;

/** Copying so many characters, or converting them all by JavaScript's own means. */
export function copying(characters: number): number {
  return characters >>> 4;
}

/** Looking at so many characters, one after the other. */
export function scanning(characters: number): number {
  return characters >>> 2;
}

/** Comparing so many characters with as many others. */
export function comparing(characters: number): number {
  return characters >>> 5;
}

/** Making a text of so many characters of others, which is written out when somebody first looks into it. */
export function joining(characters: number): number {
  return characters / 40;
}

/** A table of entries grows by doubling, and moves all of them when it does: from this size on that is paid for. */
export const paidGrowth = 4096;
const perMoved = 6;

/** Pays for what a table does when it grows. */
export class Growth {
  #paid: number = paidGrowth;

  /** To be told before an entry is added to `size` others, {@link paidGrowth} at the least. */
  pay(meter: Meter, size: number): void {
    if (size < this.#paid) return;
    meter.grow('dict or set', perMoved * size, perMoved * size, 0);
    this.#paid = 2 * size;
  }
}

/** Adding to a list is paid for whenever so many elements have come. */
const paidAppends = 2 ** 18;
/** Bytes for an element of a list that is moved: where it was, and where it goes, which has room for half as many more. */
const bytesMoved = 24;

/**
 * Pays for an element that is added to a list of `length` others. Now and then V8 moves the whole list, which no single
 * element can pay for: all of them do, by turns.
 */
export function payAppend(meter: Meter, length: number): void {
  if (length % paidAppends === 0 && length > 0) payMove(meter, length);
}

/** The same for `count` elements that are added to a list of `length` at once. */
export function payExtend(meter: Meter, length: number, count: number): void {
  const all = length + count;
  const turns = Math.floor(all / paidAppends) - Math.floor(length / paidAppends);
  if (turns > 0) payMove(meter, all, turns);
  meter.make(count >>> 1);
}

function payMove(meter: Meter, length: number, turns: number = 1): void {
  meter.grow('list', length >>> 2, Math.min(length >>> 2, turns * (length >>> 4)), bytesMoved * length);
}

/** Pays for the room of a list that is made at once: to be told how long it will be. */
export function payLength(meter: Meter, length: number): void {
  meter.make(length >>> 2);
}
