import type { RedisStoreOptions, RedisTarget, StoreWithBuckets } from './redis-store.ts';

/** Loads the client library, which costs 50 ms and 23 MB, and connects in the background. */
export async function loadRedisStore(
  target: RedisTarget,
  options: RedisStoreOptions,
): Promise<StoreWithBuckets> {
  const { createRedisStore } = await import('./redis-store.ts');
  return createRedisStore(target, options);
}
