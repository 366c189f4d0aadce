/** What the event loop has done so far, in ms. */
export interface LoopTimes {
  readonly active: number;
  readonly idle: number;
}

export interface TurnsOptions {
  /** The share of its time (0 to 1) that the main thread may be busy, with whatever, before further pieces wait. */
  readonly busyShare: number;
  /** How long they wait at most, however busy it is: one goes through at least this often. */
  readonly patienceMs: number;
  /** While it is true nothing goes through, but for what may wait no longer. Never unless given. */
  readonly isHeld?: () => boolean;
  /** `performance.eventLoopUtilization` unless given. */
  readonly loopTimes?: () => LoopTimes;
}

/** A burst up to this goes through at once, in ms of the main thread's time. */
const burstMs = 3;

interface Waiting {
  readonly latestAt: number;
  resolve(): void;
}

/**
 * Lets pieces of work on the main thread through one at a time, a turn of the event loop apart, in the order in which
 * they came. Scripts begin, call and end in bursts; this way a burst of hundreds takes what time is left between the
 * regular calls instead of holding them all up at once. And it leaves the thread idle for part of the time: a thread
 * that is always busy has used up its claim to a processor when a regular call comes, and waits for one.
 */
export class Turns {
  readonly #options: TurnsOptions;
  readonly #loopTimes: () => LoopTimes;
  readonly #waiting: Waiting[] = [];
  #isUnderWay = false;
  #seen: LoopTimes = { active: 0, idle: 0 };
  /** By how many ms the thread has been busier than `busyShare`, of late. */
  #excessMs = 0;
  #lastAt = -Infinity;

  constructor(options: TurnsOptions) {
    this.#options = options;
    this.#loopTimes = options.loopTimes ?? (() => performance.eventLoopUtilization());
  }

  /**
   * Resolves when a piece of work may be done; it should be a short one. From `latestAt` on, on the clock of
   * `performance.now()`, it is no longer held, but for those that came before.
   */
  next(latestAt: number = Infinity): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ resolve, latestAt });
      if (this.#isUnderWay) return;
      this.#isUnderWay = true;
      setImmediate(this.#letOneThrough);
    });
  }

  readonly #letOneThrough = (): void => {
    if (this.#mustWait()) return void setTimeout(this.#letOneThrough, 1);
    this.#waiting.shift()?.resolve();
    if (this.#waiting.length > 0) setImmediate(this.#letOneThrough);
    else this.#isUnderWay = false;
  };

  #mustWait(): boolean {
    if (this.#options.isHeld?.() !== true) return this.#isTooBusy();
    const [next] = this.#waiting;
    return next === undefined || performance.now() < next.latestAt;
  }

  #isTooBusy(): boolean {
    const { active, idle } = this.#loopTimes();
    const { busyShare, patienceMs } = this.#options;
    const busyMs = active - this.#seen.active;
    const spentMs = busyMs + idle - this.#seen.idle;
    this.#seen = { active, idle };
    // Neither a long rest nor a long strain is remembered for more than a burst.
    this.#excessMs = Math.min(Math.max(this.#excessMs + busyMs - busyShare * spentMs, 0), 2 * burstMs);
    const now = active + idle;
    if (this.#excessMs > burstMs && now - this.#lastAt < patienceMs) return true;
    this.#lastAt = now;
    return false;
  }
}
