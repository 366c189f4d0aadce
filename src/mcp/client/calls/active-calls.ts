import { TransientMap } from '../../../lib/transient-map.ts';
import type { ActiveCall } from './active-call.ts';

/** The requests under way on one connection, oldest first. */
export class ActiveCalls {
  readonly #calls = new TransientMap<number, ActiveCall>();
  readonly #waiting = new Set<(call: ActiveCall | undefined) => void>();

  get size(): number {
    return this.#calls.size;
  }

  add(call: ActiveCall): void {
    this.#calls.set(call.id, call);
    if (call.request?.client.canAsk !== true) return;
    for (const resolve of this.#waiting) resolve(call);
    this.#waiting.clear();
  }

  delete(call: ActiveCall): void {
    this.#calls.delete(call.id);
  }

  get(id: number): ActiveCall | undefined {
    return this.#calls.get(id);
  }

  /** The newest call made for a client whose end can be asked, or the next one to come; undefined when none comes in time. */
  nextAskable(limitMs: number): Promise<ActiveCall | undefined> {
    let newest: ActiveCall | undefined;
    for (const call of this.#calls.values()) if (call.request?.client.canAsk === true) newest = call;
    if (newest !== undefined) return Promise.resolve(newest);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(settle);
        resolve(undefined);
      }, limitMs).unref();
      const settle = (call: ActiveCall | undefined): void => {
        clearTimeout(timer);
        resolve(call);
      };
      this.#waiting.add(settle);
    });
  }

  /** The newest call made for a client, when all such calls are of one client. */
  onlyClients(): ActiveCall | undefined {
    let newest: ActiveCall | undefined;
    for (const call of this.#calls.values()) {
      if (call.request === undefined) continue;
      if (newest !== undefined && newest.request?.caller.sessionId !== call.request.caller.sessionId)
        return undefined;
      newest = call;
    }
    return newest;
  }
}
