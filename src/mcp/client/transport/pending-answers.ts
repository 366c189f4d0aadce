import type { BackendError } from '../../../gateway/index.ts';
import type { JsonObject } from '../../../protocol/index.ts';
import { TransientMap } from '../../../lib/transient-map.ts';
import { toProtocolError } from '../../wire/jsonrpc.ts';
import type { Answer, PendingExchange } from './transport.ts';

/** One request that waits. */
class Waiter implements PendingExchange {
  readonly answer: Promise<JsonObject>;
  readonly resolve: (result: JsonObject) => void;
  readonly reject: (error: Error) => void;
  /** What the backend last did wrong while this request waited. */
  noticed: string | undefined;
  readonly #abort: (reason: Error) => void;

  constructor(abort: (reason: Error) => void) {
    const { promise, resolve, reject } = Promise.withResolvers<JsonObject>();
    this.answer = promise;
    this.resolve = resolve;
    this.reject = reject;
    this.#abort = abort;
  }

  abort(reason: Error): void {
    this.#abort(reason);
  }
}

/** Requests that wait for their answer on a stream that all of them share, by id. */
export class PendingAnswers {
  readonly #waiters = new TransientMap<number, Waiter>();
  #newestId = 0;

  get size(): number {
    return this.#waiters.size;
  }

  add(id: number): PendingExchange {
    this.#newestId = id;
    const waiter = new Waiter((reason) => this.fail(id, reason));
    this.#waiters.set(id, waiter);
    return waiter;
  }

  /** Whether a request with this id was ever sent; ids only grow. */
  wasSent(id: unknown): boolean {
    return typeof id === 'number' && id > 0 && id <= this.#newestId;
  }

  /** Notes what may be why a request gets no answer: which one it concerns cannot be told. */
  notice(what: string): void {
    for (const waiter of this.#waiters.values()) waiter.noticed = what;
  }

  /** Settles the request that this answers; false when none waits for it (answered before, cancelled, or never sent). */
  settle(parsed: Answer): boolean {
    const id = parsed.message.id;
    const waiter = typeof id === 'number' ? this.#take(id) : undefined;
    if (waiter === undefined) return false;
    if (parsed.kind === 'result') waiter.resolve(parsed.message.result);
    else waiter.reject(toProtocolError(parsed.message.error));
    return true;
  }

  fail(id: number, error: Error): void {
    this.#take(id)?.reject(error);
  }

  /** Fails the only request that waits; false when there are none or several. */
  failOnly(error: Error): boolean {
    const [id, second] = this.#waiters.keys();
    if (id === undefined || second !== undefined) return false;
    this.fail(id, error);
    return true;
  }

  failAll(error: BackendError): void {
    for (const id of [...this.#waiters.keys()]) this.fail(id, error);
  }

  #take(id: number): Waiter | undefined {
    const waiter = this.#waiters.get(id);
    if (waiter !== undefined) this.#waiters.delete(id);
    return waiter;
  }
}
