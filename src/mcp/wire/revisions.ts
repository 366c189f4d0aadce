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

/** Revisions with an `initialize` handshake that clients may ask the gateway for, newest first. */
export const legacyRevisions: readonly ['2025-11-25', '2025-06-18'] = ['2025-11-25', '2025-06-18'];

/** Everything the gateway serves to clients, newest first. */
export const servedRevisions: readonly Revision[] = [modernRevision, ...legacyRevisions];

/** Older revisions that a backend may still speak; the gateway never offers them to clients. */
export const oldBackendRevisions = ['2025-03-26', '2024-11-05'] as const;

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

/** True for every revision with a handshake that was ever published, also those that only backends may speak. */
export function isKnownLegacyRevision(version: unknown): boolean {
  return isLegacyRevision(version) || (oldBackendRevisions as readonly unknown[]).includes(version);
}

/** `params._meta` when it is an object. */
export function metaOf(params: JsonObject | undefined): JsonObject | undefined {
  const meta = params?.['_meta'];
  return isObject(meta) ? meta : undefined;
}
