import type { ActiveCall } from './active-call.ts';

/** The requests under way on one connection, oldest first. */
export class ActiveCalls {
  readonly #calls = new Map<number, ActiveCall>();

  get size(): number {
    return this.#calls.size;
  }

  add(call: ActiveCall): void {
    this.#calls.set(call.id, call);
  }

  delete(call: ActiveCall): void {
    this.#calls.delete(call.id);
  }

  get(id: number): ActiveCall | undefined {
    return this.#calls.get(id);
  }

  /** The newest call made for a client whose end can be asked. */
  newestAskable(): ActiveCall | undefined {
    let newest: ActiveCall | undefined;
    for (const call of this.#calls.values()) if (call.request?.client.canAsk === true) newest = call;
    return newest;
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
