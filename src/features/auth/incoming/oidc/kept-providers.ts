import type { KeptState } from '../../../feature.ts';
import type { Provider } from './provider.ts';
import type { ProviderHttp } from './provider-http.ts';

/** A provider, and the connections to it. */
export interface KeptProvider {
  readonly provider: Provider;
  readonly http: ProviderHttp;
}

export interface ProviderLease extends KeptProvider {
  release(): void;
}

/** Providers over reloads: one that is asked for in the same words goes on, with the keys that it has. */
export class KeptProviders implements KeptState {
  readonly #kept = new Map<string, KeptProvider & { users: number }>();

  /** @param key the words: everything that its options are made of */
  acquire(key: string, make: () => KeptProvider): ProviderLease {
    let kept = this.#kept.get(key);
    if (kept === undefined) {
      kept = { ...make(), users: 0 };
      kept.provider.start();
      this.#kept.set(key, kept);
    }
    const held = kept;
    held.users++;
    let released = false;
    return {
      provider: held.provider,
      http: held.http,
      release: () => {
        if (released) return;
        released = true;
        held.users--;
        if (held.users > 0) return;
        this.#kept.delete(key);
        end(held);
      },
    };
  }

  async close(): Promise<void> {
    for (const kept of this.#kept.values()) end(kept);
    this.#kept.clear();
  }
}

function end({ provider, http }: KeptProvider): void {
  provider.close();
  http.close();
}
