/** Which buckets a call takes tokens of. */
import { principalKey, type ToolCall } from '../../gateway/index.ts';
import type { Bucket } from '../../storage/index.ts';
import type { BucketOptions, RateLimitOptions } from './declaration.ts';

/** A bucket, and what it limits, for metrics. */
export interface Limit extends Bucket {
  readonly scope: 'shared' | 'per_user';
  readonly operation: 'server' | 'tool';
}

/** Makes a function that tells the buckets of a call: four at the most, in ToolHive's order. */
export function limitsOf({ shared, perUser, tools }: RateLimitOptions): (call: ToolCall) => Limit[] {
  const byTool = new Map(tools.map((tool) => [tool.name, tool]));
  return ({ name, caller }) => {
    const tool = byTool.get(name);
    const user = principalKey(caller.principal);
    return [
      limit(shared, 'shared', { scope: 'shared', operation: 'server' }),
      limit(tool?.shared, `shared tool ${name}`, { scope: 'shared', operation: 'tool' }),
      limit(perUser, `user ${user}`, { scope: 'per_user', operation: 'server' }),
      limit(tool?.perUser, `user ${user}\0tool ${name}`, { scope: 'per_user', operation: 'tool' }),
    ].flat();
  };
}

function limit(
  bucket: BucketOptions | undefined,
  key: string,
  what: Pick<Limit, 'scope' | 'operation'>,
): Limit[] {
  if (bucket === undefined) return [];
  return [{ key, maxTokens: bucket.maxTokens, refillMs: bucket.refillPeriod, ...what }];
}
