import type { Caller, TraceContext } from '../../../gateway/index.ts';
import type { JsonObject } from '../../../protocol/index.ts';
import { metaKeys, metaOf, modernRevision } from '../../wire/revisions.ts';

/** What the gateway tells a backend about one request, beside the request's own parameters. */
export interface RequestEnvelope {
  readonly revision: string;
  readonly clientInfo: JsonObject;
  readonly capabilities: JsonObject;
  /** The token under which the backend may report progress; undefined when the client asked for no reports. */
  readonly progressToken: number | undefined;
  /** What a modern backend may log during the request. */
  readonly logLevel: string | undefined;
  readonly trace: TraceContext | undefined;
}

/** The `_meta` keys that describe one hop. The client's own are replaced by the gateway's, or taken off. */
const hopKeys: ReadonlySet<string> = new Set([
  metaKeys.protocolVersion,
  metaKeys.clientInfo,
  metaKeys.clientCapabilities,
  metaKeys.logLevel,
  metaKeys.subscriptionId,
  metaKeys.progressToken,
]);

/**
 * The parameters with the `_meta` that this hop needs; the client's other `_meta` keys stay. Returned as they came when
 * there is nothing to change.
 * https://modelcontextprotocol.io/specification/2026-07-28/basic#meta
 */
export function withMeta(params: JsonObject, envelope: RequestEnvelope): JsonObject {
  const isModern = envelope.revision === modernRevision;
  const given = metaOf(params);
  if (!isModern && given === undefined && envelope.trace === undefined) return params;
  const meta: JsonObject = {};
  for (const key in given) if (!hopKeys.has(key)) meta[key] = given[key];
  if (envelope.trace !== undefined) addTrace(meta, envelope.trace);
  if (envelope.progressToken !== undefined) meta[metaKeys.progressToken] = envelope.progressToken;
  if (isModern) {
    meta[metaKeys.protocolVersion] = envelope.revision;
    meta[metaKeys.clientInfo] = envelope.clientInfo;
    meta[metaKeys.clientCapabilities] = envelope.capabilities;
    if (envelope.logLevel !== undefined) meta[metaKeys.logLevel] = envelope.logLevel;
  }
  return { ...params, _meta: meta };
}

function addTrace(meta: JsonObject, trace: TraceContext): void {
  meta[metaKeys.traceparent] = trace.traceparent;
  if (trace.tracestate !== undefined) meta[metaKeys.tracestate] = trace.tracestate;
}

/** The HTTP headers that go with one request: those that the configuration passes through, and the trace context. */
export function requestHeaders(
  caller: Caller | undefined,
  trace: TraceContext | undefined,
): Record<string, string> | undefined {
  const forwarded = caller?.forwardedHeaders;
  if (trace === undefined && isEmpty(forwarded)) return undefined;
  const headers: Record<string, string> = { ...forwarded };
  if (trace !== undefined) headers['traceparent'] = trace.traceparent;
  if (trace?.tracestate !== undefined) headers['tracestate'] = trace.tracestate;
  return headers;
}

function isEmpty(record: Readonly<Record<string, string>> | undefined): boolean {
  for (const _key in record) return false;
  return true;
}
