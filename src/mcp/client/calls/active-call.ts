import type { BackendRequest } from '../../../gateway/index.ts';
import type { JsonObject, ProtocolError } from '../../../protocol/index.ts';
import type { PendingExchange } from '../transport/transport.ts';

export interface ActiveCallOptions {
  readonly id: number;
  readonly method: string;
  /** The caller's request that it carries; undefined for the gateway's own. */
  readonly request: BackendRequest | undefined;
  readonly timeoutMs: number;
  /** How long a call may go on that reports progress, from its first report; an hour when not given. */
  readonly maxWorkMs?: number;
  onTimeout(): void;
}

/**
 * Whatever a backend reports: one that reports for ever would otherwise hold a call for ever.
 * https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle#timeouts
 */
const defaultMaxWorkMs = 60 * 60_000;

/** One request that waits for its answer: its clock, its way to the client, and how it is given up. */
export class ActiveCall {
  readonly id: number;
  readonly method: string;
  readonly request: BackendRequest | undefined;
  readonly timeoutMs: number;
  /** Set when a question of the backend was refused because this call cannot ask its client: why it then failed. */
  refusedAsk: ProtocolError | undefined;
  readonly #maxWorkMs: number;
  readonly #onTimeout: () => void;
  #pending!: PendingExchange;
  #timer: NodeJS.Timeout | undefined;
  #signal: AbortSignal | undefined;
  #onAbort: (() => void) | undefined;
  #openAsks = 0;
  #ended: AbortController | undefined;
  #isEnded = false;
  /** When it must be done, by the clock of `performance`; not known before there was progress. */
  #latestMs: number | undefined;

  constructor(options: ActiveCallOptions) {
    this.id = options.id;
    this.method = options.method;
    this.request = options.request;
    this.timeoutMs = options.timeoutMs;
    this.#maxWorkMs = options.maxWorkMs ?? defaultMaxWorkMs;
    this.#onTimeout = options.onTimeout;
  }

  get answer(): Promise<JsonObject> {
    return this.#pending.answer;
  }

  /** What the backend did wrong while the call waited; undefined for nothing. */
  get noticed(): string | undefined {
    return this.#pending.noticed;
  }

  /** Aborted once the call has its outcome: a question asked on its behalf is then moot. */
  get ended(): AbortSignal {
    this.#ended ??= new AbortController();
    if (this.#isEnded) this.#ended.abort(new Error('the call has ended'));
    return this.#ended.signal;
  }

  start(pending: PendingExchange, signal: AbortSignal, onAbort: () => void): void {
    this.#pending = pending;
    this.#signal = signal;
    this.#onAbort = onAbort;
    signal.addEventListener('abort', onAbort, { once: true });
    this.#wind();
  }

  abort(reason: Error): void {
    this.#pending.abort(reason);
  }

  /** The backend is alive and at work on this call: its time starts anew, within bounds. */
  progressed(): void {
    const nowMs = performance.now();
    this.#latestMs ??= nowMs + this.#maxWorkMs;
    if (this.#openAsks === 0 && nowMs < this.#latestMs) this.#wind();
  }

  /** The clock stands still while the client is being asked. */
  askOpened(): void {
    this.#openAsks += 1;
    clearTimeout(this.#timer);
  }

  askClosed(): void {
    this.#openAsks -= 1;
    if (this.#openAsks === 0) this.#wind();
  }

  end(): void {
    this.#isEnded = true;
    clearTimeout(this.#timer);
    if (this.#onAbort !== undefined) this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#ended?.abort(new Error('the call has ended'));
  }

  #wind(): void {
    if (this.#isEnded) return;
    clearTimeout(this.#timer);
    const leftMs = this.#latestMs === undefined ? Infinity : this.#latestMs - performance.now();
    this.#timer = setTimeout(this.#onTimeout, Math.max(0, Math.min(this.timeoutMs, leftMs)));
  }
}
