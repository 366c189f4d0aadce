import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { recordScript } from '../features/code-mode/metrics.ts';
import { codeModeOf } from '../../test/support/code-mode-metrics.ts';
import { skipWithout } from '../../test/support/counterpart.ts';
import { eventually } from '../../test/support/eventually.ts';
import { startOtlpReceiver } from '../../test/support/otlp-receiver.ts';
import { declarations, instrumentationName } from './declarations.ts';
import { type OtlpOptions, toOtlpUrl } from './otlp.ts';
import { createTelemetry } from './telemetry.ts';

const service = { serviceName: 'demo', serviceVersion: '1.2.3', instanceId: 'i-1' };

const urls: [endpoint: string, insecure: boolean, expected: string][] = [
  ['collector:4318', false, 'https://collector:4318/v1/metrics'],
  ['collector:4318', true, 'http://collector:4318/v1/metrics'],
  ['http://collector:4318', false, 'http://collector:4318/v1/metrics'],
  ['https://collector:4318', true, 'http://collector:4318/v1/metrics'],
  ['https://collector/otlp/', false, 'https://collector/otlp/v1/metrics'],
  ['collector/base/path', false, 'https://collector/base/path/v1/metrics'],
];
for (const [endpoint, insecure, expected] of urls) {
  test(`the endpoint ${endpoint}${insecure ? ', insecure,' : ''} is posted to at ${expected}`, () => {
    assert.equal(toOtlpUrl(endpoint, 'metrics', insecure), expected);
  });
}

test('an endpoint that is none is refused in words', () => {
  assert.throws(
    () => toOtlpUrl('http://', 'traces'),
    /expected host:port or a URL as OTLP endpoint, found "http:\/\/"/,
  );
});

describe('pushing over OTLP', () => {
  test('metrics arrive with the names, units and attributes of the table, beside /metrics', async () => {
    const receiver = await startOtlpReceiver();
    const telemetry = await createTelemetry({
      ...service,
      customAttributes: { 'deployment.environment': 'test' },
      otlp: { endpoint: receiver.url, metrics: true, traces: false, headers: { authorization: 'Bearer x' } },
    });
    const inForce = { enabled: true, serverName: 'old' };
    const codeMode = codeModeOf(telemetry, inForce);
    telemetry.instruments.countToolCall('tool_call', 'success');
    const request = {
      backend: 'b',
      transport: 'stdio',
      method: 'tools/call',
      toolName: 't',
      durationMs: 30,
    } as const;
    telemetry.instruments.operations.recordBackendRequest(request);
    recordScript(codeMode, {
      status: 'success',
      durationMs: 70,
      toolCalls: 2,
      parallelBranches: 0,
      toolBytes: 900,
      clientBytes: 80,
    });
    await telemetry.flush();
    inForce.serverName = 'new';
    await telemetry.flush();

    const named = new Map(receiver.metrics().map((metric) => [metric.name, metric]));
    assert.ok([...named.values()].every(({ scope }) => scope === instrumentationName));
    assert.deepEqual(named.get('toolhive_vmcp_code_mode_enabled')?.points, [
      { attributes: { vmcp_server_name: 'new' }, value: 1 },
    ]);
    assert.deepEqual(
      named
        .get('toolhive_vmcp_tool_calls')
        ?.points.map(({ attributes, value }) => [...Object.values(attributes), value]),
      [
        ['execute_tool_script', 'success', 0],
        ['execute_tool_script', 'error', 0],
        ['tool_call', 'success', 1],
        ['tool_call', 'error', 0],
      ],
    );
    const duration = named.get('toolhive_vmcp_backend_requests_duration');
    assert.equal(duration?.unit, 's');
    assert.equal(duration.kind, 'histogram');
    assert.deepEqual(duration.points[0]?.bounds, declarations.backendRequestsDuration.bounds);
    assert.equal(duration.points[0]?.value, 0.03);
    assert.equal(duration.points[0]?.attributes['target.workload_name'], 'b');
    assert.equal(receiver.requests[0]?.path, '/v1/metrics');
    assert.equal(receiver.requests[0]?.headers.authorization, 'Bearer x');
    assert.deepEqual(receiver.resource(), {
      'service.name': 'demo',
      'service.version': '1.2.3',
      'service.instance.id': 'i-1',
      'deployment.environment': 'test',
    });
    await telemetry.close();
    await receiver.close();
  });

  test('what was counted since the last push is sent when the server ends', async () => {
    const receiver = await startOtlpReceiver();
    const telemetry = await createTelemetry({
      ...service,
      otlp: { endpoint: receiver.url, metrics: true, traces: false },
    });
    telemetry.instruments.countToolCall('tool_call', 'error');
    await telemetry.close();
    const calls = receiver.metrics().find(({ name }) => name === 'toolhive_vmcp_tool_calls');
    assert.equal(calls?.points.find(({ value }) => value === 1)?.attributes['status'], 'error');
    await receiver.close();
  });

  test(
    'a collector behind a certificate of its own is reached with caCert, and refused without',
    {
      skip: skipWithout('openssl'),
    },
    async () => {
      const tls = createCertificate();
      const receiver = await startOtlpReceiver(tls);
      const otlp: OtlpOptions = { endpoint: new URL(receiver.url).host, metrics: true, traces: false };
      const trusting = await createTelemetry({ ...service, otlp: { ...otlp, caCert: tls.cert } });
      await trusting.close();
      assert.equal(receiver.requests.length, 1);
      const failures: string[] = [];
      const distrusting = await createTelemetry({
        ...service,
        otlp: { ...otlp, onFailure: (signal, error) => void failures.push(`${signal}: ${error.message}`) },
      });
      await distrusting.close().catch(() => undefined);
      assert.match(failures.join(), /^metrics: .*self-signed certificate/);
      await receiver.close();
    },
  );

  test('a collector that is not there is reported, and costs nothing else', async () => {
    const receiver = await startOtlpReceiver();
    const { url } = receiver;
    await receiver.close();
    const failures: string[] = [];
    const telemetry = await createTelemetry({
      ...service,
      otlp: {
        endpoint: url,
        metrics: true,
        traces: false,
        metricIntervalMs: 20,
        onFailure: (signal) => void failures.push(signal),
      },
    });
    telemetry.instruments.countToolCall('tool_call', 'success');
    await eventually(() => assert.ok(failures.length > 0));
    await telemetry.close().catch(() => undefined);
    assert.ok(failures.every((signal) => signal === 'metrics'));
  });
});

/** A key and a certificate for `localhost`, signed by itself. */
function createCertificate(): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'vmcp-tls-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', ...kind, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const pair = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  rmSync(folder, { recursive: true });
  return pair;
}
