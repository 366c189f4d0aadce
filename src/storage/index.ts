/**
 * What is kept for longer than a request, or by more than one process. Ports, each with an adapter in memory, and one
 * for Redis whose code loads when it is used; `replicas.ts` sends messages between processes. Credentials are in a file.
 * Nothing secret is ever written in the clear: `secret-key.ts` derives all keys, `sealer.ts` seals what leaves the process.
 */
export { BucketStoreError } from './buckets.ts';
export type { Bucket, BucketStore, Taken } from './buckets.ts';
export { createMemoryBuckets } from './memory/memory-buckets.ts';
export { loadRedisStore } from './redis/load.ts';
export type { MessageBody } from './replicas.ts';
export { Replicas } from './replicas.ts';
export { Sealer } from './sealer.ts';
export {
  deriveKeys,
  readSecretKeys,
  SecretKeyError,
  secretKeyVariable,
  type DerivedKey,
  type DerivedKeys,
} from './secret-key.ts';
export { StoreError, type Store } from './store.ts';
export { openTokenFile, type StoredToken, type TokenFile, type TokenOwner } from './token-file.ts';
