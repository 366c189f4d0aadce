/** A timer that can be held: the time until it is let go again does not count. */
export class PausableTimer {
  readonly #onExpire: () => void;
  #leftMs: number;
  #runningSince: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #holds = 0;
  #heldSince = 0;
  #heldMs = 0;
  #ended = false;

  /** Starts at once. `onExpire` is called once, never before this returns; it must not throw. */
  constructor(ms: number, onExpire: () => void) {
    this.#leftMs = Math.max(ms, 0);
    this.#onExpire = onExpire;
    this.#run();
  }

  /** Milliseconds that it was held so far. */
  get heldMs(): number {
    return this.#heldMs + (this.#holds > 0 ? performance.now() - this.#heldSince : 0);
  }

  /** Stands still until what this gives is called, however often; others may hold it meanwhile, too. */
  hold(): () => void {
    if (this.#holds++ === 0) this.#pause();
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      if (--this.#holds === 0) this.#goOn();
    };
  }

  /** Never expires any more. */
  stop(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  #pause(): void {
    clearTimeout(this.#timer);
    this.#heldSince = performance.now();
    if (this.#runningSince !== undefined) this.#leftMs -= this.#heldSince - this.#runningSince;
    this.#runningSince = undefined;
  }

  #goOn(): void {
    this.#heldMs += performance.now() - this.#heldSince;
    if (!this.#ended) this.#run();
  }

  #run(): void {
    this.#runningSince = performance.now();
    this.#timer = setTimeout(
      () => {
        this.#ended = true;
        this.#onExpire();
      },
      Math.max(this.#leftMs, 0),
    );
  }
}
