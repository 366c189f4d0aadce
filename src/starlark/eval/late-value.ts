import type { Value } from '../values/value.ts';

/**
 * A value that a host function's promise gives without holding it: it is made once, when the script goes on. A promise
 * keeps what it was resolved with. One that was waited for while V8 collected its young generation twice has reached the
 * old one, and keeps a value that nobody needs any more until everything is collected.
 */
export class LateValue {
  /** What the value will hold, by the estimate of `Thread.charge`. Whoever makes this has charged it. */
  readonly bytes: number;
  #make: (() => Value) | undefined;

  /** @param make may throw, as the host function may. It must be all that refers to what the value is made of. */
  constructor(bytes: number, make: () => Value) {
    this.bytes = bytes;
    this.#make = make;
  }

  /** Makes the value. To be called once. */
  take(): Value {
    const make = this.#make;
    if (make === undefined) throw new Error('a late value was taken twice');
    this.#make = undefined;
    return make();
  }
}
