/** The port of token buckets: who may do how much. In memory now; a store that servers share has to be asked. */

/** A bucket that fills steadily: `maxTokens` in `refillMs`. One that was never taken from is full. */
export interface Bucket {
  readonly key: string;
  readonly maxTokens: number;
  readonly refillMs: number;
}

/** All tokens were taken, or none. */
export type Taken =
  | { readonly taken: true }
  | {
      readonly taken: false;
      /** The first bucket without a token, by its place in what was asked for. */
      readonly emptyAt: number;
      /** How long it takes until each of the buckets has a token, if no other takes them. More than 0. */
      readonly waitMs: number;
    };

export interface BucketStore {
  /**
   * Takes one token of each bucket, or none of any.
   * @throws BucketStoreError when the store cannot be asked
   */
  take(buckets: readonly Bucket[]): Promise<Taken>;
  close(): Promise<void>;
}

/** The store cannot be asked. */
export class BucketStoreError extends Error {
  readonly code: 'timeout' | 'connection' | 'auth' | 'other';
  constructor(code: BucketStoreError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BucketStoreError';
    this.code = code;
  }
}
