import type { Bucket, BucketStore, Taken } from '../buckets.ts';

/** What is left in a bucket, and when that was so. */
interface Level extends Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

export interface MemoryBuckets extends BucketStore {
  /** Buckets that are not known to be full. */
  readonly size: number;
}

/** So many are kept before the full ones among them are looked for. */
const leastSweep = 1_024;

/**
 * Buckets of this process. One that is full again is forgotten, so that memory is held for those alone that took a token
 * within their `refillMs`.
 * @param now milliseconds on a clock that only goes forward
 */
export function createMemoryBuckets(now: () => number = () => performance.now()): MemoryBuckets {
  const levels = new Map<string, Level>();
  let sweepAt = leastSweep;

  function tokensOf({ key, maxTokens, refillMs }: Bucket, nowMs: number): number {
    const level = levels.get(key);
    if (level === undefined) return maxTokens;
    return Math.min(maxTokens, level.tokens + ((nowMs - level.atMs) * maxTokens) / refillMs);
  }

  function sweep(nowMs: number): void {
    if (levels.size < sweepAt) return;
    for (const level of levels.values())
      if (tokensOf(level, nowMs) >= level.maxTokens) levels.delete(level.key);
    sweepAt = Math.max(leastSweep, levels.size * 2);
  }

  function takeNow(buckets: readonly Bucket[]): Taken {
    const nowMs = now();
    const tokens = buckets.map((bucket) => tokensOf(bucket, nowMs));
    const emptyAt = tokens.findIndex((left) => left < 1);
    if (emptyAt !== -1) {
      const waits = buckets.map(
        ({ maxTokens, refillMs }, index) => ((1 - (tokens[index] ?? 0)) * refillMs) / maxTokens,
      );
      return { taken: false, emptyAt, waitMs: Math.max(...waits) };
    }
    for (const [index, bucket] of buckets.entries())
      levels.set(bucket.key, { ...bucket, tokens: (tokens[index] ?? 0) - 1, atMs: nowMs });
    sweep(nowMs);
    return { taken: true };
  }

  return {
    take: async (buckets) => takeNow(buckets),
    close: async () => levels.clear(),
    get size() {
      return levels.size;
    },
  };
}
