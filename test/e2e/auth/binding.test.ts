/** What belongs to a principal: sessions, streams, waiting calls, cached results; and what ends with a credential. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { anonymous } from '../../../src/gateway/index.ts';
import { apiKeyDigest, createApiKey } from '../../../src/lib/api-key.ts';
import { bearer, startAuthApp, type AuthApp } from '../../support/auth-app.ts';
import { startControlledBackend, type ControlledBackend } from '../../support/controlled-backend.ts';
import { startEdge } from '../../support/edge.ts';
import { audience, startFakeProvider, type FakeProvider } from '../../support/fake-provider.ts';
import {
  all,
  call,
  init,
  modern,
  modernRequest,
  openSession,
  post,
  streamed,
} from '../../support/raw-mcp.ts';

let backend: ControlledBackend;
let provider: FakeProvider;
before(async () => {
  [backend, provider] = await Promise.all([startControlledBackend(), startFakeProvider()]);
});
after(() => Promise.all([backend?.close(), provider?.close()]));

const keyOfAlice = createApiKey();

function serve(t: Parameters<typeof startAuthApp>[0], blocks: object = {}): Promise<AuthApp> {
  const incomingAuth = {
    types: ['oidc', 'apiKeys'],
    oidc: { issuer: provider.issuer, audience, jwksAllowPrivateIp: true },
    apiKeys: [{ name: 'alice', sha256: apiKeyDigest(keyOfAlice).toString('hex') }],
  };
  return startAuthApp(t, incomingAuth, { backendUrl: backend.url, blocks });
}

const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

describe('a session', () => {
  test("is not found with another's token, and its owner keeps it", async (t) => {
    const { url, app } = await serve(t);
    const [alice, bob] = await Promise.all([provider.token(), provider.token({ claims: { sub: 'bob' } })]);
    const session = await openSession(url, { headers: bearer(alice) });
    // The subject alone is not the principal: an API key that is named alice is not the provider's alice.
    for (const other of [bob, keyOfAlice]) {
      const stolen = { ...session, ...bearer(other) };
      assert.equal((await post(url, list, stolen)).status, 404);
      assert.equal(
        (await post(url, { jsonrpc: '2.0', method: 'notifications/initialized' }, stolen)).status,
        404,
      );
      const resumed = { ...stolen, accept: 'text/event-stream', 'last-event-id': '1.1' };
      assert.equal((await fetch(url, { headers: resumed })).status, 404);
      assert.equal((await fetch(url, { method: 'DELETE', headers: stolen })).status, 404);
    }
    assert.equal((await post(url, list, session)).status, 200);
    assert.equal(
      (
        (await (await fetch(`${app.url}/status`, { headers: bearer(alice) })).json()) as {
          load: { sessions: number };
        }
      ).load.sessions,
      1,
    );
  });

  test('goes on with a newer token of its owner', async (t) => {
    const { url } = await serve(t);
    const session = await openSession(url, { headers: bearer(await provider.token({ lifetimeS: 60 })) });
    const newer = await provider.token({ lifetimeS: 900, claims: { jti: 'newer' } });
    assert.equal((await post(url, list, { ...session, ...bearer(newer) })).status, 200);
  });
});

describe('when a token ends', () => {
  /** With the 30 seconds that clocks may differ by, it ends in two to three seconds. */
  const ending = (): Promise<string> => provider.token({ lifetimeS: -27 });

  test('streams close, a running call finishes, and the next request gets 401', async (t) => {
    const { url } = await serve(t);
    const headers = bearer(await ending());
    const session = await openSession(url, { headers });
    const running = post(url, call('one_hold', 1, { arguments: { key: 'ending' } }), session);
    const held = await backend.held('ending');
    const get = await fetch(url, { headers: { ...session, accept: 'text/event-stream' } });
    assert.equal(get.status, 200);
    const request = modernRequest('subscriptions/listen', { notifications: { toolsListChanged: true } });
    const listen = await fetch(url, init(request.body, { ...request.headers, ...headers }));
    assert.equal(listen.status, 200);
    await Promise.all([get.text(), all(streamed(listen))]);
    assert.equal((await post(url, list, session)).status, 401);
    held.release();
    const answer = await running;
    assert.match(JSON.stringify(answer.messages.at(-1)?.result), /held ending/u);
  });

  test("a script's later calls are refused", async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const { url } = await serve(t, { codeMode: { enabled: true } });
    const script = 'one_hold(key="script")\nreturn [one_ok(a=1)]';
    const params = { name: 'execute_tool_script', arguments: { script } };
    const token = await provider.token({ lifetimeS: 60 });
    const running = modern(url, 'tools/call', params, { headers: bearer(token) });
    const held = await backend.held('script');
    const before = backend.calls.get('ok') ?? 0;
    t.mock.timers.tick(91_000);
    held.release();
    const { messages } = await running;
    assert.match(JSON.stringify(messages.at(-1)?.result), /credential has ended/u);
    assert.equal(backend.calls.get('ok') ?? 0, before);
    assert.equal((await modern(url, 'tools/list', {}, { headers: bearer(token) })).status, 401);
  });

  test('a client on stdin gets an error for each further request', async (t) => {
    const edge = await startEdge({ wallClock: () => 2000 });
    t.after(() => edge.close());
    const [input, output] = [new PassThrough(), new PassThrough()];
    const over = edge.endpoint.serveStdio(input, output, { ...anonymous, expiresAtMs: 2000 });
    input.end(`${JSON.stringify(modernRequest('tools/list', {}).body)}\n`);
    await over;
    assert.match(String(output.read()), /credential in VMCP_TOKEN has ended/u);
    assert.equal(edge.gateway.calls.length, 0);
  });
});

test('what a backend marks for everyone is private to a caller who is known', async (t) => {
  const edge = await startEdge();
  t.after(() => edge.close());
  edge.gateway.answer = () => ({ contents: [], ttlMs: 60_000, cacheScope: 'public' });
  const scopeFor = async (headers: Record<string, string>) =>
    (await modern(edge.url, 'resources/read', { uri: 'test://a' }, { headers })).messages.at(-1)?.result?.[
      'cacheScope'
    ];
  assert.equal(await scopeFor({ 'x-subject': 'alice' }), 'private');
  assert.equal(await scopeFor({}), 'public');
});

test('every cacheable method answers known callers alone', async (t) => {
  const edge = await startEdge();
  t.after(() => edge.close());
  for (const method of [
    'server/discover',
    'tools/list',
    'resources/list',
    'prompts/list',
    'resources/templates/list',
  ]) {
    const { messages } = await modern(edge.url, method, {}, { headers: { 'x-subject': 'alice' } });
    assert.equal(messages.at(-1)?.result?.['cacheScope'], 'private', method);
  }
});
