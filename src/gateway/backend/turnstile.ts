/** Lets so many through at once; the others wait their turn, first come first served. */
export class Turnstile {
  readonly #maxAtOnce: number;
  readonly #waiting: (() => void)[] = [];
  #inside = 0;

  constructor(maxAtOnce: number) {
    this.#maxAtOnce = maxAtOnce;
  }

  async pass<T>(what: () => Promise<T>): Promise<T> {
    if (this.#inside >= this.#maxAtOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#inside += 1;
    try {
      return await what();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#inside -= 1;
      else next();
    }
  }
}
