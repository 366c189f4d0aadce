import { createHash } from 'node:crypto';
import type { Checked } from '../credential/check.ts';

interface Entry {
  readonly checked: Checked;
  /** On the clock that only goes forward, and on that of the wall: past either, it is checked again. */
  readonly untilMs: number;
  readonly untilWallMs: number;
  /** Of the keys that it was checked by; absent where it was not checked by keys. */
  readonly version?: number | undefined;
}

export interface TokenCacheOptions {
  readonly maxEntries: number;
  readonly now: () => number;
  readonly wallClock: () => number;
}

/** What was found out about tokens, by their hash. Those used longest ago go first. */
export class TokenCache {
  readonly #entries = new Map<string, Entry>();
  readonly #options: TokenCacheOptions;

  constructor(options: TokenCacheOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** @param version of the keys now; what was found under others does not count */
  get(hash: string, version: number): Checked | undefined {
    const entry = this.#entries.get(hash);
    if (entry === undefined) return undefined;
    this.#entries.delete(hash);
    const { now, wallClock } = this.#options;
    if ((entry.version ?? version) !== version || entry.untilMs <= now() || entry.untilWallMs <= wallClock())
      return undefined;
    this.#entries.set(hash, entry);
    return entry.checked;
  }

  /** Keeps it for at most `maxMs`, and no longer than its principal's credential lasts. */
  set(
    hash: string,
    checked: Checked,
    { maxMs, version }: { maxMs: number; version?: number | undefined },
  ): void {
    const untilWallMs = 'principal' in checked ? (checked.principal.expiresAtMs ?? Infinity) : Infinity;
    this.#entries.delete(hash);
    this.#entries.set(hash, { checked, untilMs: this.#options.now() + maxMs, untilWallMs, version });
    if (this.#entries.size <= this.#options.maxEntries) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}

export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
