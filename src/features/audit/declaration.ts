/** The audit log as the rest of the program knows it: its block `audit`, its metric, and where its code is. */
import { choice, count, flag, list, openText, section, someText, type z } from '../../config/kit/index.ts';
import type { Metrics } from '../../telemetry/kit/index.ts';
import type { Feature } from '../feature.ts';
import { eventTypes } from './event-types.ts';
import type { AuditLog } from './audit-log.ts';

const eventType = choice(eventTypes);

const block = section({
  enabled: flag(true).describe('Keeps the audit log; true where the block is written.'),
  component: someText().prefault('vmcp-server').describe('How events name this server.'),
  eventTypes: list(eventType).describe('The types of events to record; all of them unless given.'),
  excludeEventTypes: list(eventType).describe('Types of events not to record, whatever eventTypes says.'),
  includeRequestData: flag(false).describe('Records what requests ask with, masked and cut.'),
  includeResponseData: flag(false).describe('Records what requests are answered with, masked and cut.'),
  detectApplicationErrors: flag(true).describe(
    'Tells errors of tools and of JSON-RPC from success: the outcome application_error.',
  ),
  maxDataSize: count(1024).describe('Most bytes of a request or an answer that are recorded.'),
  maxDelegationDepth: count(10).describe('Most actors of a delegated token that are recorded.'),
  logFile: openText().describe('A file, "stdout" or "stderr"; stdout unless given.'),
  maxSizeMB: count(100).describe('The size at which the file is rotated, in MiB.'),
  maxFiles: count(10).describe('Rotated files to keep.'),
  onFailure: choice(['continue', 'refuse'])
    .prefault('continue')
    .describe('What becomes of requests while events cannot be written.'),
}).optional();

/** The audit log's options. */
export type AuditOptions = NonNullable<z.output<typeof block>>;

export const auditMetrics = {
  dropped: {
    name: 'toolhive_vmcp_audit_dropped',
    kind: 'counter',
    description: 'Total number of audit events that could not be written',
    attributes: {},
  },
} as const satisfies Metrics;

export const auditFeature: Feature<'audit', AuditOptions | undefined, typeof auditMetrics, AuditLog> = {
  key: 'audit',
  schema: block,
  about: 'A record of every request, one JSON object a line.',
  optional: true,
  onlyServing: true,
  metrics: auditMetrics,
  isOn: (options) => options?.enabled === true,
  load: async () => (await import('./index.ts')).auditCode,
};
