/** Callers of an OpenID provider, in front of a backend that wants a token of its own from each. */
import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { after, before, beforeEach, describe, test, type TestContext } from 'node:test';
import { bearer, startAuthApp } from '../../support/auth-app.ts';
import { eventually } from '../../support/eventually.ts';
import { audience, sendJson, startFakeProvider, type FakeProvider } from '../../support/fake-provider.ts';
import { startProtectedBackend, type ProtectedBackend } from '../../support/protected-backend.ts';
import { modern } from '../../support/raw-mcp.ts';
import { apiKeyDigest, createApiKey } from '../../../src/lib/api-key.ts';

let provider: FakeProvider;
let backend: ProtectedBackend;
/** What the provider was asked to exchange, by subject. */
let exchanged: string[];
/** Tokens that the backend takes no more. */
let revoked: Set<string>;
/** How the provider answers; undefined for well. */
let trouble: ((response: ServerResponse) => void) | undefined;

/** The claims of a token that this test's own provider made. */
function claimsOf(token: string): { readonly sub: string; readonly aud: string } {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

async function exchange(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  if (trouble !== undefined) return trouble(response);
  const form = new URLSearchParams(text);
  const { sub, aud } = claimsOf(form.get('subject_token') ?? '');
  assert.equal(aud, audience);
  exchanged.push(sub);
  const claims = { sub, aud: form.get('audience') ?? '', jti: String(exchanged.length) };
  sendJson(response, {
    access_token: await provider.token({ claims }),
    issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    token_type: 'Bearer',
    expires_in: 600,
  });
}

before(async () => {
  provider = await startFakeProvider();
  provider.routes.set('/token', (request, response) => void exchange(request, response));
  backend = await startProtectedBackend({
    subjectOf: (token) => {
      const { sub, aud } = claimsOf(token);
      return aud === 'tracker' && !revoked.has(token) ? sub : undefined;
    },
    toolsOf: (subject) => (subject === 'alice' ? ['administer'] : []),
  });
});
beforeEach(() => {
  exchanged = [];
  revoked = new Set();
  trouble = undefined;
  backend.calls.length = 0;
  backend.tokens.length = 0;
});
after(() => Promise.all([backend?.close(), provider?.close()]));

const key = createApiKey();
const sha256 = apiKeyDigest(key).toString('hex');

async function serve(t: TestContext, blocks: object = {}) {
  const incomingAuth = {
    types: ['oidc', 'apiKeys'],
    oidc: { issuer: provider.issuer, audience, jwksAllowPrivateIp: true },
    apiKeys: [{ name: 'robot', sha256 }],
  };
  const tokenExchange = {
    tokenUrl: `${provider.issuer}/token`,
    clientId: 'vmcp',
    clientSecret: 'client-s3cret',
    audience: 'tracker',
  };
  const served = await startAuthApp(t, incomingAuth, {
    backendUrl: backend.url,
    blocks: {
      outgoingAuth: { source: 'inline', backends: { one: { type: 'token_exchange', tokenExchange } } },
      ...blocks,
    },
  });
  const list = async (token: string): Promise<string[]> => {
    const { messages } = await modern(served.url, 'tools/list', {}, { headers: bearer(token) });
    return (messages.at(-1) as unknown as { result: { tools: { name: string }[] } }).result.tools.map(
      ({ name }) => name,
    );
  };
  const call = async (token: string, name = 'one_whoami') => {
    const params = { name, arguments: {} };
    const { messages } = await modern(served.url, 'tools/call', params, { headers: bearer(token) });
    return messages.at(-1) as unknown as {
      result?: { content: { text: string }[]; isError?: boolean };
      error?: { message: string };
    };
  };
  return { ...served, list, call };
}

const tokenOf = (sub: string): Promise<string> => provider.token({ claims: { sub } });

describe('token_exchange', () => {
  test('has each caller call as itself, and see its own lists', async (t) => {
    const { list, call } = await serve(t);
    const [alice, bob] = await Promise.all([tokenOf('alice'), tokenOf('bob')]);
    assert.deepEqual(await list(alice), ['one_administer', 'one_whoami']);
    assert.deepEqual(await list(bob), ['one_whoami']);
    const said = await Promise.all([alice, bob, alice, bob].map((token) => call(token)));
    assert.deepEqual(
      said.map(({ result }) => result?.content[0]?.text),
      ['alice', 'bob', 'alice', 'bob'],
    );
    assert.match(JSON.stringify(await call(bob, 'one_administer')), /Unknown tool/u);
    assert.deepEqual(exchanged.toSorted(), ['alice', 'bob'], 'one exchange a caller');
    assert.ok(backend.tokens.every((token) => token !== alice && token !== bob));
  });

  test('finds the way of a first call that no list went before', async (t) => {
    const { call } = await serve(t);
    assert.equal((await call(await tokenOf('alice'), 'one_administer')).result?.content[0]?.text, 'alice');
  });

  test('is healthy while its probes, which have no caller, are refused', async (t) => {
    const { get } = await serve(t);
    const response = await get('/status', bearer(await tokenOf('alice')));
    const { backends } = (await response.json()) as { backends: { health: string }[] };
    assert.equal(backends[0]?.health, 'healthy');
    assert.equal((await get('/readyz')).status, 200);
    assert.deepEqual(new Set(backend.tokens), new Set([undefined]));
  });

  test('never sends an API key, and says what is missing', async (t) => {
    const { call, list } = await serve(t);
    assert.deepEqual(await list(key), []);
    await call(await tokenOf('alice'));
    const { error } = await call(key);
    assert.match(error?.message ?? '', /Unknown tool/u);
    assert.ok(!backend.tokens.includes(key));
    assert.deepEqual(exchanged, ['alice']);
  });

  test('has another token where the backend takes one no more, and gives up the second time', async (t) => {
    const { call } = await serve(t);
    const alice = await tokenOf('alice');
    await call(alice);
    revoked.add(backend.tokens.findLast((token) => token !== undefined) ?? '');
    assert.equal((await call(alice)).result?.content[0]?.text, 'alice');
    assert.equal(exchanged.length, 2);
    revoked = { has: () => true } as unknown as Set<string>;
    const { result } = await call(alice);
    assert.equal(result?.isError, true);
    assert.match(result?.content[0]?.text ?? '', /HTTP 401/u);
    assert.equal(exchanged.length, 3);
  });

  test('tells a refusal of the provider as what it is; it is no failure of the backend', async (t) => {
    const circuitBreaker = { enabled: true, failureThreshold: 1, timeout: '1h' };
    const { call, get, logged } = await serve(t, {
      operational: { failureHandling: { circuitBreaker }, logLevel: 'debug' },
    });
    const alice = await tokenOf('alice');
    await call(alice);
    const later = await provider.token({ claims: { sub: 'alice', jti: 'another' } });
    trouble = (response) =>
      response
        .writeHead(400, { 'content-type': 'application/json' })
        .end(JSON.stringify({ error: 'invalid_grant', error_description: 'not for the tracker' }));
    for (let i = 0; i < 3; i++) {
      const { result } = await call(later);
      assert.match(
        result?.content[0]?.text ?? '',
        /has no credential: the provider at http.* refused to give a token \(invalid_grant, HTTP 400\): not for the tracker/u,
      );
    }
    const { backends } = (await (await get('/status', bearer(alice))).json()) as {
      backends: { health: string; circuit: string }[];
    };
    assert.deepEqual([backends[0]?.health, backends[0]?.circuit], ['healthy', 'closed']);
    trouble = undefined;
    assert.equal((await call(later)).result?.content[0]?.text, 'alice');
    const said = logged.join('\n');
    for (const secret of [alice, later, 'client-s3cret', ...backend.tokens])
      assert.ok(secret === undefined || !said.includes(secret));
  });

  test('says that a provider is away, and serves once it is back', async (t) => {
    const { call, list } = await serve(t);
    trouble = (response) => response.destroy();
    const alice = await tokenOf('alice');
    assert.deepEqual(await list(alice), []);
    trouble = undefined;
    await eventually(async () => assert.equal((await call(alice)).result?.content[0]?.text, 'alice'));
  });
});
