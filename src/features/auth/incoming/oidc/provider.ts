/**
 * One provider: its keys, kept fresh in the background. Nothing waits for it but a token that needs a key that is not
 * there. Keys serve for a day after they were last fetched, so that a provider that is down keeps no caller out.
 */
import { messageOf } from '../../../../lib/thrown.ts';
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { isObject, type JsonValue } from '../../../../protocol/index.ts';
import type { ProviderEndpoints } from './discovery.ts';

export interface ProviderOptions {
  /** How problems call it. */
  readonly issuer: string;
  /** Where its keys are. */
  readonly locate: () => Promise<ProviderEndpoints>;
  readonly fetchJson: (url: string) => Promise<JsonValue>;
  readonly log: (level: 'info' | 'warn', message: string) => void;
  /** Milliseconds on a clock that only goes forward. */
  readonly now?: () => number;
}

/** After an attempt that failed: at first soon, then less often. */
const retryMs = [1_000, 2_000, 5_000, 10_000, 30_000] as const;
const refreshMs = 10 * 60_000;
/** The least time between two fetches for the sake of an unknown key. */
const cooldownMs = 30_000;
const keysServeMs = 24 * 60 * 60_000;
/** The longest that a request waits for keys; a fetch itself may take longer. */
const waitMs = 5_000;

export class Provider {
  readonly #options: ProviderOptions;
  readonly #now: () => number;
  #keys: JWTVerifyGetKey | undefined;
  #text = '';
  #fetchedMs = 0;
  #attemptedMs = -Infinity;
  #failures = 0;
  #fetching: Promise<void> | undefined;
  #endpoints: ProviderEndpoints | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  /** Changes with the set of keys: what was verified under another value must be verified again. */
  version = 0;

  constructor(options: ProviderOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Begins to fetch the keys, and goes on until it is closed. */
  start(): void {
    void this.#refresh();
  }

  /** The keys, where there are some that still serve. Waits for those that are being fetched where there are none. */
  async keys(): Promise<JWTVerifyGetKey | undefined> {
    if (this.#usable === undefined && this.#fetching !== undefined) await atMost(waitMs, this.#fetching);
    return this.#usable;
  }

  /** The keys once more for a token whose key is not among them; undefined where they were fetched just now. */
  async newerKeys(): Promise<JWTVerifyGetKey | undefined> {
    if (this.#fetching === undefined && this.#now() - this.#attemptedMs < cooldownMs) return undefined;
    await atMost(waitMs, this.#refresh());
    return this.#usable;
  }

  /** What discovery told; undefined until it has. */
  get endpoints(): ProviderEndpoints | undefined {
    return this.#endpoints;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  get #usable(): JWTVerifyGetKey | undefined {
    return this.#now() - this.#fetchedMs < keysServeMs ? this.#keys : undefined;
  }

  /** Fetches the keys, one fetch at a time. Never rejects. */
  #refresh(): Promise<void> {
    this.#fetching ??= this.#fetch().finally(() => {
      this.#fetching = undefined;
      this.#schedule();
    });
    return this.#fetching;
  }

  async #fetch(): Promise<void> {
    const { issuer, locate, fetchJson, log } = this.#options;
    this.#attemptedMs = this.#now();
    try {
      this.#endpoints = await locate();
      this.#take(await fetchJson(this.#endpoints.jwksUrl));
      if (this.#failures > 0) log('info', `the keys of ${issuer} were fetched again`);
      this.#failures = 0;
    } catch (error) {
      this.#failures++;
      const stays =
        this.#usable === undefined ? 'its tokens are answered with 503' : 'the keys from before serve on';
      if (this.#failures === 1)
        log('warn', `the keys of ${issuer} cannot be fetched; ${stays}: ${messageOf(error)}`);
    }
  }

  #take(fetched: JsonValue): void {
    if (!isObject(fetched) || !Array.isArray(fetched['keys']) || fetched['keys'].length === 0) {
      throw new Error('expected a set of keys (JWKS) with at least one key');
    }
    const text = JSON.stringify(fetched['keys']);
    this.#fetchedMs = this.#now();
    if (text === this.#text) return;
    this.#keys = createLocalJWKSet(fetched as unknown as JSONWebKeySet);
    this.#text = text;
    this.version++;
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    const waitedMs = this.#failures === 0 ? refreshMs : retryMs[Math.min(this.#failures, retryMs.length) - 1];
    this.#timer = setTimeout(() => void this.#refresh(), waitedMs).unref();
  }
}

/** Waits for work, but no longer than this. Where the work has already failed, so does this. */
async function atMost(ms: number, work: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work, promise]).finally(() => clearTimeout(timer));
}
