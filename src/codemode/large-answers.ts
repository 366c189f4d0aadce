/** How fast large answers leave the gateway. */
export interface LargeAnswersOptions {
  /** Answers from this size on are large; smaller ones neither wait nor count. 64 KiB unless given. */
  readonly largeBytes?: number;
  /** What large answers may have together in a second, in bytes. */
  readonly bytesPerSecond: number;
  /** After a rest answers leave at once until they come to this, in bytes. 4 MiB unless given. */
  readonly burstBytes?: number;
  /** How long an answer waits at most, in ms. 5 s unless given. */
  readonly patienceMs?: number;
  /** Bytes that wait before scripts wait too; see `areTooMany`. 16 MiB unless given. */
  readonly ceilingBytes?: number;
  /** Milliseconds on a clock that never goes back; `performance.now` unless given. */
  readonly now?: () => number;
}

/**
 * Spreads the large answers of scripts over time. A megabyte has to be copied by the thread that made it, the gateway,
 * the system and the client; a hundred of them in a second leave no processor to regular calls. Small answers overtake.
 */
export class LargeAnswers {
  readonly #options: Required<LargeAnswersOptions>;
  #waitingBytes = 0;
  /** When all that has been let through would have left at `bytesPerSecond`, on the clock of `now`. */
  #spreadUntil = -Infinity;

  constructor(options: LargeAnswersOptions) {
    const defaults = {
      largeBytes: 64 * 2 ** 10,
      burstBytes: 4 * 2 ** 20,
      patienceMs: 5000,
      ceilingBytes: 16 * 2 ** 20,
      now: () => performance.now(),
    };
    this.#options = { ...defaults, ...options };
  }

  /** Resolves when an answer of that many bytes may leave: after `patienceMs` at the latest. */
  async turn(bytes: number): Promise<void> {
    const { largeBytes, bytesPerSecond, burstBytes, patienceMs, now } = this.#options;
    if (bytes < largeBytes) return;
    const burstMs = (burstBytes / bytesPerSecond) * 1000;
    const start = Math.max(this.#spreadUntil, now());
    const waitMs = Math.min(start - burstMs - now(), patienceMs);
    // What is let through for its patience alone is not made up for later.
    this.#spreadUntil = Math.min(start + (bytes / bytesPerSecond) * 1000, now() + burstMs + patienceMs);
    if (waitMs <= 0) return;
    this.#waitingBytes += bytes;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    this.#waitingBytes -= bytes;
  }

  /** Whether so much waits that no further script should begin: what they answer would have to wait in memory too. */
  get areTooMany(): boolean {
    return this.#waitingBytes > this.#options.ceilingBytes;
  }
}
