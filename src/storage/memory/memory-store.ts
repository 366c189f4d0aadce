import { guarded, tellEach, type OnDefect } from '../../lib/guarded.ts';
import { StoreError, type Store } from '../store.ts';

type Value = string | Map<string, string>;

interface Entry {
  readonly value: Value;
  endsMs: number;
}

/** What the stores of several replicas in one process have in common. */
export class MemoryHub {
  readonly entries: Map<string, Entry> = new Map();
  readonly channels: Map<string, Set<(message: string) => void>> = new Map();
  readonly now: () => number;
  readonly onDefect: OnDefect | undefined;
  /** False while the hub plays a server that cannot be reached. */
  isUp = true;

  constructor(options: { readonly now?: () => number; readonly onDefect?: OnDefect } = {}) {
    this.now = options.now ?? (() => performance.now());
    this.onDefect = options.onDefect;
  }
}

/** A store within this process, with the same behaviour as one beside it. */
export class MemoryStore implements Store {
  readonly #hub: MemoryHub;
  readonly #onAvailable = new Set<() => void>();
  readonly #stops = new Set<() => void>();
  #closed = false;

  constructor(hub: MemoryHub = new MemoryHub()) {
    this.#hub = hub;
  }

  get available(): boolean {
    return this.#hub.isUp && !this.#closed;
  }

  async get(key: string): Promise<string | undefined> {
    const value = this.#live(key)?.value;
    if (value instanceof Map) throw ofOtherKind(key);
    return value;
  }

  async set(
    key: string,
    value: string,
    options: { readonly ttlMs: number; readonly onlyIfAbsent?: boolean },
  ): Promise<boolean> {
    if (this.#live(key) !== undefined && options.onlyIfAbsent === true) return false;
    this.#hub.entries.set(key, { value, endsMs: this.#hub.now() + options.ttlMs });
    return true;
  }

  async take(key: string): Promise<string | undefined> {
    const reading = this.get(key);
    this.#hub.entries.delete(key);
    return reading;
  }

  async delete(key: string): Promise<void> {
    this.#assertAvailable();
    this.#hub.entries.delete(key);
  }

  async fields(key: string): Promise<Readonly<Record<string, string>>> {
    return Object.fromEntries(this.#record(key) ?? []);
  }

  async change(key: string, fields: Readonly<Record<string, string | null>>, ttlMs: number): Promise<void> {
    const record = new Map(this.#record(key));
    for (const [name, value] of Object.entries(fields)) {
      if (value === null) record.delete(name);
      else record.set(name, value);
    }
    if (record.size === 0) this.#hub.entries.delete(key);
    else this.#hub.entries.set(key, { value: record, endsMs: this.#hub.now() + ttlMs });
  }

  async extend(key: string, ttlMs: number): Promise<boolean> {
    const entry = this.#live(key);
    if (entry === undefined) return false;
    entry.endsMs = this.#hub.now() + ttlMs;
    return true;
  }

  async publish(channel: string, message: string): Promise<number> {
    this.#assertAvailable();
    const listeners = [...(this.#hub.channels.get(channel) ?? [])];
    const tell = guarded('a message of the store', this.#hub.onDefect, () =>
      tellEach('a message of the store', this.#hub.onDefect, listeners, message),
    );
    setImmediate(tell);
    return listeners.length;
  }

  async subscribe(channel: string, listener: (message: string) => void): Promise<() => Promise<void>> {
    const { channels } = this.#hub;
    const listeners = channels.get(channel) ?? new Set();
    channels.set(channel, listeners);
    // Its own function, since one listener may listen twice.
    const own = (message: string): void => listener(message);
    listeners.add(own);
    const stop = (): void => void (listeners.delete(own), this.#stops.delete(stop));
    this.#stops.add(stop);
    return async () => stop();
  }

  onAvailable(listener: () => void): () => void {
    this.#onAvailable.add(listener);
    return () => this.#onAvailable.delete(listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const stop of this.#stops) stop();
  }

  #live(key: string): Entry | undefined {
    this.#assertAvailable();
    const entry = this.#hub.entries.get(key);
    if (entry === undefined || entry.endsMs > this.#hub.now()) return entry;
    this.#hub.entries.delete(key);
    return undefined;
  }

  #record(key: string): Map<string, string> | undefined {
    const value = this.#live(key)?.value;
    if (typeof value === 'string') throw ofOtherKind(key);
    return value;
  }

  #assertAvailable(): void {
    if (!this.available) throw new StoreError('unavailable', 'the store is closed');
  }
}

function ofOtherKind(key: string): StoreError {
  return new StoreError('refused', `the key ${key} holds a value of another kind`);
}
