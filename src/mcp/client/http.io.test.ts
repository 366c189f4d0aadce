import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { getEventListeners, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { askable, fakeCaller, fakeClient, toolRequest } from '../../../test/fixtures/calling.ts';
import { startPlainBackend } from '../../../test/fixtures/plain-backend.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { assertNothingKept, held } from '../../../test/support/memory.ts';
import type { BackendClient } from '../../gateway/index.ts';
import type { JsonObject } from '../../protocol/index.ts';
import { takeUnreadText } from '../../gateway/index.ts';
import type { BackendTarget } from './index.ts';
import { createBackendClient } from './index.ts';
import { freePort } from '../../../test/support/free-port.ts';

const root = join(import.meta.dirname, '../../..');
const soon = AbortSignal.timeout(600_000);

function create(t: TestContext, target: BackendTarget): BackendClient {
  const client = createBackendClient(target, {
    clientInfo: { name: 'vmcp', version: '1' },
    environment: process.env,
    onLog: () => undefined,
    closeGraceMs: 300,
  });
  t.after(() => client.close());
  return client;
}

async function plain(t: TestContext, revision: '2025-11-25' | '2026-07-28') {
  const backend = await startPlainBackend(revision, { records: true });
  t.after(() => backend.close());
  const client = create(t, { name: 'p', transport: 'streamable-http', url: backend.url });
  await client.connect(soon);
  return { backend, client };
}

const trace = {
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  tracestate: 'vendor=1',
};
const caller = fakeCaller({ hasSession: false, forwardedHeaders: { 'x-tenant': 'acme' } });

describe('an answer with a long text', () => {
  test('is read, unless whoever asked passes it on', async (t) => {
    const { client } = await plain(t, '2025-11-25');
    const args = { word: 'a "word" '.repeat(10_000) };
    const text = JSON.stringify(args);
    const [read, unread] = await Promise.all([
      client.request(toolRequest('echo', args)),
      client.request(toolRequest('echo', args, { unreadTexts: true })),
    ]);
    assert.deepEqual(read['content'], [{ type: 'text', text }]);
    assert.deepEqual((read['content'] as JsonObject[]).map(takeUnreadText), [undefined]);
    assert.deepEqual(JSON.parse(JSON.stringify(unread['content'])), read['content']);
    assert.deepEqual((unread['content'] as JsonObject[]).map(takeUnreadText), [JSON.stringify(text)]);
  });
});

describe('what arrives at a backend', () => {
  test('of 2026-07-28 says in headers and _meta who asks, what and in which trace; the client’s own hop is taken off', async (t) => {
    const { backend, client } = await plain(t, '2026-07-28');
    const capabilities = { elicitation: {} };
    const modern = fakeCaller({ ...caller, revision: '2026-07-28', capabilities });
    const sent = {
      name: 'écho',
      _meta: {
        'io.modelcontextprotocol/protocolVersion': 'client',
        'io.modelcontextprotocol/clientInfo': { name: 'client' },
        'io.modelcontextprotocol/logLevel': 'warning',
        'com.example/own': 1,
        progressToken: 'theirs',
      },
    };
    await client.request({ ...toolRequest('écho', {}, { caller: modern, trace }), params: sent });
    const { headers, message } = backend.arrived.at(-1) ?? assert.fail('nothing arrived');
    assert.deepEqual(
      [
        'mcp-protocol-version',
        'mcp-method',
        'mcp-name',
        'traceparent',
        'tracestate',
        'x-tenant',
        'mcp-session-id',
      ].map((name) => headers[name]),
      ['2026-07-28', 'tools/call', '=?base64?w6ljaG8=?=', trace.traceparent, 'vendor=1', 'acme', undefined],
    );
    assert.deepEqual(message.params['_meta'], {
      'com.example/own': 1,
      traceparent: trace.traceparent,
      tracestate: 'vendor=1',
      progressToken: message.id,
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'vmcp', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': capabilities,
      'io.modelcontextprotocol/logLevel': 'warning',
    });
  });

  test('of an older revision is what the client sent, with the trace, and without what only the newer one knows', async (t) => {
    const { backend, client } = await plain(t, '2025-11-25');
    const params = { name: 'echo', arguments: { a: 1 }, task: { ttl: 1 }, unheard: [1], _meta: { own: 1 } };
    await client.request({ ...toolRequest('echo', {}, { caller, trace }), params });
    const { headers, message } = backend.arrived.at(-1) ?? assert.fail('nothing arrived');
    assert.deepEqual(
      ['mcp-protocol-version', 'mcp-method', 'traceparent', 'x-tenant'].map((name) => headers[name]),
      ['2025-11-25', undefined, trace.traceparent, 'acme'],
    );
    assert.deepEqual(message.params, { ...params, _meta: { own: 1, ...trace } });
  });

  test('carries the name and the password of the URL with every request, decoded where they can be', async (t) => {
    const cases: [user: string, sent: string | undefined][] = [
      ['me:p%40ss%C3%A9', 'me:p@ssé'],
      ['me:100%', 'me:100%'],
      ['token', 'token:'],
      ['', undefined],
    ];
    for (const [user, sent] of cases) {
      const backend = await startPlainBackend('2025-11-25', { records: true });
      t.after(() => backend.close());
      const url = new URL(backend.url.href.replace('://', `://${user}@`));
      const client = create(t, { name: 'p', transport: 'streamable-http', url });
      await client.connect(soon);
      await client.request(toolRequest('echo', {}, { caller: fakeCaller({ hasSession: false }) }));
      assert.deepEqual(
        [...new Set(backend.arrived.map(({ headers }) => headers.authorization))],
        [sent && `Basic ${Buffer.from(sent).toString('base64')}`],
      );
    }
  });

  test('without a trace or _meta is untouched', async (t) => {
    const { backend, client } = await plain(t, '2025-11-25');
    await client.request(toolRequest('echo', { a: 1 }, { caller: fakeCaller({ hasSession: false }) }));
    assert.deepEqual(backend.arrived.at(-1)?.message.params, { name: 'echo', arguments: { a: 1 } });
  });

  test('in the handshake of a shared connection declares the capabilities of its callers', async (t) => {
    const { backend, client } = await plain(t, '2025-11-25');
    const capabilities = { elicitation: { form: {} }, experimental: { x: {} } };
    for (let count = 0; count < 2; count++) {
      await client.request(
        toolRequest('echo', {}, { caller: fakeCaller({ hasSession: false, capabilities }) }),
      );
    }
    const declared = backend.arrived
      .filter(({ message }) => message.method === 'initialize')
      .map(({ message }) => message.params['capabilities'] as JsonObject);
    assert.equal(declared.length, 2);
    assert.deepEqual(declared[1], capabilities);
  });
});

test(
  '10,000 calls leave nothing behind: no listener, no connection, no memory',
  { timeout: 300_000 },
  async (t) => {
    const backend = await startPlainBackend('2026-07-28');
    t.after(() => backend.close());
    const client = create(t, { name: 'p', transport: 'streamable-http', url: backend.url });
    await client.connect(soon);
    const { signal } = new AbortController();
    const warned: string[] = [];
    const onWarning = ({ name }: Error): void => void (name !== 'ExperimentalWarning' && warned.push(name));
    process.on('warning', onWarning);
    t.after(() => process.off('warning', onWarning));
    const many = async (total: number): Promise<void> => {
      const request = { caller, signal, timeoutMs: 100_000 };
      const branches = Array.from({ length: 10 }, async () => {
        for (let count = 0; count < total / 10; count++) {
          await client.request(toolRequest('echo', {}, request));
        }
      });
      await Promise.all(branches);
    };
    // Those kept for the next call are closed after 4 s without one, and then none may be left.
    const disconnected = () => eventually(async () => assert.equal(await backend.connections(), 0), 60_000);
    await many(1_000);
    await disconnected();
    const rounds = [held()];
    for (let round = 0; round < 5; round++) {
      await many(2_000);
      if (round === 4) await disconnected();
      rounds.push(held());
    }
    assert.deepEqual(getEventListeners(signal, 'abort'), []);
    assert.deepEqual(warned, []);
    assertNothingKept(rounds, 2_000);
  },
);

test('a backend behind a certificate of its own is reached with caBundlePath, and not without', async (t) => {
  const key = join(root, 'test/fixtures/tls/key.pem');
  const cert = join(root, 'test/fixtures/tls/cert.pem');
  const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (req, res) => {
    req.resume();
    req.on('end', () => {
      const result = { resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities: {} };
      res.writeHead(200, { 'content-type': 'application/json' });
      res.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.closeAllConnections());
  t.after(() => server.close());
  const url = new URL(`https://localhost:${(server.address() as AddressInfo).port}/mcp`);
  const trusting = create(t, { name: 'tls', transport: 'streamable-http', url, caBundlePath: cert });
  assert.equal((await trusting.connect(soon)).revision, '2026-07-28');
  const doubting = create(t, { name: 'tls', transport: 'streamable-http', url });
  await assert.rejects(doubting.connect(soon), { code: 'unreachable', mayHaveRun: false });
  const mistaken = create(t, { name: 'tls', transport: 'streamable-http', url, caBundlePath: key });
  await assert.rejects(
    mistaken.connect(soon),
    /expected certificates as PEM in the file of caBundlePath, found none/,
  );
});

describe('a backend over HTTP+SSE', () => {
  /** `server-everything` with its own HTTP+SSE, and the process that it is. */
  async function everything(t: TestContext) {
    const port = await freePort();
    const script = join(root, 'node_modules/@modelcontextprotocol/server-everything/dist/index.js');
    const child = spawn(process.execPath, [script, 'sse'], {
      env: { ...process.env, PORT: String(port) },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    t.after(() => child.kill('SIGKILL'));
    await new Promise<void>((resolve) => {
      child.stderr.on('data', (line) => void (String(line).includes('running on port') && resolve()));
    });
    return {
      child,
      client: create(t, { name: 'sse', transport: 'sse', url: new URL(`http://127.0.0.1:${port}/sse`) }),
    };
  }

  test('answers calls, asks its client, and is told when it is lost', async (t) => {
    const { client } = await everything(t);
    const info = await client.connect(soon);
    assert.ok(
      ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'].includes(info.revision),
      info.revision,
    );
    assert.ok((await client.list('tools', soon)).length > 5);
    const echo = await client.request(toolRequest('echo', { message: 'x' }));
    assert.equal((echo['content'] as JsonObject[])[0]?.['text'], 'Echo: x');
    const port = fakeClient({ 'elicitation/create': { action: 'decline' }, 'roots/list': { roots: [] } });
    const asker = fakeCaller({ capabilities: askable });
    await client.request(toolRequest('trigger-elicitation-request', {}, { caller: asker, client: port }));
    assert.ok(port.asked.some(({ method }) => method === 'elicitation/create'));
    await client.ping(soon);
  });

  test('that is lost in mid-call fails the call and says so', async (t) => {
    const { child, client } = await everything(t);
    const lost: string[] = [];
    client.subscribe((event) => void (event.type === 'disconnected' && lost.push(event.error.message)));
    await client.connect(soon);
    const port = fakeClient();
    const long = toolRequest('trigger-long-running-operation', {}, { client: port, timeoutMs: 300_000 });
    const params = {
      ...long.params,
      arguments: { duration: 200, steps: 2_000 },
      _meta: { progressToken: 1 },
    };
    const call = client.request({ ...long, params });
    const rejected = assert.rejects(call, { code: 'disconnected' });
    await eventually(() => assert.ok(port.heard.length > 0, 'the call has not begun'));
    child.kill('SIGKILL');
    await rejected;
    await eventually(() => assert.equal(lost.length, 1));
  });

  test('that names a place on another host to post to is refused', async (t) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write(
        'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\nevent: endpoint\ndata: http://evil.example/x\n\n',
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/sse`);
    const client = create(t, { name: 'evil', transport: 'sse', url });
    await assert.rejects(
      client.connect(soon),
      /names a place on another host to send messages to, which is refused/,
    );
  });
});
