/**
 * Spans: one for each tool call of a client, one for a script under it, one for each inner call of the script.
 *
 * A span tells what ran, how long and how it ended. It never holds a script's text, arguments, results or the message of
 * an error. Features know nothing of spans: code mode declares what it reports, and this folder answers to that shape.
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
import { fromSpanContext, toSpanContext } from './trace-context.ts';

export interface TracingOptions {
  /** `mcp.server.name` of each span of a client's call. */
  readonly serverName: () => string;
  /** Environment variables that the operator wants on those spans, with their values. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether spans also carry the attribute names from before OpenTelemetry had conventions for MCP. */
  readonly useLegacyAttributes?: boolean;
}

/** A script when it starts. */
interface ScriptStart {
  readonly scriptHash: string;
  readonly sessionId: string;
}

/** A script when it is over. */
interface ScriptEnd extends ScriptStart {
  readonly status: string;
  readonly toolCalls: number;
  readonly parallelBranches: number;
  readonly steps: number;
  readonly errorCode?: string;
  readonly line?: number;
  readonly column?: number;
  readonly limit?: string;
  readonly tool?: string;
}

/** The span of a script that runs. */
interface ScriptSpan {
  /** Opens the span of one inner call. Branches of `parallel()` have theirs side by side. */
  startCall(tool: string): CallSpan;
  end(run: ScriptEnd): void;
}

/** The span of one inner call. */
interface CallSpan {
  /** What the inner call carries on to its backend. */
  readonly trace: TraceContext;
  end(outcome: { readonly failed: false } | { readonly failed: true; readonly code: string }): void;
}

export interface Tracing {
  /** The stage at the client's edge: a span for each tool call, under the client's own where it has one. */
  readonly stage: Stage;
  /** What code mode tells of its scripts. */
  readonly scripts: { startScript(start: ScriptStart, parent: TraceContext | undefined): ScriptSpan };
}

/** Names of tools that go into a span are cut here: a client can ask for a tool of any name. */
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
    scripts: { startScript: (start, parent) => startScriptSpan(tracer, start, parent) },
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

function startScriptSpan(tracer: Tracer, start: ScriptStart, parent: TraceContext | undefined): ScriptSpan {
  const attributes = { 'vmcp.script.hash': start.scriptHash };
  const span = tracer.startSpan('execute_tool_script', { attributes }, underneath(parent));
  const within = trace.setSpan(ROOT_CONTEXT, span);
  return {
    startCall: (tool) => startInnerSpan(tracer, tool, within),
    end(run) {
      span.setAttributes(toScriptAttributes(run));
      if (run.status !== 'success') setFailed(span, run.errorCode ?? run.status);
      span.end();
    },
  };
}

function startInnerSpan(tracer: Tracer, tool: string, within: Context): CallSpan {
  const name = tool.slice(0, maxNameLength);
  const attributes = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': name };
  const span = tracer.startSpan(`tools/call ${name}`, { attributes }, within);
  return {
    trace: fromSpanContext(span.spanContext()),
    end(outcome) {
      if (outcome.failed) setFailed(span, outcome.code);
      span.end();
    },
  };
}

function toScriptAttributes(run: ScriptEnd): Attributes {
  return {
    'vmcp.script.outcome': run.status,
    'vmcp.script.steps': run.steps,
    'vmcp.script.tool_calls': run.toolCalls,
    'vmcp.script.parallel_branches': run.parallelBranches,
    ...(run.errorCode !== undefined && { 'vmcp.script.error_code': run.errorCode }),
    ...(run.line !== undefined && { 'vmcp.script.line': run.line }),
    ...(run.column !== undefined && { 'vmcp.script.column': run.column }),
    ...(run.limit !== undefined && { 'vmcp.script.limit': run.limit }),
    ...(run.tool !== undefined && { 'vmcp.script.tool': run.tool }),
  };
}

/** Marks a span as failed, without a message: messages can hold what a tool or a script said. */
function setFailed(span: Span, errorType: string): void {
  span.setAttribute('error.type', errorType);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

function underneath(parent: TraceContext | undefined): Context {
  return trace.setSpanContext(ROOT_CONTEXT, toSpanContext(parent));
}
