import type { Backend } from './backend.ts';

/** A backend for as long as one gateway needs it. */
export interface BackendLease {
  readonly backend: Backend;
  /** Gives it back. The last one to do so closes it, once its requests in flight are done. Idempotent. */
  release(): Promise<void>;
}

/**
 * Backends by the identity of their configuration, so that a gateway made anew takes over those that did not change, with
 * their connections, before the old one lets go of them.
 */
export class BackendPool {
  readonly #entries = new Map<string, { readonly backend: Backend; leases: number }>();

  /**
   * @param identity everything that the backend was made from, as text: equal text means the same backend.
   * @param create called when none of that identity is held.
   */
  acquire(identity: string, create: () => Backend): BackendLease {
    let entry = this.#entries.get(identity);
    if (entry === undefined) {
      entry = { backend: create(), leases: 0 };
      this.#entries.set(identity, entry);
    }
    entry.leases += 1;
    const { backend } = entry;
    let released: Promise<void> | undefined;
    return { backend, release: () => (released ??= this.#release(identity)) };
  }

  /** Closes every backend, whoever holds it. */
  async close(): Promise<void> {
    const backends = [...this.#entries.values()].map(({ backend }) => backend);
    this.#entries.clear();
    await Promise.all(backends.map((backend) => backend.close()));
  }

  async #release(identity: string): Promise<void> {
    const entry = this.#entries.get(identity);
    if (entry === undefined) return;
    entry.leases -= 1;
    if (entry.leases > 0) return;
    this.#entries.delete(identity);
    await entry.backend.close();
  }
}
