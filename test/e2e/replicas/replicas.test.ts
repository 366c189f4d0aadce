/** Three real processes behind haproxy, which sends each request to the next one, with a real Redis. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Client } from '@modelcontextprotocol/client';
import { startScriptedBackend, type ScriptedBackend } from '../../fixtures/scripted-backend.ts';
import { connectHttp, revisions } from '../../support/clients.ts';
import { startControlledBackend, type ControlledBackend } from '../../support/controlled-backend.ts';
import { skipWithout } from '../../support/counterpart.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { startBalancer, type Balancer } from '../../support/haproxy.ts';
import { openSession, post, call } from '../../support/raw-mcp.ts';
import { RedisServer } from '../../support/redis.ts';
import { allHealthy, startVmcp, type Vmcp } from '../../support/vmcp.ts';

const skip = skipWithout('redis-server') || skipWithout('haproxy');

/** Asks its client a name, and answers it. */
function startAskingBackend(): Promise<ScriptedBackend> {
  const tool = { name: 'ask', inputSchema: { type: 'object' } };
  const schema = { type: 'object', properties: { name: { type: 'string' } } };
  const backend = startScriptedBackend(
    {
      'tools/list': () => ({ result: { tools: [tool] } }),
      'tools/call': async ({ id }, response) => {
        const { answers } = await backend;
        const key = `e${String(id)} ${Math.random()}`;
        const send = (message: object): unknown =>
          response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`);
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        send({
          id: key,
          method: 'elicitation/create',
          params: { mode: 'form', message: 'who?', requestedSchema: schema },
        });
        const answer = await eventually(() => {
          const found = answers.find((one) => one['id'] === key);
          assert.ok(found);
          return found['result'] as { content: { name: string } };
        });
        send({ id, result: { content: [{ type: 'text', text: answer.content.name }] } });
        response.end();
      },
    },
    { revision: '2025-11-25', sessions: true, capabilities: { tools: {} } },
  );
  return backend;
}

describe('three replicas behind a balancer without affinity', { skip, timeout: 600_000 }, () => {
  let redis: RedisServer;
  let balancer: Balancer;
  let backend: ControlledBackend;
  let asking: ScriptedBackend;
  const ports: number[] = [];
  const replicas: Vmcp[] = [];

  const start = async (index: number): Promise<void> => {
    const vmcp = await startVmcp(
      {
        name: 'fleet',
        sessionStorage: { provider: 'redis', address: `127.0.0.1:${redis.port}` },
        rateLimiting: { tools: [{ name: 'held_big', shared: { maxTokens: 4, refillPeriod: '1h' } }] },
        backends: [
          { name: 'held', url: backend.url, transport: 'streamable-http' },
          { name: 'asking', url: asking.url.href, transport: 'streamable-http' },
        ],
      },
      {
        port: ports[index]!,
        env: { VMCP_SECRET_KEY: Buffer.alloc(32, 'k').toString('base64'), VMCP_REPLICAS: '3' },
      },
    );
    await vmcp.status(allHealthy);
    await eventually(() => assert.match(vmcp.log(), /connected to Redis/u));
    replicas[index] = vmcp;
  };
  const countOf = async (vmcp: Vmcp): Promise<number> =>
    (await vmcp.metrics())
      .filter(({ name }) => name === 'toolhive_vmcp_tool_calls_total')
      .reduce((sum, { value }) => sum + value, 0);
  const counted = async (): Promise<number> =>
    (await Promise.all(replicas.map(countOf))).reduce((sum, one) => sum + one, 0);

  before(async () => {
    redis = await RedisServer.start();
    [backend, asking] = await Promise.all([startControlledBackend(), startAskingBackend()]);
    for (let index = 0; index < 3; index++) ports.push(await freePort());
    await Promise.all(ports.map((_, index) => start(index)));
    balancer = await startBalancer(ports.map((port) => `127.0.0.1:${port}`));
  });
  after(async () => {
    await Promise.allSettled(replicas.map((vmcp) => vmcp.stop()));
    await Promise.allSettled([balancer?.stop(), backend?.close(), asking?.close()]);
    await redis?.stop();
  });

  for (const revision of revisions) {
    test(`a ${revision} client calls, is asked and answers, whichever replica it meets; each call counts once`, async () => {
      const before = await counted();
      const client: Client = await connectHttp(balancer.url, revision, {
        capabilities: { elicitation: { form: {} } },
        onConnecting: (connecting) =>
          connecting.setRequestHandler('elicitation/create', async () => ({
            action: 'accept',
            content: { name: 'Ann' },
          })),
      });
      for (let n = 0; n < 9; n++) {
        const result = await client.callTool({ name: 'held_ok', arguments: { n } });
        assert.notEqual(result.isError, true);
      }
      for (let n = 0; n < 4; n++) {
        const { content } = await client.callTool({ name: 'asking_ask', arguments: {} });
        assert.deepEqual(content, [{ type: 'text', text: 'Ann' }]);
      }
      await client.close();
      await eventually(async () => assert.equal(await counted(), before + 13), 5_000);
    });
  }

  test('a session that its client ends has ended at each of them', async () => {
    const session = await openSession(balancer.url);
    for (let n = 0; n < 3; n++)
      assert.equal((await post(balancer.url, call('held_ok'), session)).status, 200);
    assert.equal((await fetch(balancer.url, { method: 'DELETE', headers: session })).status, 204);
    await setTimeout(100);
    for (const { mcpUrl } of replicas)
      assert.equal((await post(mcpUrl, call('held_ok'), session)).status, 404);
  });

  test('a tool is called as often as its limit allows, by all of them together', async () => {
    const before = backend.calls.get('big') ?? 0;
    const session = await openSession(balancer.url);
    const asked = Array.from({ length: 9 }, () =>
      post(balancer.url, call('held_big', 1, { arguments: { bytes: 1 } }), session),
    );
    const answers = (await Promise.all(asked)).map(
      ({ messages }) => messages.at(-1)?.result?.['isError'] === true,
    );
    assert.equal(answers.filter((isLimited) => !isLimited).length, 4);
    assert.equal((backend.calls.get('big') ?? 0) - before, 4);
  });

  test('a rolling restart under load fails no call, ends no session, runs nothing twice', async () => {
    const ranBefore = backend.calls.get('ok') ?? 0;
    let [calls, isOver] = [0, false];
    const failures: unknown[] = [];
    const clients = await Promise.all(
      revisions.flatMap((revision) => [
        connectHttp(balancer.url, revision),
        connectHttp(balancer.url, revision),
      ]),
    );
    const load = clients.map(async (client) => {
      while (!isOver) {
        calls++;
        try {
          const result = await client.callTool({ name: 'held_ok', arguments: {} });
          if (result.isError === true) failures.push(result.content);
        } catch (error) {
          failures.push(error);
        }
        await setTimeout(10);
      }
    });
    for (const index of replicas.keys()) {
      const vmcp = replicas[index]!;
      vmcp.signal('SIGTERM');
      assert.equal(await vmcp.ended, 0);
      await start(index);
      await setTimeout(600);
    }
    isOver = true;
    await Promise.all(load);
    assert.deepEqual(failures, []);
    assert.equal((backend.calls.get('ok') ?? 0) - ranBefore, calls);
    assert.ok(calls > 100, `only ${calls} calls`);
    await Promise.all(clients.map((client) => client.close()));
  });

  test('a replica that is killed takes its running calls alone with it; clients go on without initialize', async () => {
    const session = await openSession(balancer.url);
    for (let n = 0; n < 3; n++) await post(balancer.url, call('held_ok'), session);
    const [victim, ...others] = replicas;
    victim!.signal('SIGKILL');
    await victim!.ended;
    for (const { mcpUrl } of others)
      assert.equal((await post(mcpUrl, call('held_ok'), session)).messages[0]?.error, undefined);
    for (let n = 0; n < 6; n++)
      assert.equal((await post(balancer.url, call('held_ok'), session)).status, 200);
    await start(0);
  });

  test('without Redis calls go on everywhere, in sessions too, and none of them hangs', async () => {
    const session = await openSession(balancer.url);
    await redis.stop();
    const startedMs = performance.now();
    for (const { mcpUrl } of replicas)
      assert.equal((await post(mcpUrl, call('held_ok'), session)).messages[0]?.error, undefined);
    const level = { jsonrpc: '2.0', id: 1, method: 'logging/setLevel', params: { level: 'error' } };
    const refused = await post(replicas[0]!.mcpUrl, level, session);
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '1']);
    assert.ok(performance.now() - startedMs < 10_000);
    await redis.restart();
    await eventually(async () => {
      for (const { mcpUrl } of replicas) assert.equal((await post(mcpUrl, level, session)).status, 200);
    }, 10_000);
  });
});
