/**
 * Tells a script thread that is held from one that is starved. A thread that answers no ping may have no processor: the
 * machine is busy, and it would answer if it were let. So what counts is the processor time that its process took since
 * it was asked, or has started, which the process's main thread tells; that one is starved too when the thread is, and silence says
 * nothing. Time itself counts in looks, not by a clock: where it was the gateway that was held up, one look is late, and
 * the answer that waits behind it is read before the next.
 */
export interface WatchdogOptions {
  /** The processor time that a thread may take without an answer before it is given up, in ms. */
  readonly unresponsiveMs: number;
  /** Sends the thread a number, for `answered`. */
  ping(beat: number): void;
  /** Asks for the processor time of its process, for `used`. */
  askUsage(): void;
  /** The thread is silent: what is new had better go to another. */
  onSilent(): void;
  /** It was silent, and answers again. */
  onAnswer(): void;
  /** It has taken all the processor time that it may, was asked again, and went on. */
  onHung(): void;
}

/** How often the owner calls `look`, in ms. */
export const lookEveryMs = 100;

/** Looks without an answer after which a thread is silent: half a second, counted from the one that asked. */
const silentLooks = 5;
/** And the processor time that it took in them, in ms. One that is not held needs a few to answer. */
const silentCpuMs = 100;
/** Looks after which it is silent even without processor time: it may be stopped altogether. */
const silentAtAllLooks = 100;
/** What it may take after it was asked again, as a part of what it may take in all. */
const afterwardsShare = 0.25;

export class Watchdog {
  readonly #options: WatchdogOptions;
  #beat = 0;
  #isWaiting = false;
  #hasStarted = false;
  #isSilent = false;
  /** Looks since the thread was asked. */
  #looks = 0;
  #isAsking = false;
  /** The processor time of the process at the first look without an answer, and when the thread was asked again. */
  #cpuBefore: number | undefined;
  #cpuAskedAgain: number | undefined;

  constructor(options: WatchdogOptions) {
    this.#options = options;
  }

  /** Whether the thread has left a ping unanswered for so long that new scripts should not wait for it. */
  get isSilent(): boolean {
    return this.#isSilent;
  }

  /** Whether a ping is under way. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** To be called every `lookEveryMs` while it matters whether the thread answers. */
  look(): void {
    if (!this.#isWaiting) {
      this.#isWaiting = true;
      this.#count();
      this.#options.ping(++this.#beat);
      return;
    }
    this.#looks++;
    if (this.#looks >= silentAtAllLooks) this.#fallSilent();
    if (this.#isAsking) return;
    this.#isAsking = true;
    this.#options.askUsage();
  }

  /** The thread has started, which takes processor time of its own. */
  started(): void {
    this.#hasStarted = true;
    this.#count();
  }

  /** The thread has answered a ping. */
  answered(beat: number): void {
    // The answer to an older one is followed by that to the newest.
    if (beat !== this.#beat) return;
    this.#isWaiting = false;
    if (!this.#isSilent) return;
    this.#isSilent = false;
    this.#options.onAnswer();
  }

  /** The process has taken this much processor time since its start. */
  used(cpuMs: number): void {
    this.#isAsking = false;
    if (!this.#isWaiting) return;
    this.#cpuBefore ??= cpuMs;
    const spentMs = cpuMs - this.#cpuBefore;
    if (this.#hasStarted && this.#looks >= silentLooks && spentMs >= silentCpuMs) this.#fallSilent();
    const { unresponsiveMs } = this.#options;
    if (spentMs < unresponsiveMs) return;
    if (this.#cpuAskedAgain === undefined) {
      this.#cpuAskedAgain = cpuMs;
      this.#options.ping(++this.#beat);
    } else if (cpuMs - this.#cpuAskedAgain >= unresponsiveMs * afterwardsShare) {
      this.#options.onHung();
    }
  }

  /** From here on. */
  #count(): void {
    this.#looks = 0;
    this.#cpuBefore = this.#cpuAskedAgain = undefined;
  }

  #fallSilent(): void {
    if (this.#isSilent) return;
    this.#isSilent = true;
    this.#options.onSilent();
  }
}
