import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ReceivedSpan, startOtlpReceiver } from '../../test/support/otlp-receiver.ts';
import { scriptTracer } from '../features/code-mode/gateway/script-spans.ts';
import { anonymous, type ToolCall, type ToolResult, type TraceContext } from '../gateway/index.ts';
import { CancelledError, type JsonObject, ProtocolError } from '../protocol/index.ts';
import { instrumentationName } from './index.ts';
import { createTelemetry, type TelemetryOptions } from './telemetry.ts';
import { fromSpanContext, toSpanContext } from './trace-context.ts';
import type { Tracing } from './tracing.ts';

const remote: TraceContext = {
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  tracestate: 'vendor=1',
};

/** Runs with spans pushed to a receiver, and gives back what it decoded. */
async function received(
  run: (tracing: Tracing) => Promise<void>,
  options: Partial<TelemetryOptions> = {},
): Promise<ReceivedSpan[]> {
  const receiver = await startOtlpReceiver();
  const telemetry = await createTelemetry({
    serviceName: 'demo',
    serviceVersion: '1',
    samplingRate: 1,
    ...options,
    otlp: { endpoint: receiver.url, metrics: false, traces: true },
  });
  telemetry.setServerName(() => 'demo');
  assert.ok(telemetry.tracing);
  await run(telemetry.tracing);
  await telemetry.close();
  await receiver.close();
  return receiver.spans;
}

function callTool(
  tracing: Tracing,
  inner: (call: ToolCall) => Promise<ToolResult>,
  call: Partial<ToolCall> = {},
): Promise<JsonObject> {
  const request: ToolCall = {
    origin: 'client',
    method: 'tools/call',
    caller: {
      sessionId: 's-1',
      hasSession: true,
      principal: anonymous,
      revision: '2026-07-28',
      capabilities: {},
      forwardedHeaders: {},
    },
    client: { canAsk: false, notify: () => undefined, request: () => Promise.reject(new Error('no')) },
    signal: new AbortController().signal,
    name: 'github_list_issues',
    params: {},
    ...call,
  };
  return tracing.stage(request, (passed) => inner(passed as ToolCall)) as Promise<JsonObject>;
}

describe('spans', () => {
  test("a client's call is a server span under the client's, and what goes on names it", async () => {
    let passedOn: TraceContext | undefined;
    const spans = await received(async (tracing) => {
      await callTool(
        tracing,
        async (call) => {
          passedOn = call.trace;
          return {};
        },
        { trace: remote },
      );
    });
    const [span] = spans;
    assert.equal(spans.length, 1);
    assert.equal(span?.name, 'tools/call github_list_issues');
    assert.equal(span.scope, instrumentationName);
    assert.equal(span.kind, 2);
    assert.equal(span.traceId, '0af7651916cd43dd8448eb211c80319c');
    assert.equal(span.parentSpanId, 'b7ad6b7169203331');
    assert.deepEqual(passedOn, {
      traceparent: `00-${span.traceId}-${span.spanId}-01`,
      tracestate: 'vendor=1',
    });
    assert.deepEqual(span.attributes, {
      'mcp.method.name': 'tools/call',
      'mcp.protocol.version': '2026-07-28',
      'mcp.server.name': 'demo',
      'mcp.session.id': 's-1',
      'rpc.system.name': 'jsonrpc',
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'github_list_issues',
    });
  });

  test('a script is a span under the call, with a child per inner call, branches side by side', async () => {
    const spans = await received(async (tracing) => {
      await callTool(tracing, async (call) => {
        const script = scriptTracer(tracing.spans).startScript(
          { scriptHash: 'abcd', sessionId: 's-1' },
          call.trace,
        );
        const first = script.startCall('a');
        const second = script.startCall('b');
        await new Promise((resolve) => setTimeout(resolve, 5));
        first.end({ failed: false });
        second.end({ failed: true, code: 'tool_error' });
        script.end({
          scriptHash: 'abcd',
          sessionId: 's-1',
          status: 'step_limit',
          durationMs: 5,
          toolCalls: 2,
          parallelBranches: 2,
          toolBytes: 900,
          clientBytes: 80,
          steps: 99,
          errorCode: 'step_limit',
          line: 3,
          column: 4,
          limit: 'stepLimit',
        });
        return { isError: true };
      });
    });
    const by = new Map(spans.map((span) => [span.name, span]));
    const call = by.get('tools/call github_list_issues');
    const script = by.get('execute_tool_script');
    const [a, b] = [by.get('tools/call a'), by.get('tools/call b')];
    assert.ok(call && script && a && b);
    assert.equal(script.parentSpanId, call.spanId);
    assert.deepEqual([a.parentSpanId, b.parentSpanId], [script.spanId, script.spanId]);
    assert.ok(a.startNanos < b.endNanos && b.startNanos < a.endNanos, 'the branches overlap');
    assert.deepEqual([call.statusCode, script.statusCode, a.statusCode, b.statusCode], [2, 2, 0, 2]);
    assert.equal(script.attributes['vmcp.script.hash'], 'abcd');
    assert.equal(script.attributes['vmcp.script.outcome'], 'step_limit');
    assert.equal(script.attributes['vmcp.script.steps'], 99);
    assert.equal(script.attributes['vmcp.script.tool_calls'], 2);
    assert.equal(b.attributes['error.type'], 'tool_error');
  });

  test('a failure leaves its kind and no message, whoever failed', async () => {
    const secret = 'the-secret-of-the-message';
    const spans = await received(async (tracing) => {
      for (const error of [
        new ProtocolError(-32602, secret),
        new CancelledError(secret),
        new Error(secret),
      ]) {
        await assert.rejects(callTool(tracing, () => Promise.reject(error)));
      }
    });
    assert.deepEqual(
      spans.map(({ statusCode, attributes }) => [statusCode, attributes['error.type']]),
      [
        [2, '-32602'],
        [2, 'cancelled'],
        [2, '_OTHER'],
      ],
    );
    assert.ok(
      !JSON.stringify(spans, (_, v: unknown) => (typeof v === 'bigint' ? Number(v) : v)).includes(secret),
    );
  });

  test('the rate samples traces that begin here; a client that records its trace gets all of it', async () => {
    const spans = await received(
      async (tracing) => {
        await callTool(tracing, async () => ({}));
        await callTool(tracing, async () => ({}), { trace: remote });
        const notRecorded = { traceparent: remote.traceparent.replace(/01$/, '00') };
        await callTool(tracing, async () => ({}), { trace: notRecorded });
      },
      { samplingRate: 0 },
    );
    assert.deepEqual(
      spans.map(({ parentSpanId }) => parentSpanId),
      ['b7ad6b7169203331'],
    );
  });

  test('legacy names and variables of the environment are added where they are asked for', async () => {
    const [span] = await received((tracing) => callTool(tracing, async () => ({})).then(() => undefined), {
      useLegacyAttributes: true,
      environment: { REGION: 'eu' },
    });
    assert.equal(span?.attributes['mcp.tool.name'], 'github_list_issues');
    assert.equal(span.attributes['rpc.service'], 'mcp');
    assert.equal(span.attributes['environment.REGION'], 'eu');
  });

  test('without a receiver of spans there is no tracing at all', async () => {
    const telemetry = await createTelemetry({ serviceName: 'demo', serviceVersion: '1' });
    assert.equal(telemetry.tracing, undefined);
    await telemetry.close();
  });
});

const malformed = [
  '',
  'nonsense',
  '00-00000000000000000000000000000000-b7ad6b7169203331-01',
  '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01',
  '00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01',
  '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-extra',
  'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
];
for (const traceparent of malformed) {
  test(`the malformed trace context "${traceparent}" counts as none`, () => {
    assert.equal(toSpanContext({ traceparent }).traceId, '0'.repeat(32));
  });
}

test('a later version of the trace context is read as far as it is known', () => {
  const context = toSpanContext({ traceparent: `cc${remote.traceparent.slice(2)}-more` });
  assert.equal(fromSpanContext(context).traceparent, remote.traceparent);
});
