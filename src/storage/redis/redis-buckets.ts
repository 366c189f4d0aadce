/** Token buckets in Redis, for servers that share them. */
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { messageOf } from '../../lib/thrown.ts';
import { BucketStoreError, type Bucket, type BucketStore, type Taken } from '../buckets.ts';

/**
 * Takes a token of each key, or of none. Redis' own clock counts, so that those of servers may differ. A key that has
 * ended is a full bucket: it fills within `refillMs`. Numbers go as text: as numbers, Redis would cut them to integers.
 * Arguments: `maxTokens` and `refillMs` of each key. Answer: the place of the first empty bucket, or -1; the wait.
 */
const script = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local left, emptyAt, wait = {}, -1, 0
for i, key in ipairs(KEYS) do
  local most, refill = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local level = redis.call('HMGET', key, 'tokens', 'at')
  left[i] = most
  if level[1] then
    local passed = math.max(0, now - tonumber(level[2]))
    left[i] = math.min(most, tonumber(level[1]) + passed * most / refill)
  end
  if left[i] < 1 and emptyAt < 0 then emptyAt = i - 1 end
  wait = math.max(wait, (1 - left[i]) * refill / most)
end
if emptyAt < 0 then
  for i, key in ipairs(KEYS) do
    redis.call('HSET', key, 'tokens', string.format('%.17g', left[i] - 1), 'at', string.format('%.3f', now))
    redis.call('PEXPIRE', key, math.ceil(ARGV[2 * i]))
  end
end
return { emptyAt, string.format('%.17g', wait) }
`;

const digest = createHash('sha1').update(script).digest('hex');

/** What Redis knows of a caller's name: nothing. */
function keyOf(key: string): string {
  return createHash('sha256').update(key).digest('base64url');
}

/**
 * @param prefix put before every key
 * @param connection its owner closes it; closing the buckets does not
 */
export function createRedisBuckets(connection: Redis, prefix: string): BucketStore {
  async function run(buckets: readonly Bucket[]): Promise<readonly [number, string]> {
    const keys = buckets.map(({ key }) => prefix + keyOf(key));
    const args = buckets.flatMap(({ maxTokens, refillMs }) => [maxTokens, refillMs]);
    const given = [keys.length, ...keys, ...args] as const;
    try {
      return (await connection.evalsha(digest, ...given)) as [number, string];
    } catch (error) {
      if (!messageOf(error).startsWith('NOSCRIPT')) throw error;
      return (await connection.eval(script, ...given)) as [number, string];
    }
  }

  return {
    take: async (buckets): Promise<Taken> => {
      try {
        const [emptyAt, wait] = await run(buckets);
        return emptyAt < 0 ? { taken: true } : { taken: false, emptyAt, waitMs: Number(wait) };
      } catch (error) {
        throw new BucketStoreError(codeOf(error), `the store: ${messageOf(error)}`, { cause: error });
      }
    },
    close: () => Promise.resolve(),
  };
}

function codeOf(error: unknown): BucketStoreError['code'] {
  const message = messageOf(error);
  const isAnswer = error instanceof Error && error.name === 'ReplyError';
  if (isAnswer) return /^(?:NOAUTH|WRONGPASS|NOPERM)\b/.test(message) ? 'auth' : 'other';
  return message === 'Command timed out' ? 'timeout' : 'connection';
}
