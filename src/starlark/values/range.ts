import { StarlarkError } from '../errors.ts';
import { shownInt, toInt, type Int } from './int.ts';
import type { Value } from './value.ts';

/** Where bounds lie closer to 0, every sum and difference of two of them is an exact number. */
const exactBound = 2 ** 52;

/** A bound has 64 bits at most, as in the Go implementation. */
const leastBound = -(2n ** 63n);
const greatestBound = 2n ** 63n - 1n;

interface ExactBounds {
  readonly start: bigint;
  readonly step: bigint;
}

/** A Starlark `range`: the ints from `start`, `step` apart, `length` of them. */
export class Range {
  readonly start: Int;
  readonly stop: Int;
  readonly step: Int;
  /** A safe integer. */
  readonly length: number;
  /** The same where numbers would not be exact; null otherwise, and then start, stop and step are numbers. */
  readonly #exact: ExactBounds | null;

  /** @throws StarlarkError 'value' when there would be 2^53 elements or more */
  constructor(start: Int, stop: Int, step: Int) {
    this.start = start;
    this.stop = stop;
    this.step = step;
    if (isNear(start) && isNear(stop) && isNear(step)) {
      this.#exact = null;
      this.length = step > 0 ? count(start, stop, step) : count(stop, start, -step);
    } else {
      this.#exact = { start: BigInt(start), step: BigInt(step) };
      this.length = exactLength(BigInt(start), BigInt(stop), BigInt(step));
    }
  }

  /** The `i`th int, for `0 <= i < length`. */
  at(i: number): Int {
    const exact = this.#exact;
    if (exact === null) return (this.start as number) + i * (this.step as number);
    return toInt(exact.start + BigInt(i) * exact.step);
  }

  /** The elements from `from` on, every `stride`th of them, `length` at most; `to` is where they end. */
  slice(from: number, to: number, stride: number): Range {
    const exact = this.#exact;
    if (exact === null) return new Range(this.at(from), this.at(to), (this.step as number) * stride);
    const { start, step } = exact;
    return new Range(
      toInt(start + BigInt(from) * step),
      toInt(start + BigInt(to) * step),
      toInt(step * BigInt(stride)),
    );
  }

  /** Whether the int is in the sequence, or a float that equals one that is. */
  includes(x: Int): boolean {
    if (this.#exact === null) {
      if (typeof x === 'bigint') return false;
      return this.#holds((x - (this.start as number)) / (this.step as number));
    }
    if (typeof x === 'number' && !Number.isInteger(x)) return false;
    const offset = BigInt(x) - this.#exact.start;
    return offset % this.#exact.step === 0n && this.#holds(Number(offset / this.#exact.step));
  }

  #holds(i: number): boolean {
    return Number.isInteger(i) && i >= 0 && i < this.length;
  }

  /** Whether both denote the same ints. */
  equals(other: Range): boolean {
    if (this.length !== other.length) return false;
    if (this.length === 0) return true;
    return this.start === other.start && (this.length === 1 || this.step === other.step);
  }

  /** All of it; whoever asks has charged for it. */
  toArray(): Value[] {
    const values: Value[] = [];
    for (let i = 0; i < this.length; i++) values.push(this.at(i));
    return values;
  }

  toString(): string {
    if (this.step !== 1) return `range(${this.start}, ${this.stop}, ${this.step})`;
    return this.start === 0 ? `range(${this.stop})` : `range(${this.start}, ${this.stop})`;
  }

  get type(): string {
    return 'range';
  }
}

/** The range that a script asks for. @throws StarlarkError 'value' */
export function rangeOf(first: Int, second: Int | undefined, step: Int): Range {
  for (const bound of [first, second, step]) {
    if (typeof bound === 'bigint' && (bound < leastBound || bound > greatestBound))
      throw new StarlarkError('value', `range: ${shownInt(bound)} out of range (want an int of 64 bits)`);
  }
  if (step === 0) throw new StarlarkError('value', 'range: step argument must not be zero');
  return second === undefined ? new Range(0, first, step) : new Range(first, second, step);
}

function isNear(bound: Int): bound is number {
  return typeof bound === 'number' && bound >= -exactBound && bound <= exactBound;
}

function count(low: number, high: number, step: number): number {
  return Math.max(0, Math.ceil((high - low) / step));
}

function exactLength(start: bigint, stop: bigint, step: bigint): number {
  const [low, high, stride] = step > 0n ? [start, stop, step] : [stop, start, -step];
  if (high <= low) return 0;
  const length = toInt((high - low + stride - 1n) / stride);
  if (typeof length === 'number') return length;
  throw new StarlarkError('value', 'range: more than 9007199254740991 elements; use a larger step');
}
