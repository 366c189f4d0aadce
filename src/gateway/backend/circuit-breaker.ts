export interface CircuitOptions {
  /** Failures in a row that open the circuit. */
  readonly failureThreshold: number;
  /** How long an open circuit refuses everything before it lets one trial through. */
  readonly timeoutMs: number;
  readonly now: () => number;
  /** Told when a closed circuit opens, and when it is closed again; not of trials that fail. */
  readonly onTurned?: (state: 'open' | 'closed') => void;
}

export type CircuitState = 'closed' | 'open' | 'half-open';

/**
 * Spares a backend that keeps failing, and its callers the wait. Closed, it lets everything pass; after a number of
 * failures in a row it opens and refuses at once; after a time it lets one trial through (half-open), whose outcome
 * closes it or opens it again.
 */
export class CircuitBreaker {
  readonly #options: CircuitOptions;
  #state: CircuitState = 'closed';
  #failures = 0;
  #openedAt = 0;

  constructor(options: CircuitOptions) {
    this.#options = options;
  }

  get state(): CircuitState {
    return this.#state;
  }

  /** Whether a request may go now. True in half-open state for one request only: that one must report its outcome. */
  tryPass(): boolean {
    if (this.#state === 'closed') return true;
    if (this.#state === 'half-open') return false;
    if (this.#options.now() - this.#openedAt < this.#options.timeoutMs) return false;
    this.#state = 'half-open';
    return true;
  }

  succeeded(): void {
    const wasClosed = this.#state === 'closed';
    this.#state = 'closed';
    this.#failures = 0;
    if (!wasClosed) this.#options.onTurned?.('closed');
  }

  failed(): void {
    this.#failures += 1;
    const wasClosed = this.#state === 'closed';
    if (wasClosed && this.#failures < this.#options.failureThreshold) return;
    this.#state = 'open';
    this.#openedAt = this.#options.now();
    if (wasClosed) this.#options.onTurned?.('open');
  }

  /** The request that passed was cancelled: it tells nothing, so the next one is the trial. */
  undecided(): void {
    if (this.#state === 'half-open') this.#state = 'open';
  }
}
