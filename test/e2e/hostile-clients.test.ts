/** Clients that mean harm, or are broken: each is refused or cut off, nothing leaks, and no other client notices. */
import { anonymous } from '../../src/gateway/index.ts';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { after, before, describe, test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { edgeTools } from '../fixtures/edge-tools.ts';
import { startEdge } from '../support/edge.ts';
import type { Edge } from '../support/edge.ts';
import { eventually } from '../support/eventually.ts';
import { held } from '../support/memory.ts';
import { errorName, modern, modernRequest, openSession, post } from '../support/raw-mcp.ts';

let edge: Edge;
before(async () => {
  edge = await startEdge({
    tools: edgeTools,
    limits: { maxBodyBytes: 64 * 1024, maxSessions: 20, maxRunningPerSession: 5 },
    timeouts: { headersMs: 600_000, requestMs: 600_000 },
  });
});
after(async () => {
  await eventually(() => assert.equal(edge.endpoint.load.running, 0));
  await edge.close();
  assert.deepEqual(edge.faults, []);
});

const echo = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'echo' } };

/** A raw connection, with all that came back on it. */
async function dial(
  text: string,
  to: Edge = edge,
): Promise<{ socket: Socket; received: () => string; closed: Promise<unknown> }> {
  const socket = connect(Number(to.url.port), '127.0.0.1');
  socket.on('error', () => {});
  let received = '';
  socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
  const closed = once(socket, 'close');
  await once(socket, 'connect');
  socket.write(text);
  return { socket, received: () => received, closed };
}

function head(more = ''): string {
  const accept = 'application/json, text/event-stream';
  return `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: ${accept}\r\n${more}`;
}

/** Another client's call, which must go well whatever else is going on. */
async function assertServesOthers(): Promise<void> {
  const answer = await modern(edge.url, 'tools/call', { name: 'echo' });
  assert.equal(answer.status, 200);
}

describe('a body that is refused is no tool call', () => {
  const deep = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}`;
  const invalidUtf8 = Buffer.concat([
    Buffer.from('{"jsonrpc":"2.0","id":1,"method":"'),
    Buffer.from([0xff]),
    Buffer.from('"}'),
  ]);
  const cases: [string, unknown, number, number][] = [
    ['nothing', '', 400, -32700],
    ['no JSON', '{"jsonrpc":', 400, -32700],
    ['a batch', [echo, echo], 400, -32600],
    ['an empty batch', [], 400, -32600],
    ['a string', '"x"', 400, -32600],
    ['null', 'null', 400, -32600],
    ['deep JSON', deep, 400, -32600],
    ['deep arrays', '['.repeat(60_000), 400, -32600],
    ['invalid UTF-8', invalidUtf8, 400, -32700],
    ['no version of JSON-RPC', { id: 1, method: 'tools/call', params: { name: 'echo' } }, 400, -32600],
    ['a null id', { ...echo, id: null }, 400, -32600],
    ['an id that is an object', { ...echo, id: {} }, 400, -32600],
    ['a method that is a number', { ...echo, method: 7 }, 400, -32600],
    ['too much', { ...echo, params: { name: 'echo', arguments: { x: 'x'.repeat(70_000) } } }, 413, -32000],
  ];
  for (const [title, body, status, code] of cases) {
    test(title, async () => {
      const headers = await openSession(edge.url);
      const before = edge.gateway.calls.length;
      const answer = await post(edge.url, body, headers);
      assert.deepEqual([answer.status, answer.messages[0]?.error?.code], [status, code]);
      assert.equal(edge.gateway.calls.length, before);
      await assertServesOthers();
    });
  }

  test('names of what every object inherits are names like any other', async () => {
    const headers = await openSession(edge.url);
    const body =
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"__proto__":{"x":1}}}}';
    const { messages } = await post(edge.url, body, headers);
    assert.deepEqual(messages[0]?.result?.['content'], [{ type: 'text', text: '{"__proto__":{"x":1}}' }]);
    assert.equal(({} as Record<string, unknown>)['x'], undefined);
    for (const method of ['constructor', '__proto__', 'toString']) {
      const { status } = await modern(edge.url, method);
      assert.equal(status, 404);
    }
  });
});

describe('headers that are refused', () => {
  const cases: [string, Record<string, string>, number][] = [
    ['another content type', { 'content-type': 'text/plain' }, 415],
    ['a content type that only begins like JSON', { 'content-type': 'application/jsonp' }, 415],
    ['a body that is packed', { 'content-encoding': 'gzip' }, 415],
    ['a body in another encoding', { 'content-type': 'application/json; charset=utf-16' }, 415],
    ['neither JSON nor streams accepted', { accept: 'text/html' }, 406],
    ['no session', {}, 400],
    ['an unknown session', { 'mcp-session-id': 'made-up' }, 404],
    ['an unknown revision', { 'mcp-protocol-version': '2020-01-01' }, 400],
    ['a site that is not ours', { origin: 'https://evil.example' }, 403],
    ['an opaque site', { origin: 'null' }, 403],
  ];
  for (const [title, headers, status] of cases) {
    test(title, async () => {
      const before = edge.gateway.calls.length;
      assert.equal((await post(edge.url, echo, headers)).status, status);
      assert.equal(edge.gateway.calls.length, before);
    });
  }

  test('another host, also one that only begins like ours, where names of backends are told', async () => {
    for (const host of [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      'localhost@evil.example',
      '',
    ]) {
      for (const [path, status] of [
        ['/mcp', 403],
        ['/status', 403],
        ['/health', 200],
        ['/readyz', 200],
      ] as const) {
        const { received, closed } = await dial(
          `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
        );
        await closed;
        assert.match(received(), new RegExp(`^HTTP/1.1 ${status} `), `${host} ${path}`);
      }
    }
  });

  test('methods that are no methods of MCP', async () => {
    for (const method of ['PUT', 'PATCH', 'OPTIONS', 'HEAD']) {
      const response = await fetch(edge.url, { method });
      assert.equal(response.status, 405);
      assert.equal(response.headers.get('allow'), 'POST, GET, DELETE');
    }
  });
});

describe('a session', () => {
  test('stolen by another principal is not found, and goes on for its owner', async () => {
    const owner = await openSession(edge.url, { headers: { 'x-subject': 'ann' } });
    const thief = { ...owner, 'x-subject': 'mallory' };
    assert.equal((await post(edge.url, echo, thief)).status, 404);
    assert.equal((await fetch(edge.url, { headers: { ...thief, accept: 'text/event-stream' } })).status, 404);
    assert.equal((await fetch(edge.url, { method: 'DELETE', headers: thief })).status, 404);
    assert.equal((await post(edge.url, echo, owner)).status, 200);
  });

  test('in which an id is used again serves each call; cancelling that id cancels them all', async () => {
    const headers = await openSession(edge.url);
    const hang = { ...echo, params: { name: 'hang' } };
    const before = edge.gateway.calls.length;
    const answers = [post(edge.url, hang, headers), post(edge.url, hang, headers)];
    await eventually(() => assert.equal(edge.gateway.calls.length, before + 2));
    assert.equal((await post(edge.url, echo, headers)).status, 200);
    const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };
    await post(edge.url, cancelled, headers);
    for (const answer of answers) assert.deepEqual((await answer).messages, []);
  });

  test('has a bound on what is under way', async () => {
    const headers = await openSession(edge.url);
    const hang = (id: number): Promise<unknown> =>
      post(edge.url, { ...echo, id, params: { name: 'hang' } }, headers);
    const hanging = [1, 2, 3, 4, 5].map(hang);
    await eventually(() => assert.equal(edge.endpoint.load.running, 5));
    const refused = await post(edge.url, { ...echo, id: 6 }, headers);
    assert.equal(refused.status, 503);
    await assertServesOthers();
    await fetch(edge.url, { method: 'DELETE', headers });
    await Promise.all(hanging);
  });

  test('is one of a bounded number: a flood of them is refused, and those in use stay', async () => {
    const headers = await openSession(edge.url);
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'flood', version: '1' },
    };
    const initialize = { jsonrpc: '2.0', id: 1, method: 'initialize', params };
    const statuses = await Promise.all(Array.from({ length: 60 }, () => post(edge.url, initialize)));
    assert.ok(statuses.some(({ status }) => status === 503));
    assert.ok(edge.endpoint.load.sessions <= 20);
    assert.equal((await post(edge.url, echo, headers)).status, 200);
  });

  test('unused for its time is over', async (t) => {
    let nowMs = 0;
    const brief = await startEdge({ now: () => nowMs, limits: { sessionTtlMs: 1_000 } });
    t.after(() => brief.close());
    const headers = await openSession(brief.url);
    nowMs = 900;
    assert.equal((await post(brief.url, echo, headers)).status, 200);
    nowMs = 1_800;
    assert.equal((await post(brief.url, echo, headers)).status, 200);
    nowMs = 2_800;
    assert.equal((await post(brief.url, echo, headers)).status, 404);
    assert.equal(brief.endpoint.load.sessions, 0);
    assert.deepEqual(brief.gateway.endedSessions, [headers['mcp-session-id']]);
  });
});

describe('a connection', () => {
  /** One that waits for nobody long: its clients mean harm, all of them. */
  async function impatient(t: TestContext): Promise<Edge> {
    const timeouts = { headersMs: 200, requestMs: 300, checkMs: 50 };
    const short = await startEdge({ tools: edgeTools, timeouts });
    t.after(() => short.close());
    return short;
  }

  test('that sends half its headers is cut off', async (t) => {
    const { received, closed } = await dial('POST /mcp HTTP/1.1\r\nHost: loc', await impatient(t));
    await closed;
    assert.match(received(), /^HTTP\/1.1 408 /);
  });

  test('that sends half its body is cut off, and that is no tool call', async (t) => {
    const short = await impatient(t);
    const half = head('Content-Length: 500\r\n\r\n{"jsonrpc":"2.0","id":1,');
    const { received, closed } = await dial(half, short);
    await closed;
    assert.match(received(), /^HTTP\/1.1 408 /);
    assert.deepEqual([short.gateway.calls.length, short.faults.length], [0, 0]);
  });

  test('that sends a body without end is cut off at the bound', async () => {
    const { socket, received, closed } = await dial(head('Transfer-Encoding: chunked\r\n\r\n'));
    const chunk = `4000\r\n${' '.repeat(0x4000)}\r\n`;
    for (let sent = 0; sent < 20 && !socket.destroyed; sent++) socket.write(chunk);
    await closed;
    assert.match(received(), /^HTTP\/1.1 413 /);
  });

  test('that announces too much is refused before it sends it', async () => {
    const { received, socket } = await dial(head('Content-Length: 99999999\r\n\r\n'));
    await eventually(() => assert.match(received(), /^HTTP\/1.1 413 /));
    socket.destroy();
  });

  test('that breaks in mid-body leaves nothing behind', async () => {
    const { socket } = await dial(head('Content-Length: 500\r\n\r\n{"jsonrpc":'));
    await delay(20);
    socket.destroy();
    await assertServesOthers();
  });

  test('that asks a thousand things at once without reading the answers is served like any other', async () => {
    const { body, headers } = modernRequest('tools/call', { name: 'echo' });
    const text = JSON.stringify(body);
    const lines = Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('');
    const request = `${head(lines)}Content-Length: ${text.length}\r\n\r\n${text}`;
    const { socket, received } = await dial(request.repeat(1_000));
    await assertServesOthers();
    await eventually(() => assert.equal(received().split('HTTP/1.1 200 ').length - 1, 1_000));
    socket.destroy();
  });

  test('lost while its call runs harms nobody', async () => {
    const { body, headers } = modernRequest('tools/call', { name: 'hang' });
    const text = JSON.stringify(body);
    const lines = Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('');
    const { socket } = await dial(`${head(lines)}Content-Length: ${text.length}\r\n\r\n${text}`);
    await eventually(() => assert.ok(edge.endpoint.load.running > 0));
    socket.resetAndDestroy();
    await eventually(() => assert.equal(edge.endpoint.load.running, 0));
    await assertServesOthers();
  });
});

describe('a client that does not read', () => {
  test('loses notifications, but no memory of ours, and gets its answer when it reads', async (t) => {
    let keptBytes = Infinity;
    const flooding = await startEdge({
      tools: {
        flood: async ({ client, params }) => {
          const data = 'x'.repeat(10_000);
          const before = held().bytes;
          for (let sent = 0; sent < 5_000; sent++)
            client.notify('notifications/message', { level: 'info', data });
          keptBytes = held().bytes - before;
          await delay(1);
          return { content: [{ type: 'text', text: JSON.stringify(params['name']) }] };
        },
      },
      limits: { maxBufferedBytes: 100_000 },
    });
    t.after(() => flooding.close());
    const headers = await openSession(flooding.url);
    const answer = await post(flooding.url, { ...echo, params: { name: 'flood' } }, headers);
    assert.ok(answer.messages.length < 2_500, `${answer.messages.length} messages`);
    assert.ok(keptBytes < 10e6, `${keptBytes} bytes of 50,000,000 were kept`);
    assert.deepEqual(answer.messages.at(-1)?.result?.['content'], [{ type: 'text', text: '"flood"' }]);
  });
});

describe('on stdio', () => {
  /** Sends lines and returns the answers, once the client's end is closed and all is over. */
  async function exchange(
    ...lines: (string | Buffer)[]
  ): Promise<{ id?: unknown; error?: { code: number } }[]> {
    const input = new PassThrough();
    const output = new PassThrough();
    const over = edge.endpoint.serveStdio(input, output, anonymous);
    for (const line of lines) input.write(Buffer.concat([Buffer.from(line), Buffer.from('\n')]));
    input.end();
    await over;
    const text = String(output.read() ?? '');
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { id?: unknown });
  }

  test('what is no message is answered, and what comes after it is served', async () => {
    const { body } = modernRequest('tools/call', { name: 'echo' }, { id: 'last' });
    const answers = await exchange(
      'nonsense',
      '[]',
      Buffer.from([0xff, 0xfe]),
      'x'.repeat(70_000),
      '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
      JSON.stringify(body),
      JSON.stringify(body),
    );
    assert.deepEqual(
      answers.map(({ id, error }) => [id, error?.code]),
      [
        [null, -32700],
        [null, -32600],
        [null, -32600],
        [null, -32600],
        [1, -32600],
        ['last', -32600], // the second with this id, answered at once
        ['last', undefined],
      ],
    );
  });

  test('a request that is too long is answered by its id, wherever in it that stands', async () => {
    const filling = 'x'.repeat(70_000);
    const long = (before: object, after: object): string =>
      JSON.stringify({
        jsonrpc: '2.0',
        ...before,
        params: { name: 'echo', arguments: { filling } },
        ...after,
      });
    const answers = await exchange(
      long({ id: 7, method: 'tools/call' }, {}),
      long({ method: 'tools/call' }, { id: 'se"ven' }),
      long({ method: 'notifications/x' }, {}),
      long({ id: { a: 1 } }, {}),
    );
    assert.deepEqual(
      answers.map(({ id, error }) => [id, error?.code]),
      [
        [7, -32600],
        ['se"ven', -32600],
        [null, -32600],
        [null, -32600],
      ],
    );
  });

  test('lines may end as on Windows, and the last may not end at all', async () => {
    const { body } = modernRequest('tools/call', { name: 'echo' }, { id: 'last' });
    const input = new PassThrough();
    const output = new PassThrough();
    const over = edge.endpoint.serveStdio(input, output, anonymous);
    input.write(`${JSON.stringify({ ...body, id: 'first' })}\r\n\r\n`);
    input.end(JSON.stringify(body));
    await over;
    const answers = String(output.read()).split('\n').filter(Boolean);
    assert.deepEqual(
      answers.map((line) => (JSON.parse(line) as { id: string; error?: object }).id),
      ['first', 'last'],
    );
  });

  test('a client that ends right after its first words is still answered', async (t) => {
    const slow = await startEdge();
    t.after(() => slow.close());
    slow.gateway.beforeDescribing = () => delay(50);
    const input = new PassThrough();
    const output = new PassThrough();
    const over = slow.endpoint.serveStdio(input, output, anonymous);
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'x', version: '1' },
    };
    input.end(JSON.stringify({ jsonrpc: '2.0', id: 'first', method: 'initialize', params }));
    await over;
    assert.match(String(output.read()), /"id":"first","result"/);
  });

  test('a client that does not read its answers is not heard until it does', async (t) => {
    const bounded = await startEdge({ limits: { maxBufferedBytes: 16 * 1024 } });
    t.after(() => bounded.close());
    const input = new PassThrough();
    const output = new PassThrough();
    const over = bounded.endpoint.serveStdio(input, output, anonymous);
    const { body } = modernRequest('ping', {});
    let sent = 0;
    while (!input.isPaused()) {
      assert.ok(sent < 10_000, 'it is heard however much waits for it');
      for (let batch = 0; batch < 50; batch++) input.write(`${JSON.stringify({ ...body, id: sent++ })}\n`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    input.end();
    let text = '';
    output.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    await over;
    await eventually(() => assert.equal(text.split('\n').length - 1, sent));
  });

  test('a client that goes away ends its calls and its session', async () => {
    const input = new PassThrough();
    const output = new PassThrough();
    const before = edge.gateway.endedSessions.length;
    const over = edge.endpoint.serveStdio(input, output, anonymous);
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'x', version: '1' },
    };
    input.write(`${JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params })}\n`);
    input.write(`${JSON.stringify({ ...echo, params: { name: 'hang' } })}\n`);
    await eventually(() => assert.equal(edge.gateway.calls.at(-1)?.name, 'hang'));
    output.destroy();
    input.end();
    await over;
    assert.equal(errorName(edge.gateway.calls.at(-1)?.signal.reason), 'CancelledError');
    assert.ok(edge.gateway.endedSessions.length > before);
  });
});
