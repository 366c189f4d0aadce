/** How fast large texts pass through the gateway. */
export interface LargeTextsOptions {
  /** Texts from this size on are large; smaller ones neither wait nor count. 64 KiB unless given. */
  readonly largeBytes?: number;
  /** What large texts may have together in a second, in bytes. */
  readonly bytesPerSecond: number;
  /** After a rest texts pass at once until they come to this, in bytes. */
  readonly burstBytes: number;
  /** How long a text waits at most, in ms. */
  readonly patienceMs: number;
  /** Milliseconds on a clock that never goes back; `performance.now` unless given. */
  readonly now?: () => number;
}

/**
 * Spreads the large texts of scripts over time: a megabyte has to be copied by whoever makes it, the gateway, the system
 * and whoever reads it, and becomes garbage. A hundred of them in a second leave no processor to regular calls. Small
 * texts overtake.
 */
export class LargeTexts {
  readonly #options: Required<LargeTextsOptions>;
  #waitingBytes = 0;
  /** When all that has been let through would have passed at `bytesPerSecond`, on the clock of `now`. */
  #spreadUntil = -Infinity;

  constructor(options: LargeTextsOptions) {
    this.#options = { largeBytes: 64 * 2 ** 10, now: () => performance.now(), ...options };
  }

  /** What waits, in bytes. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Resolves when a text of that many bytes may pass: after `patienceMs` at the latest. */
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
}
