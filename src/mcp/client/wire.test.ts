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

describe('a stream that a backend before 2026-07-28 closes without an answer', () => {
  const sessions = { revision: '2025-11-25', sessions: true } as const;
  const place = 'id: here\nretry: 1\ndata: \n\n';
  const sse = { 'content-type': 'text/event-stream' };

  test('is asked for again for as long as the call may take, as a backend may want to be polled', async (t) => {
    let polls = 0;
    let waiting: Asked['id'];
    const { client, asked } = await connect(
      t,
      {
        'tools/call': ({ id }, response) => {
          waiting = id;
          response.writeHead(200, sse).end(place);
        },
        GET: ({ headers }, response) => {
          if (headers['last-event-id'] === undefined) return void response.writeHead(405).end();
          if (++polls < 25) return void response.writeHead(200, sse).end(place);
          stream(response, { id: waiting, result: { content: [] } });
        },
      },
      sessions,
    );
    assert.deepEqual(await client.request(toolRequest('do')), { content: [] });
    assert.equal(asked('tools/call').length, 1);
  });

  for (const status of [404, 400, 405, 500]) {
    test(`and cannot be taken up again (HTTP ${status}) fails the call, which may have run and is not sent twice`, async (t) => {
      const { client, asked } = await connect(
        t,
        {
          'tools/call': (_asked, response) => void response.writeHead(200, sse).end(place),
          GET: ({ headers }, response) => {
            const isResumed = headers['last-event-id'] !== undefined;
            response.writeHead(isResumed ? status : 405).end('no such session');
          },
        },
        sessions,
      );
      await assert.rejects(client.request(toolRequest('do')), { code: 'disconnected', mayHaveRun: true });
      assert.equal(asked('tools/call').length, 1);
    });
  }
});
