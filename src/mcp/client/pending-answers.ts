import type { BackendError, JsonObject } from '../../gateway/index.ts';
import { toProtocolError } from '../wire/jsonrpc.ts';
import type { Answer, PendingExchange } from './transport.ts';

interface Waiter {
  resolve(result: JsonObject): void;
  reject(error: Error): void;
}

/** Requests that wait for their answer on a stream that all of them share, by id. */
export class PendingAnswers {
  readonly #waiters = new Map<number, Waiter>();

  get size(): number {
    return this.#waiters.size;
  }

  add(id: number): PendingExchange {
    const answer = new Promise<JsonObject>((resolve, reject) => this.#waiters.set(id, { resolve, reject }));
    return { answer, abort: (reason) => this.fail(id, reason) };
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
