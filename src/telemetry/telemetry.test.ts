import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { codeModeMetrics, recordScript, scriptStatuses } from '../features/code-mode/metrics.ts';
import { codeModeOf } from '../../test/support/code-mode-metrics.ts';
import {
  AggregationTemporality,
  DataPointType,
  InMemoryMetricExporter,
  type MetricData,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { callMethods, callStatuses, declarations, instrumentationName } from './declarations.ts';
import type { Declaration } from './kit/declaration.ts';
import { createTelemetry, type Telemetry } from './telemetry.ts';

/** The gateway's own metrics and those of code mode. */
const declared = { ...declarations, ...codeModeMetrics };

/** A telemetry whose MeterProvider is also read into memory. */
async function createObserved(): Promise<{
  telemetry: Telemetry;
  read(): Promise<Map<string, MetricData>>;
}> {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
  const telemetry = await createTelemetry({ serviceName: 'test', serviceVersion: '1', readers: [reader] });
  return {
    telemetry,
    async read() {
      exporter.reset();
      await telemetry.flush();
      const scopes = exporter.getMetrics().flatMap((collected) => collected.scopeMetrics);
      assert.deepEqual(
        scopes.map(({ scope }) => scope.name),
        [instrumentationName],
      );
      return new Map(scopes.flatMap(({ metrics }) => metrics.map((m) => [m.descriptor.name, m] as const)));
    },
  };
}

/** Values of a sum or gauge by their attributes, as `a=b,c=d`. */
function valuesOf(metric: MetricData | undefined): Record<string, number> {
  assert.ok(
    metric && (metric.dataPointType === DataPointType.SUM || metric.dataPointType === DataPointType.GAUGE),
  );
  return Object.fromEntries(
    metric.dataPoints.map(({ attributes, value }) => [
      Object.entries(attributes)
        .map(([key, v]) => `${key}=${String(v)}`)
        .join(),
      value,
    ]),
  );
}

describe('the meter', () => {
  test('every instrument of the table is read under the one scope, from the one provider', async () => {
    const { telemetry, read } = await createObserved();
    const codeMode = codeModeOf(telemetry);
    codeMode.scriptToolCallDuration.record(0.1);
    codeMode.savedScriptExecutions.add(1, { tool_name: 'saved', status: 'success' });
    recordScript(codeMode, {
      status: 'success',
      durationMs: 1,
      toolCalls: 1,
      parallelBranches: 1,
      toolBytes: 900,
      clientBytes: 80,
    });
    const request = {
      backend: 'b',
      transport: 'stdio',
      method: 'tools/call',
      toolName: 't',
      durationMs: 1,
    } as const;
    telemetry.instruments.operations.recordBackendRequest({ ...request, error: 'timeout' });
    telemetry.instruments.operations.recordServerOperation({ method: 'tools/call', durationMs: 1 });
    const metrics = await read();
    assert.deepEqual(
      [...metrics.keys()].sort(),
      Object.values(declared)
        .map(({ name }) => name)
        .sort(),
    );
    for (const { name, kind, unit, attributes } of Object.values<Declaration>(declared)) {
      const metric = metrics.get(name)!;
      const type = {
        counter: DataPointType.SUM,
        gauge: DataPointType.GAUGE,
        histogram: DataPointType.HISTOGRAM,
      }[kind];
      assert.equal(metric.dataPointType, type, name);
      assert.equal(metric.descriptor.unit, unit ?? '', name);
      for (const point of metric.dataPoints) {
        for (const key of Object.keys(point.attributes))
          assert.ok(key in attributes, `${name}: ${key} is declared`);
      }
    }
    await telemetry.close();
  });

  test('the four series of tool calls stand at 0 from the start, and so do the script counters', async () => {
    const { telemetry, read } = await createObserved();
    codeModeOf(telemetry);
    const metrics = await read();
    assert.deepEqual(
      valuesOf(metrics.get('toolhive_vmcp_tool_calls')),
      Object.fromEntries(callMethods.flatMap((m) => callStatuses.map((s) => [`method=${m},status=${s}`, 0]))),
    );
    assert.deepEqual(
      valuesOf(metrics.get('toolhive_vmcp_script_executions')),
      Object.fromEntries(scriptStatuses.map((s) => [`status=${s}`, 0])),
    );
    assert.deepEqual(valuesOf(metrics.get('toolhive_vmcp_script_parallel_goroutines')), { '': 0 });
    await telemetry.close();
  });

  for (const method of callMethods) {
    for (const status of callStatuses) {
      test(`a ${method} that ends as ${status} adds to its own series alone`, async () => {
        const { telemetry, read } = await createObserved();
        telemetry.instruments.countToolCall(method, status);
        telemetry.instruments.countToolCall(method, status);
        const first = valuesOf((await read()).get('toolhive_vmcp_tool_calls'));
        telemetry.instruments.countToolCall(method, status);
        const second = valuesOf((await read()).get('toolhive_vmcp_tool_calls'));
        for (const [series, value] of Object.entries(second)) {
          const own = series === `method=${method},status=${status}`;
          assert.equal(first[series], own ? 2 : 0, series);
          assert.equal(value, own ? 3 : 0, series);
        }
        await telemetry.close();
      });
    }
  }

  for (const status of scriptStatuses) {
    test(`a script that ends as ${status} is recorded once in each script instrument`, async () => {
      const { telemetry, read } = await createObserved();
      recordScript(codeModeOf(telemetry), {
        status,
        durationMs: 1500,
        toolCalls: 7,
        parallelBranches: 3,
        toolBytes: 900,
        clientBytes: 80,
      });
      const metrics = await read();
      for (const [series, value] of Object.entries(
        valuesOf(metrics.get('toolhive_vmcp_script_executions')),
      )) {
        assert.equal(value, series === `status=${status}` ? 1 : 0, series);
      }
      assert.deepEqual(valuesOf(metrics.get('toolhive_vmcp_script_parallel_goroutines')), { '': 3 });
      const durations = metrics.get('toolhive_vmcp_script_duration');
      assert.ok(durations?.dataPointType === DataPointType.HISTOGRAM);
      assert.deepEqual(
        durations.dataPoints.map(({ attributes, value }) => [attributes, value.sum, value.count]),
        [[{ status }, 1.5, 1]],
      );
      const calls = metrics.get('toolhive_vmcp_script_tool_calls');
      assert.ok(calls?.dataPointType === DataPointType.HISTOGRAM);
      assert.deepEqual(calls.dataPoints[0]?.value.buckets.boundaries, codeModeMetrics.scriptToolCalls.bounds);
      assert.equal(calls.dataPoints[0]?.value.sum, 7);
      await telemetry.close();
    });
  }
});

describe('the code mode gauge', () => {
  test('it follows the configuration in force, with one series also after the server was renamed', async () => {
    const { telemetry, read } = await createObserved();
    const inForce = { enabled: true, serverName: 'one' };
    codeModeOf(telemetry, inForce);
    const gauge = async (): Promise<Record<string, number>> =>
      valuesOf((await read()).get('toolhive_vmcp_code_mode_enabled'));
    assert.deepEqual(await gauge(), { 'vmcp_server_name=one': 1 });
    inForce.enabled = false;
    assert.deepEqual(await gauge(), { 'vmcp_server_name=one': 0 });
    Object.assign(inForce, { enabled: true, serverName: 'two' });
    assert.deepEqual(await gauge(), { 'vmcp_server_name=two': 1 });
    Object.assign(inForce, { enabled: false, serverName: 'one' });
    assert.deepEqual(await gauge(), { 'vmcp_server_name=one': 0 });
    await telemetry.close();
  });

  test('the gauges of backends and of the configuration follow their sources', async () => {
    const { telemetry, read } = await createObserved();
    telemetry.setBackendSource(() => ({ configured: 3, unavailable: 1 }));
    telemetry.setConfigRejectedSource(() => true);
    const metrics = await read();
    assert.deepEqual(valuesOf(metrics.get('toolhive_vmcp_backends_discovered')), { '': 3 });
    assert.deepEqual(valuesOf(metrics.get('toolhive_vmcp_backends_unavailable')), { '': 1 });
    assert.deepEqual(valuesOf(metrics.get('toolhive_vmcp_config_rejected')), { '': 1 });
    await telemetry.close();
  });
});

describe('series per backend tool', () => {
  test('thousands of tools have each their own series, none folds into an overflow', async () => {
    const { telemetry, read } = await createObserved();
    for (let i = 0; i < 5000; i++) {
      telemetry.instruments.operations.recordBackendRequest({
        backend: 'b',
        transport: 'streamable-http',
        method: 'tools/call',
        toolName: `tool_${i}`,
        durationMs: 20,
      });
    }
    const requests = (await read()).get('toolhive_vmcp_backend_requests');
    assert.equal(requests?.dataPoints.length, 5000);
    assert.ok(requests.dataPoints.every(({ attributes }) => !('otel.metric.overflow' in attributes)));
    await telemetry.close();
  });

  test('a request is counted and timed, a failed one also among the errors, an unknown method as _OTHER', async () => {
    const { telemetry, read } = await createObserved();
    const { operations } = telemetry.instruments;
    const request = { backend: 'b', transport: 'stdio', method: 'tools/list', durationMs: 20 } as const;
    operations.recordBackendRequest(request);
    operations.recordBackendRequest({ ...request, error: 'unreachable' });
    operations.recordBackendRequest({ ...request, method: 'x/invented' });
    const metrics = await read();
    const list =
      'target.workload_name=b,target.transport_type=stdio,action=list_capabilities,mcp.method.name=tools/list';
    assert.deepEqual(valuesOf(metrics.get('toolhive_vmcp_backend_requests')), {
      'target.workload_name=b,target.transport_type=stdio,action=_OTHER,mcp.method.name=_OTHER': 1,
      [list]: 2,
    });
    assert.deepEqual(valuesOf(metrics.get('toolhive_vmcp_backend_errors')), { [list]: 1 });
    const durations = metrics.get('mcp.client.operation.duration');
    assert.deepEqual(
      durations?.dataPoints.map(({ attributes }) => attributes['error.type']),
      [undefined, undefined, 'unreachable'],
    );
    await telemetry.close();
  });
});

describe('requests of clients', () => {
  test('each method has its series, an unknown word is _OTHER, and tool calls are left to the stage', async () => {
    const { telemetry, read } = await createObserved();
    telemetry.instruments.recordRequest({ method: 'initialize', durationMs: 1 });
    telemetry.instruments.recordRequest({ method: 'resources/read', durationMs: 1, errorCode: -32002 });
    telemetry.instruments.recordRequest({ method: 'other', durationMs: 1, errorCode: 4711 });
    telemetry.instruments.recordRequest({ method: 'tools/call', durationMs: 1 });
    const durations = (await read()).get('mcp.server.operation.duration');
    assert.deepEqual(
      durations?.dataPoints.map(({ attributes }) => attributes),
      [
        { 'mcp.method.name': 'initialize' },
        { 'mcp.method.name': 'resources/read', 'error.type': '-32002' },
        { 'mcp.method.name': '_OTHER', 'error.type': '_OTHER' },
      ],
    );
    await telemetry.close();
  });
});
