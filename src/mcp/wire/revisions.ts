/**
 * Protocol revisions and the names each reserves. `legacy` revisions open a session with `initialize`; the `modern` one
 * carries version, identity and capabilities in every request's `_meta`.
 *
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning
 */
import type { Revision } from '../../gateway/index.ts';
import type { JsonObject } from '../../protocol/index.ts';
import { isObject } from './jsonrpc.ts';

export const modernRevision: '2026-07-28' = '2026-07-28';

/** Revisions with an `initialize` handshake, newest first. Towards clients and backends the gateway speaks them all. */
export const legacyRevisions: readonly ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] = [
  '2025-11-25',
  '2025-06-18',
  '2025-03-26',
  '2024-11-05',
];

/** Everything the gateway serves to clients, newest first. */
export const servedRevisions: readonly Revision[] = [modernRevision, ...legacyRevisions];

/** The reserved `_meta` keys of 2026-07-28. */
export const metaKeys = {
  protocolVersion: 'io.modelcontextprotocol/protocolVersion',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  clientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  logLevel: 'io.modelcontextprotocol/logLevel',
  subscriptionId: 'io.modelcontextprotocol/subscriptionId',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
  progressToken: 'progressToken',
  traceparent: 'traceparent',
  tracestate: 'tracestate',
} as const;

/** HTTP headers of the Streamable HTTP transport, lower-cased as Node gives them. */
export const headerNames = {
  protocolVersion: 'mcp-protocol-version',
  sessionId: 'mcp-session-id',
  method: 'mcp-method',
  name: 'mcp-name',
  lastEventId: 'last-event-id',
} as const;

export function isLegacyRevision(version: unknown): version is (typeof legacyRevisions)[number] {
  return (legacyRevisions as readonly unknown[]).includes(version);
}

/** True where several messages may come in one array. Later revisions took that away. */
export function hasBatches(revision: Revision): boolean {
  return revision === '2025-03-26' || revision === '2024-11-05';
}

/** `params._meta` when it is an object. */
export function metaOf(params: JsonObject | undefined): JsonObject | undefined {
  const meta = params?.['_meta'];
  return isObject(meta) ? meta : undefined;
}
