import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { fakeCaller, toolRequest } from '../../../test/fixtures/calling.ts';
import { startPlainBackend } from '../../../test/fixtures/plain-backend.ts';
import { eventually } from '../../../test/support/eventually.ts';
import type {
  BackendClient,
  BackendError,
  CredentialHeaders,
  OutgoingCredential,
  CredentialContext,
} from '../../gateway/index.ts';
import { CredentialError } from '../../gateway/index.ts';
import type { BackendTarget } from './index.ts';
import { createBackendClient } from './index.ts';

const soon = AbortSignal.timeout(600_000);
const secret = 's3cret-token';

function create(t: TestContext, target: BackendTarget, credential?: OutgoingCredential): BackendClient {
  const client = createBackendClient(target, {
    clientInfo: { name: 'vmcp', version: '1' },
    environment: {},
    onLog: () => undefined,
    closeGraceMs: 300,
    ...(credential && { credential }),
  });
  t.after(() => client.close());
  return client;
}

const constant = (headers: CredentialHeaders): OutgoingCredential => ({ headersFor: () => headers });

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly rpc?: string;
  readonly headers: IncomingMessage['headers'];
}

/** An HTTP server that records every request, with the method of MCP in it, and answers by `answer`. */
async function serve(
  t: TestContext,
  answer: (seen: Seen & { readonly id?: number }, response: ServerResponse) => void,
): Promise<{ readonly origin: string; readonly seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      const message = body === '' ? {} : (JSON.parse(body) as { id?: number; method?: string });
      const one: Seen = { method, path, headers, ...(message.method && { rpc: message.method }) };
      seen.push(one);
      answer({ ...one, ...(message.id !== undefined && { id: message.id }) }, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

const results: Readonly<Record<string, unknown>> = {
  initialize: {
    protocolVersion: '2025-11-25',
    capabilities: { tools: {} },
    serverInfo: { name: 'b', version: '1' },
  },
  ping: {},
  'tools/list': { tools: [{ name: 'echo', inputSchema: { type: 'object' } }] },
  'tools/call': { content: [] },
};

/** A 2025-11-25 server with sessions and a standing stream. */
function answerLegacy({ method, rpc = '', id }: Seen & { id?: number }, response: ServerResponse): void {
  if (method === 'GET')
    return void response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n');
  if (method === 'DELETE' || id === undefined) return void response.writeHead(202).end();
  const result = results[rpc];
  const answer = result === undefined ? { error: { code: -32601, message: 'no' } } : { result };
  response.writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 's1' });
  response.end(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
}

describe('a credential', () => {
  test('goes with every request to a backend over Streamable HTTP, the gateway’s own too', async (t) => {
    const { origin, seen } = await serve(t, answerLegacy);
    const contexts: (CredentialContext | undefined)[] = [];
    const client = create(
      t,
      { name: 'b', transport: 'streamable-http', url: new URL(`${origin}/mcp`) },
      { headersFor: (context) => (contexts.push(context), { 'x-api-key': secret }) },
    );
    await client.connect(soon);
    await client.list('tools', soon);
    await client.ping(soon);
    const request = toolRequest('echo');
    await client.request(request);
    await client.close();
    const kinds = new Set(seen.map(({ method, rpc }) => rpc ?? method));
    for (const kind of [
      'initialize',
      'notifications/initialized',
      'tools/list',
      'ping',
      'tools/call',
      'GET',
      'DELETE',
    ])
      assert.ok(kinds.has(kind), kind);
    for (const { method, rpc, headers } of seen) assert.equal(headers['x-api-key'], secret, rpc ?? method);
    // Only the caller's own request comes with its context.
    assert.deepEqual(
      contexts.filter((context) => context !== undefined).map(({ caller }) => caller),
      [request.caller],
    );
  });

  test('goes with the stream and every message of a backend over HTTP+SSE', async (t) => {
    let stream: ServerResponse | undefined;
    const { origin, seen } = await serve(t, ({ method, rpc = '', id }, response) => {
      if (method === 'GET') {
        stream = response.writeHead(200, { 'content-type': 'text/event-stream' });
        return void stream.write('event: endpoint\ndata: /messages?session=1\n\n');
      }
      response.writeHead(202).end();
      if (id === undefined) return;
      const data = JSON.stringify({ jsonrpc: '2.0', id, result: results[rpc] ?? {} });
      stream?.write(`event: message\ndata: ${data}\n\n`);
    });
    const url = new URL(`${origin}/sse`);
    const client = create(t, { name: 'b', transport: 'sse', url }, constant({ authorization: secret }));
    await client.connect(soon);
    await client.request(toolRequest('echo'));
    assert.deepEqual(
      seen.map(({ method, rpc, headers }) => [rpc ?? method, headers.authorization]),
      ['GET', 'initialize', 'notifications/initialized', 'tools/call'].map((kind) => [kind, secret]),
    );
  });

  test('wins over what the client’s request passes through, and over the URL’s name and password', async (t) => {
    const backend = await startPlainBackend('2026-07-28', { records: true });
    t.after(() => backend.close());
    const url = new URL(backend.url);
    url.username = 'me';
    url.password = 'pass';
    const caller = fakeCaller({ forwardedHeaders: { 'x-tenant': 'theirs', 'x-other': 'theirs' } });
    const target = { name: 'b', transport: 'streamable-http', url } as const;
    const client = create(t, target, constant({ authorization: 'Bearer own', 'x-tenant': 'own' }));
    await client.connect(soon);
    await client.request(toolRequest('echo', {}, { caller }));
    const call = backend.arrived.find(({ message }) => message.method === 'tools/call');
    assert.equal(call?.headers.authorization, 'Bearer own');
    assert.equal(call.headers['x-tenant'], 'own');
    assert.equal(call.headers['x-other'], 'theirs');
    const bare = create(t, target, constant({ 'x-tenant': 'own' }));
    await bare.connect(soon);
    const basic = `Basic ${Buffer.from('me:pass').toString('base64')}`;
    assert.equal(backend.arrived.at(-1)?.headers.authorization, basic);
    assert.equal(backend.arrived.at(-1)?.headers['x-tenant'], 'own');
  });

  test('that was replaced meanwhile goes with the next request, on the connection that stands', async (t) => {
    const backend = await startPlainBackend('2025-11-25', { records: true });
    t.after(() => backend.close());
    let token = 'first';
    const target = { name: 'b', transport: 'streamable-http', url: backend.url } as const;
    const client = create(t, target, { headersFor: () => ({ authorization: token }) });
    await client.connect(soon);
    await client.request(toolRequest('echo'));
    token = 'second';
    await client.request(toolRequest('echo'));
    const shown = backend.arrived
      .filter(({ message }) => message.method === 'tools/call')
      .map(({ headers }) => headers.authorization);
    assert.deepEqual(shown, ['first', 'second']);
    const greetings = backend.arrived.filter(({ message }) => message.method === 'initialize');
    // One for what is shared, one for the session of the caller.
    assert.ok(greetings.every(({ headers }) => headers.authorization === 'first'));
  });

  test('may take time, and nothing is sent before it is there or after the request was given up', async (t) => {
    const backend = await startPlainBackend('2026-07-28', { records: true });
    t.after(() => backend.close());
    let next = Promise.resolve<CredentialHeaders>({ authorization: 'slow' });
    const target = { name: 'b', transport: 'streamable-http', url: backend.url } as const;
    const client = create(t, target, { headersFor: () => next });
    await client.connect(soon);
    await client.request(toolRequest('echo'));
    assert.equal(backend.arrived.at(-1)?.headers.authorization, 'slow');
    const before = backend.arrived.length;
    const held = Promise.withResolvers<CredentialHeaders>();
    next = held.promise;
    const abort = new AbortController();
    const call = client.request(toolRequest('echo', {}, { signal: abort.signal }));
    const given = assert.rejects(call, { message: 'no longer wanted' });
    abort.abort(new Error('no longer wanted'));
    await given;
    held.resolve({ authorization: 'late' });
    await held.promise;
    next = Promise.resolve({ authorization: 'next' });
    await client.request(toolRequest('echo'));
    assert.deepEqual(
      backend.arrived.slice(before).map(({ headers }) => headers.authorization),
      ['next'],
    );
  });

  for (const kind of ['at once', 'later'] as const) {
    test(`that cannot be had (${kind}) fails the request, which is not sent; the next may have one`, async (t) => {
      const backend = await startPlainBackend('2026-07-28', { records: true });
      t.after(() => backend.close());
      let works = true;
      const error = new CredentialError('the file is gone');
      const target = { name: 'b', transport: 'streamable-http', url: backend.url } as const;
      const client = create(t, target, {
        headersFor: () => {
          if (works) return { authorization: 'a' };
          if (kind === 'at once') throw error;
          return Promise.reject(error);
        },
      });
      await client.connect(soon);
      const before = backend.arrived.length;
      works = false;
      const failed = {
        code: 'no-credential',
        mayHaveRun: false,
        message: 'backend "b" has no credential: the file is gone',
      };
      await assert.rejects(client.request(toolRequest('echo')), failed);
      await assert.rejects(client.ping(soon), failed);
      assert.equal(backend.arrived.length, before);
      works = true;
      await client.request(toolRequest('echo'));
      const sse = create(t, { ...target, transport: 'sse' }, { headersFor: () => Promise.reject(error) });
      await assert.rejects(sse.connect(soon), failed);
    });
  }
});

describe('a redirect', () => {
  for (const status of [301, 302, 303, 307, 308]) {
    test(`(${status}) to another origin is not followed: that origin hears nothing`, async (t) => {
      const other = await serve(t, answerLegacy);
      const first = await serve(t, (_, response) => {
        response.writeHead(status, { location: `${other.origin}/mcp` }).end();
      });
      for (const transport of ['streamable-http', 'sse'] as const) {
        const url = new URL(`${first.origin}/mcp`);
        const client = create(t, { name: 'b', transport, url }, constant({ authorization: secret }));
        await assert.rejects(
          client.connect(soon),
          /redirects elsewhere \(HTTP 30\d\), which is not followed/,
        );
      }
      assert.ok(first.seen.every(({ headers }) => headers.authorization === secret));
      assert.deepEqual(other.seen, []);
    });
  }

  test('in mid-session to another origin is not followed either, with whatever its address begins', async (t) => {
    const other = await serve(t, answerLegacy);
    let location = '';
    const first = await serve(t, (seen, response) => {
      if (seen.rpc !== 'tools/call') return answerLegacy(seen, response);
      response.writeHead(307, { location }).end();
    });
    const url = new URL(`${first.origin}/mcp`);
    const client = create(
      t,
      { name: 'b', transport: 'streamable-http', url },
      constant({ authorization: secret }),
    );
    await client.connect(soon);
    const port = new URL(other.origin).port;
    for (location of [
      `${other.origin}/mcp`,
      `//127.0.0.1:${port}/mcp`,
      `http://localhost:${port}/mcp`,
      `http://127.0.0.1@localhost:${port}/mcp`,
      `https://127.0.0.1:${new URL(first.origin).port}/mcp`,
    ])
      await assert.rejects(client.request(toolRequest('echo')), /redirects elsewhere/, location);
    assert.deepEqual(other.seen, []);
  });

  test('within the origin is followed, with the credential', async (t) => {
    const { origin, seen } = await serve(t, (one, response) => {
      if (one.path === '/mcp') response.writeHead(307, { location: '/mcp/' }).end();
      else answerLegacy(one, response);
    });
    const url = new URL(`${origin}/mcp`);
    const client = create(
      t,
      { name: 'b', transport: 'streamable-http', url },
      constant({ authorization: secret }),
    );
    await client.connect(soon);
    await eventually(() => assert.ok(seen.some(({ path, rpc }) => path === '/mcp/' && rpc === 'initialize')));
    assert.ok(seen.every(({ headers }) => headers.authorization === secret));
  });

  test('by the endpoint of an HTTP+SSE stream to another origin is refused: that origin hears nothing', async (t) => {
    const other = await serve(t, answerLegacy);
    const { origin } = await serve(t, (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`event: endpoint\ndata: ${other.origin}/messages\n\n`);
    });
    const url = new URL(`${origin}/sse`);
    const client = create(t, { name: 'b', transport: 'sse', url }, constant({ authorization: secret }));
    await assert.rejects(client.connect(soon), /names a place on another host to send messages to/);
    assert.deepEqual(other.seen, []);
  });
});

describe('a 401', () => {
  /** @param wanted what the server takes with a call */
  async function connectTo(t: TestContext, wanted: () => string, credential: OutgoingCredential) {
    const served = await serve(t, (one, response) => {
      if (one.rpc !== 'tools/call' || one.headers.authorization === wanted())
        return answerLegacy(one, response);
      response.writeHead(401, { 'content-type': 'application/json' }).end('{"error":"invalid_token"}');
    });
    const url = new URL(`${served.origin}/mcp`);
    const client = create(t, { name: 'b', transport: 'streamable-http', url }, credential);
    await client.connect(soon);
    return { client, calls: () => served.seen.filter(({ rpc }) => rpc === 'tools/call') };
  }

  /** Tokens `1`, `2`, … : another after each that was refused. */
  function counting(): OutgoingCredential & { readonly refusals: CredentialHeaders[] } {
    const refusals: CredentialHeaders[] = [];
    return {
      refusals,
      headersFor: async () => ({ authorization: `token-${refusals.length + 1}` }),
      refused: (_context, headers) => refusals.push(headers) > 0,
    };
  }

  test('has the request sent once more, where the credential has others', async (t) => {
    let wanted = 'token-1';
    const credential = counting();
    const { client, calls } = await connectTo(t, () => wanted, credential);
    wanted = 'token-2';
    assert.deepEqual(await client.request(toolRequest('echo')), { content: [] });
    assert.deepEqual(
      calls().map(({ headers }) => headers.authorization),
      ['token-1', 'token-2'],
    );
    assert.deepEqual(credential.refusals, [{ authorization: 'token-1' }]);
  });

  test('is final the second time', async (t) => {
    let wanted = 'token-1';
    const credential = counting();
    const { client, calls } = await connectTo(t, () => wanted, credential);
    wanted = 'token-9';
    await assert.rejects(client.request(toolRequest('echo')), /HTTP 401/);
    assert.equal(calls().length, 2);
  });

  test('is final at once, where the credential has no others', async (t) => {
    let wanted = 'fixed';
    const { client, calls } = await connectTo(t, () => wanted, constant({ authorization: 'fixed' }));
    wanted = 'another';
    await assert.rejects(client.request(toolRequest('echo')), /HTTP 401/);
    assert.equal(calls().length, 1);
  });

  test('is no failure of the backend where there is no other credential to be had', async (t) => {
    let wanted = 'token-1';
    let refused = false;
    const { client } = await connectTo(t, () => wanted, {
      headersFor: () => {
        if (refused) throw new CredentialError('the provider is away');
        return { authorization: 'token-1' };
      },
      refused: () => (refused = true),
    });
    wanted = 'token-2';
    await assert.rejects(client.request(toolRequest('echo')), (error: BackendError) => {
      assert.equal(error.code, 'no-credential');
      assert.match(error.message, /the provider is away/);
      return true;
    });
  });
});
