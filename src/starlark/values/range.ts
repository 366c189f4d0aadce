import type { Value } from './value.ts';

/** A Starlark `range`: the ints from `start`, `step` apart, `length` of them. All four are safe integers. */
export class Range {
  readonly start: number;
  readonly stop: number;
  readonly step: number;
  readonly length: number;

  constructor(start: number, stop: number, step: number) {
    this.start = start;
    this.stop = stop;
    this.step = step;
    this.length =
      step > 0
        ? Math.max(0, Math.ceil((stop - start) / step))
        : Math.max(0, Math.ceil((start - stop) / -step));
  }

  /** The `i`th int, for `0 <= i < length`. */
  at(i: number): number {
    return this.start + i * this.step;
  }

  /** Whether the int or float `x` is in the sequence. */
  includes(x: number): boolean {
    const offset = x - this.start;
    const i = offset / this.step;
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
    for (let i = 0, x = this.start; i < this.length; i++, x += this.step) values.push(x);
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
