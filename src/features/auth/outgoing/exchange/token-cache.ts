import type { IssuedToken } from '../oauth/token-endpoint.ts';

/** Before its end a token is no longer used, so that it does not end on the way. */
const marginMs = 60_000;
/** For a token whose end is not told. */
const untoldLifetimeMs = 5 * 60_000;

export interface TokenCacheOptions {
  /** Of tokens held; those used longest ago go first. */
  readonly maxEntries: number;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
}

/** What asking for a token needs. */
export interface TokenWish {
  readonly key: string;
  /** When what the token is made of ends, in milliseconds since 1970; absent where it does not. */
  readonly sourceEndsAtMs?: number | undefined;
  ask(): Promise<IssuedToken>;
}

interface Entry {
  readonly value: string;
  readonly untilMs: number;
}

/**
 * Tokens for one backend, by key. Each is kept until a minute before it or its source ends, whichever is first. Those who
 * want the same one at once wait for one request.
 */
export class TokenCache {
  readonly #options: TokenCacheOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #asking = new Map<string, Promise<string>>();

  constructor(options: TokenCacheOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The token; a value, not a promise, where it is known. */
  get(wish: TokenWish): string | Promise<string> {
    const entry = this.#entries.get(wish.key);
    if (entry !== undefined && entry.untilMs > this.#options.wallClock()) {
      // The last in a map is the one used last.
      this.#entries.delete(wish.key);
      this.#entries.set(wish.key, entry);
      return entry.value;
    }
    return this.#asking.get(wish.key) ?? this.#ask(wish);
  }

  /** Forgets a token that a backend did not take, unless another has replaced it meanwhile. */
  drop(key: string, value: string): void {
    if (this.#entries.get(key)?.value === value) this.#entries.delete(key);
  }

  #ask(wish: TokenWish): Promise<string> {
    const { key, sourceEndsAtMs = Infinity } = wish;
    const asked = wish
      .ask()
      .then(({ text, expiresAtMs = this.#options.wallClock() + untoldLifetimeMs + marginMs }) => {
        this.#keep(key, { value: text, untilMs: Math.min(expiresAtMs, sourceEndsAtMs) - marginMs });
        return text;
      })
      .finally(() => this.#asking.delete(key));
    this.#asking.set(key, asked);
    return asked;
  }

  #keep(key: string, entry: Entry): void {
    this.#entries.delete(key);
    if (entry.untilMs <= this.#options.wallClock()) return;
    this.#entries.set(key, entry);
    if (this.#entries.size <= this.#options.maxEntries) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
