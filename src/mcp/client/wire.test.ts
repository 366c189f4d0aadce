/** What the specification wants of a client, by backends that say just what the rule is about. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { fakeClient, toolRequest } from '../../../test/fixtures/calling.ts';
import type { Asked, ScriptedOptions, Step } from '../../../test/fixtures/scripted-backend.ts';
import { startScriptedBackend, stream } from '../../../test/fixtures/scripted-backend.ts';
import type { BackendClient, BackendClientEvent } from '../../gateway/index.ts';
import { createBackendClient } from './index.ts';

const soon = AbortSignal.timeout(600_000);

async function connect(t: TestContext, steps: Record<string, Step>, options: ScriptedOptions) {
  const backend = await startScriptedBackend(steps, options);
  const events: BackendClientEvent[] = [];
  const client: BackendClient = createBackendClient(
    { name: 'scripted', transport: 'streamable-http', url: backend.url },
    {
      clientInfo: { name: 'test', version: '1' },
      environment: {},
      onLog: () => undefined,
      closeGraceMs: 300,
    },
  );
  t.after(async () => {
    await client.close();
    await backend.close();
  });
  client.subscribe((event) => events.push(event));
  await client.connect(soon);
  const asked = (method: string): Asked[] => backend.asked.filter((each) => each.method === method);
  return { backend, client, events, asked };
}

for (const revision of ['2025-11-25', '2026-07-28'] as const) {
  describe(`a backend of ${revision}`, () => {
    test('says things of its own invention to the client in whose call it says them, and to no other', async (t) => {
      const { client, events } = await connect(
        t,
        {
          'tools/call': ({ id }, response) => {
            const note = { method: 'notifications/example/step', params: { secret: 1 } };
            stream(response, note, { id, result: { content: [] } } as never);
          },
        },
        { revision },
      );
      const asking = fakeClient();
      await client.request(toolRequest('do', {}, { client: asking }));
      assert.deepEqual(asking.heard, [{ method: 'notifications/example/step', params: { secret: 1 } }]);
      assert.deepEqual(events, []);
    });
  });
}
