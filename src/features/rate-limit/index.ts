/**
 * Rate limits: token buckets for all callers, for each, and for single tools. `limits.ts` says which buckets a call takes
 * of, `limit-calls.ts` takes and refuses. Buckets outlive reloads; replicas share them where they share a store.
 */
import { createMemoryBuckets, type BucketStore } from '../../storage/index.ts';
import type { FeatureCode } from '../feature.ts';
import type { RateLimitOptions } from './declaration.ts';
import { limitCalls } from './limit-calls.ts';
import { limitsOf } from './limits.ts';
import type { rateLimitMetrics } from './metrics.ts';

export const rateLimitCode: FeatureCode<RateLimitOptions, typeof rateLimitMetrics, BucketStore> = {
  keep: (_options, { sharedBuckets }) => sharedBuckets?.store ?? createMemoryBuckets(),
  prepare: (options, { instruments, environment, log, sharedBuckets }, store, { name }) => {
    const failsClosed = sharedBuckets?.onFailure === 'closed';
    const meanwhile = failsClosed ? 'limited calls are refused' : 'calls pass unlimited';
    // Told when it changes: a store that is down is asked with each call.
    let isDown = false;
    return {
      below: limitCalls({
        limitsOf: limitsOf(options),
        store,
        scripts: options.scripts,
        failsClosed,
        instruments,
        labels: { namespace: environment['POD_NAMESPACE'] ?? '', server: name },
        onStoreFailure: (why) => {
          if (!isDown) log('error', `rate limits cannot be checked: ${meanwhile}`, { why });
          isDown = true;
        },
        onStoreAnswer: () => {
          if (isDown) log('info', 'rate limits are checked again');
          isDown = false;
        },
      }),
    };
  },
};
