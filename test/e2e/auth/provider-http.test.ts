/** How a provider is asked: what it answers may be huge, slow, elsewhere or nothing at all. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { createProviderHttp } from '../../../src/features/auth/incoming/oidc/provider-http.ts';
import { bearer, startAuthApp } from '../../support/auth-app.ts';
import { startControlledBackend, type ControlledBackend } from '../../support/controlled-backend.ts';
import { audience, sendJson, startFakeProvider, type FakeProvider } from '../../support/fake-provider.ts';
import { modern } from '../../support/raw-mcp.ts';
import { apiKeyDigest, createApiKey } from '../../../src/lib/api-key.ts';

let provider: FakeProvider;
let backend: ControlledBackend;
before(async () => {
  [backend, provider] = await Promise.all([startControlledBackend(), startFakeProvider()]);
});
after(() => Promise.all([backend?.close(), provider?.close()]));

const open = { allowPrivateAddresses: true, allowHttp: false };

describe('an answer of the provider', () => {
  test('is JSON', async (t) => {
    const http = createProviderHttp(open);
    t.after(() => http.close());
    provider.routes.set('/good', (_request, response) => sendJson(response, { a: 1 }));
    assert.deepEqual(await http.fetchJson(`${provider.issuer}/good`), { a: 1 });
    provider.routes.set('/bad', (_request, response) => void response.end('secret words'));
    await assert.rejects(http.fetchJson(`${provider.issuer}/bad`), (error: Error) => {
      assert.match(error.message, /expected JSON from .*\/bad/u);
      return !error.message.includes('secret words');
    });
  });

  test('is not followed elsewhere', async (t) => {
    const http = createProviderHttp(open);
    t.after(() => http.close());
    provider.routes.set(
      '/moved',
      (_request, response) => void response.writeHead(302, { location: '/good' }).end(),
    );
    await assert.rejects(http.fetchJson(`${provider.issuer}/moved`), /expected status 200 .* found 302/u);
  });

  test('of 10 MB is cut off early', async (t) => {
    const http = createProviderHttp(open);
    t.after(() => http.close());
    let sentBytes = 0;
    let cut: Promise<unknown> | undefined;
    provider.routes.set('/huge', (_request, response) => {
      cut = once(response, 'close');
      const chunk = Buffer.alloc(64 * 1024, 'x');
      const send = (): void => {
        while (sentBytes < 10_000_000 && !response.destroyed) {
          sentBytes += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', send);
        }
        response.end();
      };
      response.writeHead(200);
      send();
    });
    await assert.rejects(http.fetchJson(`${provider.issuer}/huge`), /at most 1000000 bytes/u);
    await cut;
    assert.ok(sentBytes < 10_000_000, `${sentBytes} bytes were taken`);
  });

  test('that never ends is given up', async (t) => {
    const http = createProviderHttp({ ...open, limits: { timeoutMs: 50 } });
    t.after(() => http.close());
    provider.routes.set('/silent', () => undefined);
    provider.routes.set('/endless', (_request, response) => void response.write('{'));
    for (const path of ['/silent', '/endless']) {
      await assert.rejects(http.fetchJson(provider.issuer + path), /did not answer within 50 ms/u);
    }
  });
});

describe('a provider', () => {
  test('at a private address is not asked unless the file says so', async (t) => {
    const http = createProviderHttp({ allowPrivateAddresses: false, allowHttp: true });
    t.after(() => http.close());
    const { port } = new URL(provider.issuer);
    for (const host of [
      '127.0.0.1',
      'localhost',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '169.254.169.254',
      '2130706433',
    ]) {
      await assert.rejects(
        http.fetchJson(`http://${host}:${port}/good`),
        /"jwksAllowPrivateIp: true" would/u,
      );
    }
  });

  test('elsewhere is not asked without TLS unless the file says so', async (t) => {
    const http = createProviderHttp(open);
    t.after(() => http.close());
    await assert.rejects(http.fetchJson('http://id.example/'), /expected https, .*insecureAllowHttp/u);
  });

  test('is trusted by the certificates of the file', async (t) => {
    const tls = new URL('../../fixtures/tls/', import.meta.url);
    const cert = readFileSync(new URL('cert.pem', tls), 'utf8');
    const server = createHttps({ cert, key: readFileSync(new URL('key.pem', tls)) }, (_request, response) => {
      sendJson(response, { a: 1 });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `https://localhost:${(server.address() as AddressInfo).port}/`;
    const [trusting, strict] = [createProviderHttp({ ...open, ca: [cert] }), createProviderHttp(open)];
    t.after(() => {
      trusting.close();
      strict.close();
      server.closeAllConnections();
      server.close();
    });
    assert.deepEqual(await trusting.fetchJson(url), { a: 1 });
    await assert.rejects(strict.fetchJson(url), /self.signed/u);
  });
});

describe('a server whose provider misbehaves', () => {
  const key = createApiKey();
  const serve = (t: Parameters<typeof startAuthApp>[0], issuer: string) =>
    startAuthApp(
      t,
      {
        types: ['oidc', 'apiKeys'],
        oidc: { issuer, audience, jwksAllowPrivateIp: true },
        apiKeys: [{ name: 'a', sha256: apiKeyDigest(key).toString('hex') }],
      },
      { backendUrl: backend.url },
    );

  test('answers 503 where its keys are 10 MB', async (t) => {
    const own = await startFakeProvider();
    t.after(() => own.close());
    const padding = 'x'.repeat(10_000_000);
    own.routes.set('/jwks', (_request, response) =>
      sendJson(response, { keys: [own.keys[0]?.publicJwk], padding }),
    );
    const { url } = await serve(t, own.issuer);
    const answer = await modern(url, 'tools/list', {}, { headers: bearer(await own.token()) });
    assert.equal(answer.status, 503);
  });

  test('serves holders of API keys while it waits for keys', async (t) => {
    const own = await startFakeProvider();
    t.after(() => own.close());
    const { promise: reached, resolve } = Promise.withResolvers<void>();
    own.routes.set('/jwks', () => resolve());
    const { url, get } = await serve(t, own.issuer);
    await reached;
    const stop = new AbortController();
    const waiting = modern(
      url,
      'tools/list',
      {},
      { headers: bearer(await own.token()), signal: stop.signal },
    );
    assert.equal((await modern(url, 'tools/list', {}, { headers: bearer(key) })).status, 200);
    assert.equal((await get('/health')).status, 200);
    stop.abort();
    await assert.rejects(waiting);
  });

  test('refuses a token with 64 KB of claims in a header, and takes such claims from introspection', async (t) => {
    const own = await startFakeProvider();
    t.after(() => own.close());
    const groups = Array.from({ length: 4096 }, (_, index) => `group-${index}-xxxxxx`);
    const { url } = await serve(t, own.issuer);
    const huge = await own.token({ claims: { groups } });
    assert.ok(huge.length > 64 * 1024);
    const refused = await fetch(url, { method: 'POST', headers: bearer(huge) }).catch(
      (error: unknown) => error,
    );
    assert.ok(refused instanceof Error || (refused as Response).status === 431);
    own.routes.set('/introspect', (_request, response) => {
      sendJson(response, { active: true, sub: 'a', aud: audience, groups });
    });
    const oidc = {
      issuer: own.issuer,
      audience,
      jwksAllowPrivateIp: true,
      introspectionUrl: `${own.issuer}/introspect`,
    };
    const asking = await startAuthApp(t, { type: 'oidc', oidc }, { backendUrl: backend.url });
    assert.equal((await modern(asking.url, 'tools/list', {}, { headers: bearer('opaque') })).status, 200);
  });
});
