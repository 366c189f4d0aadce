/**
 * What is handed on through promises and taken once, for what may be large. A promise keeps what it gave. One that was waited
 * for while V8 collected its young generation twice is old to it, and keeps that until everything is collected; so it
 * is to keep no more than this, which is empty by then.
 */
export class Once<T extends object> {
  #value: T | undefined;

  constructor(value: T) {
    this.#value = value;
  }

  /** The value. To be called once. */
  take(): T {
    const value = this.#value;
    if (value === undefined) throw new Error('what can be taken once was taken before');
    this.#value = undefined;
    return value;
  }
}
