/**
 * Lets pieces of work on the main thread through one at a time, a turn of the event loop apart, in the order in which
 * they came. Scripts begin, call and end in bursts; this way a burst of hundreds takes what time is left between the
 * regular calls instead of holding them all up at once.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];

  /** Resolves when a piece of work may be done; it should be a short one. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.push(resolve) === 1) setImmediate(this.#letOneThrough);
    });
  }

  readonly #letOneThrough = (): void => {
    this.#waiting.shift()?.();
    if (this.#waiting.length > 0) setImmediate(this.#letOneThrough);
  };
}
