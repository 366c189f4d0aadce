import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, get, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { recordScript } from '../features/code-mode/metrics.ts';
import { codeModeOf } from '../../test/support/code-mode-metrics.ts';
import { gunzipSync } from 'node:zlib';
import { skipWithout } from '../../test/support/counterpart.ts';
import { acceptsGzip, negotiateFormat } from './metrics-handler.ts';
import { createTelemetry, type Telemetry } from './telemetry.ts';

const goldenUrl = (name: string): URL => new URL(`../../test/golden/${name}`, import.meta.url);

/** A server whose every metric has a value, the same each time. */
async function createSample(): Promise<Telemetry> {
  const telemetry = await createTelemetry({
    serviceName: 'demo',
    serviceVersion: '1.2.3',
    instanceId: '0-1-2',
    customAttributes: { 'deployment.environment': 'test' },
  });
  const codeMode = codeModeOf(telemetry);
  telemetry.setBackendSource(() => ({ configured: 2, unavailable: 1 }));
  const { instruments } = telemetry;
  instruments.countToolCall('tool_call', 'success');
  instruments.countToolCall('execute_tool_script', 'success');
  recordScript(codeMode, {
    status: 'success',
    durationMs: 250,
    toolCalls: 4,
    parallelBranches: 2,
    toolBytes: 900,
    clientBytes: 80,
  });
  const call = { backend: 'github', transport: 'stdio', method: 'tools/call', durationMs: 250 } as const;
  instruments.operations.recordBackendRequest({ ...call, toolName: 'list_issues' });
  instruments.operations.recordBackendRequest({ ...call, toolName: 'list_issues', error: 'timeout' });
  instruments.operations.recordBackendRequest({ ...call, method: 'tools/list' });
  instruments.operations.recordServerOperation({
    method: 'tools/call',
    toolName: 'list_issues',
    durationMs: 500,
  });
  return telemetry;
}

describe('/metrics', async () => {
  const telemetry = await createSample();
  const server = createServer((request, response) => void telemetry.handleMetrics(request, response));
  before(() => once(server.listen(0, '127.0.0.1'), 'listening'));
  after(async () => {
    server.close();
    await telemetry.close();
  });

  async function scrape(
    headers: OutgoingHttpHeaders = {},
  ): Promise<{ response: IncomingMessage; body: Buffer }> {
    const { port } = server.address() as AddressInfo;
    const [response] = (await once(get({ port, headers }), 'response')) as [IncomingMessage];
    return { response, body: await buffer(response) };
  }

  test('the text is the golden one (write it anew with UPDATE_GOLDEN=1)', async () => {
    const { response, body } = await scrape();
    assert.equal(response.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
    await assertGolden('metrics.txt', body.toString());
  });

  test('the OpenMetrics text is the golden one', async () => {
    const { response, body } = await scrape({ accept: 'application/openmetrics-text; version=1.0.0' });
    assert.equal(
      response.headers['content-type'],
      'application/openmetrics-text; version=1.0.0; charset=utf-8',
    );
    await assertGolden('metrics.openmetrics.txt', body.toString());
  });

  test('promtool finds no fault with it', { skip: skipWithout('promtool') }, async () => {
    const { body } = await scrape();
    const { status, stderr, stdout } = spawnSync('promtool', ['check', 'metrics'], { input: body });
    assert.equal(status, 0, `${stdout.toString()}${stderr.toString()}`);
  });

  test('gzip is given to who asks for it', async () => {
    const plain = await scrape();
    const zipped = await scrape({ 'accept-encoding': 'gzip' });
    assert.equal(plain.response.headers['content-encoding'], undefined);
    assert.equal(zipped.response.headers['content-encoding'], 'gzip');
    assert.equal(gunzipSync(zipped.body).toString(), plain.body.toString());
  });

  test('a scraper that hangs up does not disturb the next', async () => {
    const { port } = server.address() as AddressInfo;
    for (let i = 0; i < 20; i++) {
      await new Promise<void>((resolve) => {
        const request = get({ port, agent: false, headers: i % 2 ? { 'accept-encoding': 'gzip' } : {} });
        request.on('error', () => undefined);
        request.on('close', resolve);
        request.on('socket', () => setTimeout(() => request.destroy(), i % 5));
        request.on('response', (response) => response.on('error', () => undefined).resume());
      });
    }
    assert.equal((await scrape()).response.statusCode, 200);
  });

  test('scrapes side by side do not mix', async () => {
    const bodies = await Promise.all(
      Array.from({ length: 10 }, async () => (await scrape()).body.toString()),
    );
    assert.equal(new Set(bodies).size, 1);
  });
});

const accepts: [accept: string | undefined, expected: 'text' | 'openmetrics'][] = [
  [undefined, 'text'],
  ['*/*', 'text'],
  ['text/html,application/xhtml+xml,*/*;q=0.8', 'text'],
  [
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    'openmetrics',
  ],
  ['application/openmetrics-text; version=1.0.0; charset=utf-8', 'openmetrics'],
  ['application/openmetrics-text;version=1.0.0;q=0.3, text/plain;q=0.9', 'text'],
  ['application/openmetrics-text;version=2.0.0', 'text'],
  ['application/openmetrics-text;q=0', 'text'],
  ['application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited', 'text'],
];

for (const [accept, expected] of accepts) {
  test(`Accept "${accept}" is answered with ${expected}`, () =>
    assert.equal(negotiateFormat(accept), expected));
}

test('gzip is not sent to who forbids it', () => {
  assert.equal(acceptsGzip('gzip;q=0, identity'), false);
  assert.equal(acceptsGzip('deflate, gzip;q=0.5'), true);
  assert.equal(acceptsGzip(undefined), false);
});

async function assertGolden(name: string, actual: string): Promise<void> {
  if (process.env['UPDATE_GOLDEN'] === '1') await writeFile(goldenUrl(name), actual);
  assert.equal(actual, await readFile(goldenUrl(name), 'utf8'));
}
