import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { fakeCaller, fakeClient, toolRequest } from '../../../test/fixtures/calling.ts';
import { listen } from '../../../test/fixtures/conformance/http.ts';
import { startPlainBackend } from '../../../test/fixtures/plain-backend.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { freePort } from '../../../test/support/free-port.ts';
import type { BackendClientEvent, BackendRequest } from '../../gateway/index.ts';
import { createBackendClient } from './index.ts';

const soon = AbortSignal.timeout(600_000);

function create(t: TestContext, url: URL) {
  const events: BackendClientEvent[] = [];
  const client = createBackendClient(
    { name: 'b', transport: 'streamable-http', url },
    { clientInfo: { name: 'vmcp', version: '1' }, environment: process.env, onLog: () => undefined },
  );
  client.subscribe((event) => events.push(event));
  t.after(() => client.close());
  return { client, events };
}

describe('a backend that was restarted', () => {
  for (const only of ['sessions', '2026-07-28'] as const) {
    test(
      `is asked on as if nothing had been, and for its lists anew (${only})`,
      { timeout: 180_000 },
      async (t) => {
        const first = await listen({ only, port: await freePort() });
        const url = new URL(first.url);
        const { client, events } = create(t, url);
        await client.connect(soon);
        await client.request(toolRequest('test_simple_text'));
        await first.close();
        const second = await listen({ only, port: Number(url.port) });
        t.after(() => second.close());
        await client.ping(soon);
        assert.ok(await client.request(toolRequest('test_simple_text')));
        await eventually(() => assert.ok(events.some(({ type }) => type === 'changed')));
      },
    );
  }

  test('with another revision is spoken to in that one', async (t) => {
    const first = await startPlainBackend('2026-07-28', { port: await freePort() });
    const { client } = create(t, first.url);
    assert.equal((await client.connect(soon)).revision, '2026-07-28');
    await first.close();
    const second = await listen({ only: 'sessions', port: Number(first.url.port) });
    t.after(() => second.close());
    await client.reset('the test says so');
    assert.equal((await client.connect(soon)).revision, '2025-11-25');
  });
});

describe('subscriptions', () => {
  const subscribe = (sessionId: string, method = 'resources/subscribe'): BackendRequest => ({
    ...toolRequest(''),
    method,
    params: { uri: 'test://static-text' },
    caller: fakeCaller({ sessionId }),
    client: fakeClient(),
  });

  test('of several sessions are one at the backend, which ends with the last of them', async (t) => {
    const server = await listen({ only: '2026-07-28' });
    t.after(() => server.close());
    const { client, events } = create(t, new URL(server.url));
    await client.connect(soon);
    const heard = (): number => events.filter(({ type }) => type === 'resourceUpdated').length;
    await Promise.all([client.request(subscribe('a')), client.request(subscribe('b'))]);
    await eventually(() => {
      server.notifier.resourceUpdated('test://static-text');
      assert.ok(heard() > 0);
    });
    await client.request(subscribe('a', 'resources/unsubscribe'));
    const before = heard();
    await eventually(() => {
      server.notifier.resourceUpdated('test://static-text');
      assert.ok(heard() > before);
    });
    await client.endSession('b');
    await eventually(async () => {
      const count = heard();
      server.notifier.resourceUpdated('test://static-text');
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal(heard(), count);
    });
  });
});
