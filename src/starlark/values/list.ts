import { StarlarkError } from '../errors.ts';
import { payAppend } from './costs.ts';
import type { Meter } from './meter.ts';
import { refuseChange } from './locks.ts';
import type { Value } from './value.ts';

/** A Starlark `list`. Owns `elems`: whoever makes a List hands the array over. */
export class List {
  /** Changed only while `locks` is 0. */
  readonly elems: Value[];
  /** See locks.ts. */
  locks: number = 0;
  /** The count of bytes held that came by last: see eval/held.ts. */
  countedBy: object | null = null;

  constructor(elems: Value[]) {
    this.elems = elems;
  }

  /** Fails unless the list may change now; `doing` is such as `append to`. */
  assertMutable(doing: string): void {
    if (this.locks !== 0) refuseChange(this, doing, 'list');
  }

  append(meter: Meter, value: Value): void {
    if (this.locks !== 0) refuseChange(this, 'append to', 'list');
    meter.charge(8);
    payAppend(meter, this.elems.length);
    this.elems.push(value);
  }

  /** Appends some of `values`, from one place up to another. They may be this list's own elements. */
  extend(values: readonly Value[], from: number, to: number): void {
    if (this.locks !== 0) refuseChange(this, 'extend', 'list');
    const { elems } = this;
    for (let i = from; i < to; i++) elems.push(values[i] as Value);
  }

  /** Assigns to the element at `i`, which lies within the list. */
  set(i: number, value: Value): void {
    if (this.locks !== 0) refuseChange(this, 'assign to element of', 'list');
    if (i < 0 || i >= this.elems.length) throw new StarlarkError('index', `list index ${i} out of range`);
    this.elems[i] = value;
  }

  get type(): string {
    return 'list';
  }
}
