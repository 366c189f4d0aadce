/**
 * Spans: one for each tool call of a client, and those that features make under it.
 *
 * A span tells what ran, how long and how it ended. It never holds a script's text, arguments, results or the message of
 * an error.
 */
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { onlyFor, type Stage, type ToolCall, type ToolResult, type TraceContext } from '../gateway/index.ts';
import { AbandonedError } from '../protocol/index.ts';
import { toErrorType, toolError } from './error-type.ts';
import type { OpenSpan, SpanAttributes, SpanMaker } from './kit/span.ts';
import { fromSpanContext, toSpanContext } from './trace-context.ts';

export interface TracingOptions {
  /** `mcp.server.name` of each span of a client's call. */
  readonly serverName: () => string;
  /** Environment variables that the operator wants on those spans, with their values. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether spans also carry the attribute names from before OpenTelemetry had conventions for MCP. */
  readonly useLegacyAttributes?: boolean;
}

export interface Tracing {
  /** The stage at the client's edge: a span for each tool call, under the client's own where it has one. */
  readonly stage: Stage;
  /** For the spans of features. */
  readonly spans: SpanMaker;
}

/** Texts that go into a span are cut here: a client can ask for a tool of any name. */
const maxNameLength = 128;

export function createTracing(tracer: Tracer, options: TracingOptions): Tracing {
  return {
    stage: onlyFor(['tools/call'], async (call, next) => {
      const span = startCallSpan(tracer, call, options);
      try {
        const result = (await next({ ...call, trace: fromSpanContext(span.spanContext()) })) as ToolResult;
        if (result.isError === true) setFailed(span, toolError);
        return result;
      } catch (error) {
        if (!(error instanceof AbandonedError)) setFailed(span, toErrorType(error));
        throw error;
      } finally {
        span.end();
      }
    }),
    spans: { start: (name, attributes, parent) => startSpan(tracer, name, attributes, underneath(parent)) },
  };
}

function startCallSpan(tracer: Tracer, call: ToolCall, options: TracingOptions): Span {
  const tool = call.name.slice(0, maxNameLength);
  const { revision, hasSession, sessionId } = call.caller;
  const attributes: Attributes = {
    'mcp.method.name': 'tools/call',
    'mcp.protocol.version': revision,
    'mcp.server.name': options.serverName(),
    'rpc.system.name': 'jsonrpc',
    'gen_ai.operation.name': 'execute_tool',
    ...(tool !== '' && { 'gen_ai.tool.name': tool }),
    ...(hasSession && { 'mcp.session.id': sessionId }),
    ...(options.useLegacyAttributes === true && {
      'mcp.method': 'tools/call',
      'rpc.system': 'jsonrpc',
      'rpc.service': 'mcp',
      ...(tool !== '' && { 'mcp.tool.name': tool }),
    }),
  };
  for (const [name, value] of Object.entries(options.environment ?? {}))
    attributes[`environment.${name}`] = value;
  return tracer.startSpan(
    tool === '' ? 'tools/call' : `tools/call ${tool}`,
    { kind: SpanKind.SERVER, attributes },
    underneath(call.trace),
  );
}

function startSpan(tracer: Tracer, name: string, attributes: SpanAttributes, context: Context): OpenSpan {
  const span = tracer.startSpan(name, { attributes: toShort(attributes) }, context);
  const within = trace.setSpan(ROOT_CONTEXT, span);
  return {
    trace: fromSpanContext(span.spanContext()),
    startChild: (child, about) => startSpan(tracer, child, about, within),
    end(ending = {}, errorType) {
      span.setAttributes(toShort(ending));
      if (errorType !== undefined) setFailed(span, errorType);
      span.end();
    },
  };
}

function toShort(attributes: SpanAttributes): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => [
      key,
      typeof value === 'string' ? value.slice(0, maxNameLength) : value,
    ]),
  );
}

/** Marks a span as failed, without a message: messages can hold what a tool or a script said. */
function setFailed(span: Span, errorType: string): void {
  span.setAttribute('error.type', errorType);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

function underneath(parent: TraceContext | undefined): Context {
  return trace.setSpanContext(ROOT_CONTEXT, toSpanContext(parent));
}
