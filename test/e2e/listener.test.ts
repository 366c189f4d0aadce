import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { createListener, probeRoutes, type Listener } from '../../src/http/index.ts';

const host = '127.0.0.1';

test('serves routes by path, and says what there is where there is nothing', async () => {
  const listener = await createListener({
    host,
    port: 0,
    routes: [{ path: '/a', handler: (_request, response) => void response.end('A') }],
  });
  assert.equal(await (await fetch(`${listener.url}/a?x=1`)).text(), 'A');
  const missing = await fetch(`${listener.url}/b`);
  assert.equal(missing.status, 404);
  assert.match(await missing.text(), /expected one of: \/a/);
  await listener.close();
});

test('tells a URL that passes its own check of Host', async () => {
  for (const [options, expected] of [
    [{ host }, '127.0.0.1'],
    [{ host: '0.0.0.0' }, 'localhost'],
    [{ host: '0.0.0.0', allowedHosts: ['vmcp.example', 'other.example'] }, 'vmcp.example'],
  ] as const) {
    const listener = await createListener({ ...options, port: 0, routes: [] });
    assert.equal(new URL(listener.url).hostname, expected);
    await listener.close();
  }
});

test('holds the check of Host where the route says so, and tells a route of whom it lets in', async () => {
  const say =
    (text: string) =>
    (_request: unknown, response: ServerResponse, passed: boolean): void =>
      void response.end(`${text} ${passed}`);
  const allowedHosts = ['gw.example.com'];
  const rows = [
    ['127.0.0.1', '/always', 'evil.example', 403],
    ['127.0.0.1', '/always', 'gw.example.com', 'always true'],
    ['127.0.0.1', '/metrics', 'evil.example', 403],
    ['127.0.0.1', '/metrics', '10.1.2.3', 403],
    ['127.0.0.1', '/metrics', 'localhost', 'metrics true'],
    ['127.0.0.1', '/metrics', 'gw.example.com', 'metrics true'],
    ['127.0.0.1', '/probe', 'evil.example', 'probe false'],
    ['127.0.0.1', '/probe', 'gw.example.com', 'probe true'],
    ['0.0.0.0', '/always', 'evil.example', 403],
    ['0.0.0.0', '/always', 'localhost', 403],
    ['0.0.0.0', '/metrics', 'evil.example', 'metrics false'],
    ['0.0.0.0', '/metrics', '10.1.2.3', 'metrics false'],
    ['0.0.0.0', '/probe', '10.1.2.3', 'probe false'],
    ['0.0.0.0', '/probe', 'gw.example.com', 'probe true'],
  ] as const;
  for (const [bound, path, asked, expected] of rows) {
    const listener = await createListener({
      host: bound,
      port: 0,
      allowedHosts,
      routes: [
        { path: '/always', handler: say('always') },
        { path: '/metrics', handler: say('metrics'), hostCheck: 'on-loopback' },
        { path: '/probe', handler: say('probe'), hostCheck: 'never' },
      ],
    });
    const answer = await getAs(listener.port, path, asked);
    const found = answer.status === 403 ? 403 : answer.text;
    assert.equal(found, expected, `${path} of ${bound}, asked as ${asked}`);
    await listener.close();
  }
});

/** What a path answers to one who calls the server by another name; `fetch` lets that name not be chosen. */
async function getAs(port: number, path: string, name: string): Promise<{ status: number; text: string }> {
  const asked = get({ host, port, path, headers: { host: name }, agent: false });
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, text: await text(response) };
}

test('serves liveness, readiness with the reason, status, and a word of help', async () => {
  let ready = false;
  const listener = await createListener({
    host,
    port: 0,
    routes: probeRoutes({
      ready: () => ready,
      readiness: (named) => ({ backends: named ? { a: 'starting' } : { total: 1 } }),
      status: () => Promise.resolve({ status: 200, body: { name: 'x' } }),
      title: 'vmcp 1.2.3',
    }),
  });
  const answerOf = async (path: string): Promise<[number, string]> => {
    const response = await fetch(listener.url + path);
    return [response.status, await response.text()];
  };
  assert.deepEqual(await answerOf('/health'), [200, '{"status":"ok"}']);
  assert.deepEqual(await answerOf('/readyz'), [503, '{"status":"not ready","backends":{"a":"starting"}}']);
  assert.deepEqual(await getAs(listener.port, '/readyz', 'evil.example'), {
    status: 503,
    text: '{"status":"not ready","backends":{"total":1}}',
  });
  ready = true;
  assert.deepEqual(await answerOf('/readyz'), [200, '{"status":"ready","backends":{"a":"starting"}}']);
  assert.deepEqual(await answerOf('/status'), [200, '{"name":"x"}']);
  assert.match((await answerOf('/'))[1], /^vmcp 1\.2\.3\n[^]*\/mcp/);
  assert.equal((await fetch(`${listener.url}/health`, { method: 'POST' })).status, 405);
  await listener.close();
});

test('a status that fails is an error of the server, without what failed', async () => {
  const status = (): Promise<never> => Promise.reject(new Error('secret'));
  const routes = probeRoutes({ ready: () => true, status, title: 'x' });
  const listener = await createListener({ host, port: 0, routes });
  const response = await fetch(`${listener.url}/status`);
  assert.deepEqual([response.status, await response.text()], [500, '{"error":"internal error"}']);
  await listener.close();
});

test('closing lets responses finish for a while, and no longer', async () => {
  const asked = async (): Promise<{
    listener: Listener;
    response: ServerResponse;
    answer: Promise<string>;
  }> => {
    const arrived = Promise.withResolvers<ServerResponse>();
    const routes = [
      { path: '/', handler: (_: unknown, response: ServerResponse) => arrived.resolve(response) },
    ];
    const listener = await createListener({ host, port: 0, routes });
    const answer = fetch(listener.url).then((response) => response.text());
    return { listener, response: await arrived.promise, answer };
  };
  const finishing = await asked();
  const closed = finishing.listener.close(600_000);
  finishing.response.end('done');
  assert.equal(await finishing.answer, 'done');
  await closed;

  const endless = await asked();
  const rejected = assert.rejects(endless.answer);
  await endless.listener.close(50);
  await rejected;
});

test('closing does not wait for connections that clients opened ahead and never used', async () => {
  const listener = await createListener({
    host,
    port: 0,
    routes: probeRoutes({ ready: () => true, status: () => ({ status: 200, body: {} }), title: 'x' }),
  });
  const unused = connect(listener.port, host);
  const ended = once(unused, 'close');
  await once(unused, 'connect');
  assert.equal((await fetch(`${listener.url}/health`)).status, 200);
  await listener.close(600_000);
  await ended;
});

test('a port that is taken is the system’s error', async () => {
  const first = await createListener({ host, port: 0, routes: [] });
  await assert.rejects(createListener({ host, port: first.port, routes: [] }), { code: 'EADDRINUSE' });
  await first.close();
});
