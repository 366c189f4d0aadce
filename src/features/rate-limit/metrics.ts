import { secondsBounds, type Metrics } from '../../telemetry/kit/index.ts';

/** `namespace` is that of Kubernetes, empty elsewhere; `server` the server's name. No label tells a user. */
const place = { namespace: 'configured', server: 'configured' } as const;

/** ToolHive's metrics of rate limits. */
export const rateLimitMetrics = {
  decisions: {
    name: 'toolhive_rate_limit_decisions',
    kind: 'counter',
    description: 'Total number of rate limit bucket decisions',
    attributes: {
      ...place,
      decision: ['allowed', 'rejected'],
      scope: ['shared', 'per_user'],
      operation_type: ['server', 'tool'],
    },
  },
  redisErrors: {
    name: 'toolhive_rate_limit_redis_errors',
    kind: 'counter',
    description: 'Total number of Redis errors during rate limit checks',
    attributes: { ...place, error_type: ['timeout', 'connection', 'auth', 'other'] },
  },
  failOpen: {
    name: 'toolhive_rate_limit_fail_open',
    kind: 'counter',
    description: 'Total number of rate limit checks allowed after an enforcement error',
    attributes: place,
  },
  checkLatency: {
    name: 'toolhive_rate_limit_check_latency',
    kind: 'histogram',
    unit: 's',
    description: 'Duration of rate limit checks in seconds',
    attributes: place,
    bounds: secondsBounds,
  },
} as const satisfies Metrics;
