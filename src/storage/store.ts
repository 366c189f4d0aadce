/**
 * What replicas share: small values that end by themselves, records of fields, and messages. Values are texts; what they
 * mean, and how they are sealed, is their owner's to say.
 *
 * Nothing here waits for a store that cannot be reached: an operation fails at once, or within the adapter's own limit.
 */
export interface Store {
  /** False from when the connection is lost until it stands again. */
  readonly available: boolean;
  get(key: string): Promise<string | undefined>;
  /**
   * Writes a value that ends after `ttlMs`.
   * @param options.onlyIfAbsent claims the key: of several at once, one succeeds
   * @returns false when the key was taken already
   */
  set(
    key: string,
    value: string,
    options: { readonly ttlMs: number; readonly onlyIfAbsent?: boolean },
  ): Promise<boolean>;
  /** Reads a value and removes it: of several at once, one gets it. */
  take(key: string): Promise<string | undefined>;
  delete(key: string): Promise<void>;
  /** The fields of a record; empty where there is no such record. */
  fields(key: string): Promise<Readonly<Record<string, string>>>;
  /** Changes fields of a record, which then ends after `ttlMs`; null removes a field. Other fields stay. */
  change(key: string, fields: Readonly<Record<string, string | null>>, ttlMs: number): Promise<void>;
  /** Lets a value or a record live for `ttlMs` from now; false when it is not there. */
  extend(key: string, ttlMs: number): Promise<boolean>;
  /** Sends a message to those who listen now. Returns how many did. */
  publish(channel: string, message: string): Promise<number>;
  /**
   * Listens to a channel from when this resolves, also after the connection was lost; messages in between are lost.
   * @returns how to stop
   */
  subscribe(channel: string, listener: (message: string) => void): Promise<() => Promise<void>>;
  /** Told each time the connection stands again. Returns how to stop. */
  onAvailable(listener: () => void): () => void;
  close(): Promise<void>;
}

/** Why the store did not do what it was asked; the message is for an operator and names no value. */
export class StoreError extends Error {
  /** `unavailable`: not reached, or too slow. `refused`: it answered with an error. */
  readonly code: 'unavailable' | 'refused';

  constructor(code: StoreError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
    this.code = code;
  }
}
