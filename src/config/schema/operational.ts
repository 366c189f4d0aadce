import { z } from 'zod';
import type { OperationalConfig } from './config.ts';
import { duration, positiveDuration } from '../kit/duration.ts';
import { choiceOr, count, flag, section } from '../kit/parts.ts';

const timeouts = section({
  default: duration({ fallback: '30s' }).describe('Longest time of one request to a backend.'),
  perWorkload: z.record(z.string(), positiveDuration()).prefault({}).describe('The same by backend name.'),
}).transform((written) => ({ defaultMs: written.default, perWorkloadMs: written.perWorkload }));

const circuitBreaker = section({
  enabled: flag(false).describe('Stops calling a backend that keeps failing.'),
  failureThreshold: count(5).describe('Failures in a row that open the circuit.'),
  timeout: duration({ fallback: '60s', atLeast: '1s' }).describe(
    'How long it stays open before one call may try.',
  ),
}).transform(({ timeout, ...rest }) => ({ ...rest, timeoutMs: timeout }));

const failureHandling = section({
  healthCheckInterval: duration({ fallback: '30s' }).describe('Time between two health checks of a backend.'),
  unhealthyThreshold: count(3).describe('Failures in a row after which a backend counts as unhealthy.'),
  healthCheckTimeout: duration({ fallback: '10s', zeroStays: true })
    .optional()
    .describe('Longest time of one health check; 0 is without limit.'),
  statusReportingInterval: duration({ fallback: '30s' })
    .optional()
    .describe("Read for ToolHive's sake, without effect: there is no Kubernetes resource to report to."),
  partialFailureMode: choiceOr('best_effort', ['fail', 'best_effort']).describe(
    '"fail" makes /readyz wait for every backend.'),
  circuitBreaker: circuitBreaker.prefault({}).describe('A pause for a backend that keeps failing.'),
}).transform(({ healthCheckInterval, healthCheckTimeout, statusReportingInterval: _, ...rest }) => ({
  ...rest,
  healthCheckIntervalMs: healthCheckInterval,
  healthCheckTimeoutMs: healthCheckTimeout ?? Math.min(10_000, healthCheckInterval),
}));

/** The block `operational`. */
export const operationalSchema: z.ZodType<OperationalConfig> = section({
  logLevel: choiceOr('info', ['debug', 'info', 'warn', 'error']).describe('How much goes to the log.'),
  timeouts: timeouts.prefault({}).describe('Longest times of requests to backends.'),
  failureHandling: failureHandling.prefault({}).describe('Health checks, and what a failing backend means.'),
});
