/** A backend of which one list cannot be read. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { FakeBackendClient, tool } from '../../../test/fixtures/fake-backend.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { BackendError, superviseBackend } from '../index.ts';
import type { Listing } from './backend.ts';

/** Fails `failing` until it is told otherwise. */
function make(t: TestContext, failing: Listing, lists: FakeBackendClient['lists']) {
  const client = new FakeBackendClient();
  client.info = { revision: '2025-11-25', capabilities: { tools: { listChanged: true } } };
  client.lists = lists;
  const list = client.list.bind(client);
  const state = { fails: true };
  client.list = (listing, signal) =>
    listing === failing && state.fails
      ? Promise.reject(new BackendError('http-status', 'fake', 'answered HTTP 500'))
      : list(listing, signal);
  const logged: string[] = [];
  const backend = superviseBackend(client, {
    onLog: ({ message }) => void logged.push(message),
    backoff: { firstMs: 5, maxMs: 20 },
    refreshIntervalMs: 20,
    healthCheckIntervalMs: 5,
    drainTimeoutMs: 200,
  });
  t.after(() => backend.close());
  return { client, backend, logged, state };
}

describe('a backend that fails one list', () => {
  for (const failing of ['tools', 'prompts', 'resources', 'resourceTemplates'] as const) {
    test(`of ${failing} goes on with the others, and is asked for it again`, async (t) => {
      const lists = { tools: [tool('a')], prompts: [{ name: 'p' }] };
      const { client, backend, logged, state } = make(t, failing, lists);
      await backend.settled();
      assert.equal(backend.status().health, 'healthy');
      assert.equal(backend.catalogue.tools.length, failing === 'tools' ? 0 : 1);
      const said = `did not list its ${failing}: it answered HTTP 500`;
      assert.equal(logged.filter((line) => line.includes(said)).length, 1);
      state.fails = false;
      await eventually(() => assert.ok(client.listed.includes(failing)));
      await eventually(() => assert.deepEqual(backend.catalogue.tools, [tool('a')]));
    });
  }

  test('and has nothing in the others is unhealthy: there is nothing to go on with', async (t) => {
    const { backend } = make(t, 'tools', {});
    await backend.settled();
    assert.match(backend.status().error ?? '', /answered HTTP 500/);
  });
});
