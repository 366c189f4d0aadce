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
    meter.make(perMoved * size);
    this.#paid = 2 * size;
  }
}

/** The same for a list, which moves less: to be told before an element is added to `length` others. */
export function payAppend(meter: Meter, length: number): void {
  if (length % paidAppends === 0 && length > 0) meter.make(length >>> 2);
}

const paidAppends = 2 ** 20;

/** The same for a list that is made, or made longer, at once: to be told how long it will be. */
export function payLength(meter: Meter, length: number): void {
  meter.make(length >>> 2);
}
