import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { toolRequest } from '../../../../../test/fixtures/calling.ts';
import { startPlainBackend } from '../../../../../test/fixtures/plain-backend.ts';
import { startProxy, type ProxyOptions, type RealProxy } from '../../../../../test/fixtures/proxy.ts';
import { freePort } from '../../../../../test/support/free-port.ts';
import type { BackendClient } from '../../../../gateway/index.ts';
import type { BackendTarget } from '../../index.ts';
import { createBackendClient } from '../../index.ts';

const soon = AbortSignal.timeout(600_000);
const tls = join(import.meta.dirname, '../../../../../test/fixtures/tls');
const caBundlePath = join(tls, 'cert.pem');

function create(t: TestContext, target: BackendTarget): BackendClient {
  const client = createBackendClient(target, {
    clientInfo: { name: 'vmcp', version: '1' },
    environment: {},
    onLog: () => undefined,
    closeGraceMs: 300,
    credential: { headersFor: () => ({ authorization: 's3cret-token' }) },
  });
  t.after(() => client.close());
  return client;
}

async function proxy(t: TestContext, options: ProxyOptions = {}): Promise<RealProxy> {
  const started = await startProxy(options);
  t.after(() => started.close());
  return started;
}

/** A 2026-07-28 backend over TLS whose certificate says `localhost`; returns its port. */
async function secureBackend(t: TestContext): Promise<number> {
  const pem = { key: readFileSync(join(tls, 'key.pem')), cert: readFileSync(caBundlePath) };
  const server = createTlsServer(pem, (request, response) => {
    assert.equal(request.headers['proxy-authorization'], undefined);
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const { id } = JSON.parse(body) as { id: number };
      const result = {
        resultType: 'complete',
        supportedVersions: ['2026-07-28'],
        capabilities: {},
        content: [],
      };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => (server.closeAllConnections(), server.close()));
  return (server.address() as AddressInfo).port;
}

const secure = (port: number, through: { url: URL; from: string }): BackendTarget => ({
  name: 'b',
  transport: 'streamable-http',
  url: new URL(`https://localhost:${port}/mcp`),
  caBundlePath,
  proxy: through,
});

describe('a backend over TLS behind a proxy', () => {
  test('is reached through a tunnel, in which nothing but TLS goes', async (t) => {
    const port = await secureBackend(t);
    const { url, asked } = await proxy(t);
    const client = create(t, secure(port, { url, from: 'HTTPS_PROXY' }));
    assert.equal((await client.connect(soon)).revision, '2026-07-28');
    await client.request(toolRequest('echo'));
    assert.deepEqual(
      [...new Set(asked.map(({ method, target }) => `${method} ${target}`))],
      [`CONNECT localhost:${port}`],
    );
    for (const { headers } of asked) assert.equal(headers.authorization, undefined);
  });

  test('has calls side by side, each in a tunnel of its own', async (t) => {
    const port = await secureBackend(t);
    const { url, asked } = await proxy(t);
    const client = create(t, secure(port, { url, from: 'proxy' }));
    await client.connect(soon);
    await Promise.all(Array.from({ length: 10 }, () => client.request(toolRequest('echo'))));
    assert.ok(asked.length > 1, `${asked.length} tunnels`);
  });

  test('gives the proxy the name and password of its URL', async (t) => {
    const port = await secureBackend(t);
    const authorization = `Basic ${Buffer.from('me:pa ss').toString('base64')}`;
    const { url, asked } = await proxy(t, { authorization });
    const known = new URL(url);
    known.username = 'me';
    known.password = 'pa ss';
    const client = create(t, secure(port, { url: known, from: 'proxy' }));
    await client.connect(soon);
    assert.ok(asked.every(({ headers }) => headers['proxy-authorization'] === authorization));
  });

  for (const [title, options, words] of [
    [
      'wants to know who asks',
      { authorization: 'Basic x' },
      'asks for credentials (HTTP 407): put a name and a password into its URL',
    ],
    ['does not let it out', { refuseTunnels: 403 }, 'opens no way to localhost:PORT (HTTP 403)'],
  ] as const) {
    test(`is not reached where the proxy ${title}, and was not asked`, async (t) => {
      const port = await secureBackend(t);
      const { url } = await proxy(t, options);
      const client = create(t, secure(port, { url, from: 'HTTPS_PROXY' }));
      await assert.rejects(client.connect(soon), {
        code: 'unreachable',
        mayHaveRun: false,
        message: `backend "b" cannot be reached: the proxy ${url.host} (HTTPS_PROXY) ${words.replace('PORT', String(port))}`,
      });
    });
  }

  test('is not reached without its proxy, and the message names the proxy without its password', async (t) => {
    const port = await secureBackend(t);
    const url = new URL(`http://me:s3cret@127.0.0.1:${await freePort()}`);
    const client = create(t, secure(port, { url, from: 'proxy' }));
    await assert.rejects(client.connect(soon), {
      code: 'unreachable',
      mayHaveRun: false,
      message: `backend "b" cannot be reached: the proxy ${url.host} (proxy) cannot be reached: connect ECONNREFUSED ${url.host}`,
    });
  });

  test('must be the backend that its certificate names, behind a proxy too', async (t) => {
    const port = await secureBackend(t);
    const { url } = await proxy(t, { ports: { 'elsewhere.example:443': port } });
    const target = { ...secure(port, { url, from: 'proxy' }), url: new URL('https://elsewhere.example/mcp') };
    await assert.rejects(create(t, target).connect(soon), {
      code: 'unreachable',
      mayHaveRun: false,
      message: /elsewhere\.example\. is not in the cert's altnames/,
    });
  });

  test('is given up with the request where the proxy says nothing', async (t) => {
    const port = await secureBackend(t);
    const { url, asked } = await proxy(t, { silent: true });
    const client = create(t, secure(port, { url, from: 'proxy' }));
    const abort = new AbortController();
    const connecting = assert.rejects(client.connect(abort.signal));
    while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
    abort.abort(new Error('enough'));
    await connecting;
  });
});

describe('a backend without TLS behind a proxy', () => {
  test('is named whole in each request, which the proxy passes on with the credential', async (t) => {
    const backend = await startPlainBackend('2026-07-28', { records: true });
    t.after(() => backend.close());
    const { url, asked } = await proxy(t, { ports: { 'backend.example': Number(backend.url.port) } });
    const target = {
      name: 'b',
      transport: 'streamable-http',
      url: new URL('http://backend.example/mcp?a=b'),
    } as const;
    const client = create(t, { ...target, proxy: { url, from: 'HTTP_PROXY' } });
    await client.connect(soon);
    await client.request(toolRequest('echo'));
    for (const { method, target: asking, headers } of asked) {
      assert.equal(`${method} ${asking}`, 'POST http://backend.example/mcp?a=b');
      assert.equal(headers.host, 'backend.example');
    }
    assert.ok(backend.arrived.length > 1);
    for (const { headers } of backend.arrived) assert.equal(headers.authorization, 's3cret-token');
  });

  test('says that the proxy wants to know who asks, and gives it the name and password of its URL', async (t) => {
    const backend = await startPlainBackend('2026-07-28');
    t.after(() => backend.close());
    const authorization = `Basic ${Buffer.from('me:pass').toString('base64')}`;
    const { url } = await proxy(t, { authorization, ports: { 'backend.example': Number(backend.url.port) } });
    const target = {
      name: 'b',
      transport: 'streamable-http',
      url: new URL('http://backend.example/mcp'),
    } as const;
    await assert.rejects(
      create(t, { ...target, proxy: { url, from: 'HTTP_PROXY' } }).connect(soon),
      /the proxy on the way to it asks for credentials \(HTTP 407\)/,
    );
    const known = new URL(`http://me:pass@${url.host}`);
    await create(t, { ...target, proxy: { url: known, from: 'HTTP_PROXY' } }).connect(soon);
  });

  test('is not reached without its proxy', async (t) => {
    const url = new URL(`http://127.0.0.1:${await freePort()}`);
    const target = { name: 'b', transport: 'sse', url: new URL('http://backend.example/sse') } as const;
    await assert.rejects(create(t, { ...target, proxy: { url, from: 'http_proxy' } }).connect(soon), {
      code: 'unreachable',
      mayHaveRun: false,
      message:
        /^backend "b" cannot be reached: the proxy .* \(http_proxy\) cannot be reached: connect ECONNREFUSED/,
    });
  });
});
