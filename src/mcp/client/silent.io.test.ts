import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { toolRequest } from '../../../test/fixtures/calling.ts';
import type { Silence } from '../../../test/fixtures/hostile/silent.ts';
import { startSilentHttp } from '../../../test/fixtures/hostile/silent.ts';
import { eventually } from '../../../test/support/eventually.ts';
import type { Backend } from '../../gateway/index.ts';
import { superviseBackend } from '../../gateway/index.ts';
import { createBackendClient } from './index.ts';

/** Supervised as by default, but for limits of milliseconds in place of seconds. */
async function supervise(t: TestContext, transport: 'streamable-http' | 'sse', silence: Silence) {
  const server = await startSilentHttp(silence);
  const { url } = server;
  const client = createBackendClient(
    { name: 'silent', transport, url },
    { clientInfo: { name: 'test', version: '1' }, environment: {}, onLog: () => undefined, closeGraceMs: 50 },
  );
  const backend = superviseBackend(client, {
    onLog: () => undefined,
    startTimeoutMs: 150,
    healthCheckIntervalMs: 20,
    healthCheckTimeoutMs: 100,
    unhealthyThreshold: 1,
    backoff: { firstMs: 60_000, maxMs: 60_000 },
    timeoutMs: 200,
    drainTimeoutMs: 100,
  });
  t.after(async () => {
    await backend.close();
    await server.close();
  });
  return backend;
}

async function assertUnhealthy(backend: Backend): Promise<void> {
  await eventually(() => {
    const { health, error } = backend.status();
    assert.equal(health, 'unhealthy');
    assert.match(error ?? '', /did not answer within|did not open its stream in time/);
  });
}

// An exception that nothing caught would fail the file: it is what ended the gateway.
describe('a backend that takes a connection and falls silent is unhealthy, and nothing worse', () => {
  for (const silence of [
    'everything',
    'server/discover',
    'initialize',
    'notifications/initialized',
    'tools/list',
    'prompts/list',
    'ping',
  ] as const) {
    test(`streamable-http, silent on ${silence}`, async (t) => {
      await assertUnhealthy(await supervise(t, 'streamable-http', silence));
    });
  }

  test('sse, silent on everything', async (t) => {
    await assertUnhealthy(await supervise(t, 'sse', 'everything'));
  });

  test('a call to it fails by its own limit', async (t) => {
    const backend = await supervise(t, 'streamable-http', 'everything');
    await backend.settled();
    await assert.rejects(backend.request(toolRequest('any')), /is not connected: .*did not answer/);
  });
});
