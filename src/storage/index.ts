/** What is kept for longer than a request: ports, and what implements them in memory. */
export { BucketStoreError } from './buckets.ts';
export type { Bucket, BucketStore, Taken } from './buckets.ts';
export { createMemoryBuckets } from './memory/memory-buckets.ts';
