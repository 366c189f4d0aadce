/**
 * What is kept for longer than a request. Ports and what implements them in memory; credentials in a file, where
 * nothing secret is ever written in the clear: without a key nothing is written.
 */
export { BucketStoreError } from './buckets.ts';
export type { Bucket, BucketStore, Taken } from './buckets.ts';
export { createMemoryBuckets } from './memory/memory-buckets.ts';
export {
  deriveKeys,
  SecretKeyError,
  secretKeyVariable,
  type DerivedKey,
  type DerivedKeys,
} from './secret-key.ts';
export { openTokenFile, type StoredToken, type TokenFile, type TokenOwner } from './token-file.ts';
