/** OIDC tokens as clients meet them: a provider, tokens right and wrong, and what happens while the provider is away. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { bearer, startAuthApp, type AuthAppOptions } from '../../support/auth-app.ts';
import { startControlledBackend, type ControlledBackend } from '../../support/controlled-backend.ts';
import {
  audience,
  createSigningKey,
  sendJson,
  startFakeProvider,
  type FakeProvider,
} from '../../support/fake-provider.ts';
import { modern } from '../../support/raw-mcp.ts';
import { apiKeyDigest, createApiKey } from '../../../src/lib/api-key.ts';

let backend: ControlledBackend;
let provider: FakeProvider;
before(async () => {
  [backend, provider] = await Promise.all([startControlledBackend(), startFakeProvider()]);
});
after(() => Promise.all([backend?.close(), provider?.close()]));

type Test = Parameters<typeof startAuthApp>[0];

const oidcOf = (issuer: string): object => ({ issuer, audience, jwksAllowPrivateIp: true });

const serve = (t: Test, oidc: object = {}, more: Partial<AuthAppOptions> & { block?: object } = {}) => {
  const { block = {}, ...options } = more;
  const incomingAuth = { type: 'oidc', oidc: { ...oidcOf(provider.issuer), ...oidc }, ...block };
  return startAuthApp(t, incomingAuth, { backendUrl: backend.url, ...options });
};

const list = (url: URL, token: string) => modern(url, 'tools/list', {}, { headers: bearer(token) });

describe('a server that takes tokens of a provider', () => {
  test('serves callers with a right token', async (t) => {
    const { url } = await serve(t);
    assert.equal((await list(url, await provider.token())).status, 200);
    assert.equal(
      (await list(url, await provider.token({ claims: { aud: ['other', audience] } }))).status,
      200,
    );
  });

  test('refuses tokens that are wrong, with the reason', async (t) => {
    const { url } = await serve(t);
    const nowS = Math.floor(Date.now() / 1000);
    const cases: [options: Parameters<FakeProvider['token']>[0], reason: RegExp][] = [
      [{ claims: { aud: 'other' } }, /another audience/u],
      [{ claims: { iss: 'https://other.example' } }, /another issuer/u],
      [{ lifetimeS: -31 }, /has expired/u],
      [{ claims: { nbf: nowS + 60 } }, /not valid yet/u],
      [{ claims: { sub: undefined as never } }, /lacks the claim sub/u],
      [{ claims: { exp: undefined as never } }, /lacks the claim exp/u],
      [{ claims: { cnf: { jkt: 'x' } } }, /bound to a key/u],
      [{ header: { kid: undefined } }, /does not name its key/u],
    ];
    for (const [options, reason] of cases) {
      const response = await fetch(url, { method: 'POST', headers: bearer(await provider.token(options)) });
      assert.equal(response.status, 401);
      const challenge = response.headers.get('www-authenticate') ?? '';
      assert.match(challenge, /error="invalid_token"/u);
      assert.match(challenge, reason);
      assert.match(((await response.json()) as { error_description: string }).error_description, reason);
    }
  });

  test('lets clocks differ by 30 seconds', async (t) => {
    const { url } = await serve(t);
    const nowS = Math.floor(Date.now() / 1000);
    assert.equal((await list(url, await provider.token({ lifetimeS: -20 }))).status, 200);
    assert.equal((await list(url, await provider.token({ claims: { nbf: nowS + 20 } }))).status, 200);
  });

  test('leads clients from 401 to its metadata, and from there to the provider', async (t) => {
    const { url, app } = await serve(t, { scopes: ['mcp:read', 'mcp:call'] });
    const response = await fetch(url, { method: 'POST', headers: { origin: app.url } });
    assert.equal(response.status, 401);
    assert.match(response.headers.get('access-control-expose-headers') ?? '', /www-authenticate/u);
    const challenge = response.headers.get('www-authenticate') ?? '';
    const metadataUrl = /resource_metadata="([^"]+)"/u.exec(challenge)?.[1] ?? '';
    assert.match(challenge, /^Bearer realm="http:.*", resource_metadata=".*", scope="mcp:read mcp:call"$/u);
    assert.equal(metadataUrl, `${app.url}/.well-known/oauth-protected-resource/mcp`);
    for (const at of [metadataUrl, `${app.url}/.well-known/oauth-protected-resource`]) {
      const metadata = await fetch(at);
      assert.equal(metadata.headers.get('access-control-allow-origin'), '*');
      assert.deepEqual(await metadata.json(), {
        resource: url.href,
        authorization_servers: [provider.issuer],
        bearer_methods_supported: ['header'],
        scopes_supported: ['mcp:read', 'mcp:call'],
      });
    }
    const preflight = await fetch(metadataUrl, {
      method: 'OPTIONS',
      headers: {
        origin: app.url,
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'mcp-protocol-version',
      },
    });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get('access-control-allow-headers'), 'mcp-protocol-version');
  });

  test('names itself by publicUrl, never by the Host header of others', async (t) => {
    const publicUrl = 'https://mcp.example.com/gateway/';
    const { get, url } = await serve(t, {}, { blocks: { publicUrl } });
    const { resource } = (await (await get('/.well-known/oauth-protected-resource')).json()) as {
      resource: string;
    };
    assert.equal(resource, 'https://mcp.example.com/gateway/mcp');
    const response = await fetch(url, { method: 'POST' });
    assert.match(
      response.headers.get('www-authenticate') ?? '',
      /resource_metadata="https:\/\/mcp\.example\.com\/gateway\/\.well-known\/oauth-protected-resource\/mcp"/u,
    );
    const open = await serve(t, {}, { host: '0.0.0.0' });
    const port = new URL(open.app.url).port;
    const asked = await fetch(`http://127.0.0.1:${port}/.well-known/oauth-protected-resource`);
    assert.equal(asked.status, 404);
    const refused = await fetch(`http://127.0.0.1:${port}/mcp`, { method: 'POST' });
    assert.doesNotMatch(refused.headers.get('www-authenticate') ?? '', /resource_metadata/u);
  });

  test('asks for scopes where the file says so, which is not a counted call', async (t) => {
    const { url, metrics } = await serve(t, { scopes: ['a', 'b'] }, { block: { requireScopes: true } });
    for (const claims of [{ scope: 'a b c' }, { scp: ['b', 'a'] }]) {
      assert.equal((await list(url, await provider.token({ claims }))).status, 200);
    }
    const headers = bearer(await provider.token({ claims: { scope: 'b' } }));
    const refused = await modern(url, 'tools/call', { name: 'one_ok', arguments: {} }, { headers });
    assert.equal(refused.status, 403);
    assert.match(
      refused.headers.get('www-authenticate') ?? '',
      /scope="a b", error="insufficient_scope", error_description="the token lacks the scope a"/u,
    );
    const calls = (await metrics()).filter(({ name }) => name === 'toolhive_vmcp_tool_calls_total');
    assert.ok(calls.length > 0);
    assert.ok(calls.every(({ value }) => value === 0));
  });

  test('takes API keys beside tokens, each checked by its own type alone', async (t) => {
    const key = createApiKey();
    const apiKeys = [{ name: 'alice', sha256: apiKeyDigest(key).toString('hex') }];
    const block = { type: undefined, types: ['oidc', 'apiKeys'], apiKeys };
    const { url } = await serve(t, {}, { block });
    assert.equal((await list(url, key)).status, 200);
    assert.equal((await list(url, await provider.token())).status, 200);
    assert.match((await list(url, createApiKey())).headers.get('www-authenticate') ?? '', /API key/u);
  });
});

describe('opaque tokens', () => {
  const introspected = (answer: object) => {
    provider.routes.set('/introspect', (request, response) => {
      authorizations.push(request.headers.authorization);
      sendJson(response, answer);
    });
  };
  const authorizations: (string | undefined)[] = [];
  const active = { active: true, sub: 'carol', aud: audience, exp: Math.floor(Date.now() / 1000) + 600 };
  const environment = { SECRET: 'a:b' };
  const oidc = (): object => ({
    introspectionUrl: `${provider.issuer}/introspect`,
    clientId: 'v m',
    clientSecretEnv: 'SECRET',
  });

  test('are asked about once, by a client that proves itself, and remembered', async (t) => {
    introspected(active);
    const { url } = await serve(t, oidc(), { environment });
    const before = provider.asked.get('/introspect') ?? 0;
    const answers = await Promise.all([list(url, 'opaque-1'), list(url, 'opaque-1')]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200],
    );
    assert.equal((await list(url, 'opaque-1')).status, 200);
    assert.equal((provider.asked.get('/introspect') ?? 0) - before, 1);
    assert.equal(authorizations.at(-1), `Basic ${btoa('v+m:a%3Ab')}`);
  });

  test('are refused where the provider does not vouch for them, for this audience', async (t) => {
    const { url } = await serve(t, oidc(), { environment });
    const cases: [answer: object, reason: RegExp][] = [
      [{ active: false }, /not active/u],
      [{ ...active, aud: 'other' }, /another audience/u],
      [{ ...active, aud: undefined }, /another audience/u],
      [{ ...active, iss: 'https://other.example' }, /another issuer/u],
      [{ ...active, exp: 1 }, /expired/u],
      [{ ...active, sub: undefined }, /no subject/u],
      [{ ...active, cnf: {} }, /bound to a key/u],
    ];
    for (const [index, [answer, reason]] of cases.entries()) {
      introspected(answer);
      const refused = await list(url, `bad-${index}`);
      assert.equal(refused.status, 401);
      assert.match(refused.headers.get('www-authenticate') ?? '', reason);
    }
  });

  test('need the secret that the file names, where the file says whom to ask', async (t) => {
    await assert.rejects(serve(t, oidc()), /the environment variable SECRET is not set/u);
    const { logged } = await serve(t, { clientId: 'v', clientSecretEnv: 'SECRET' });
    assert.ok(
      logged.some((line) => line.includes('SECRET is not set; tokens that are not JWTs are refused')),
    );
    const toolHives = { environment: { TOOLHIVE_OIDC_CLIENT_SECRET: 'x' } };
    assert.equal((await (await serve(t, oidc(), toolHives)).get('/health')).status, 200);
  });

  test('get 503 while the provider cannot be asked', async (t) => {
    provider.routes.set('/introspect', (_request, response) => void response.writeHead(500).end());
    const { url } = await serve(t, oidc(), { environment });
    const answer = await list(url, 'opaque-2');
    assert.equal(answer.status, 503);
    assert.ok(Number(answer.headers.get('retry-after')) > 0);
  });

  test('are refused where the provider tells no way to ask', async (t) => {
    const { url } = await serve(t);
    assert.match((await list(url, 'opaque-3')).headers.get('www-authenticate') ?? '', /expected a JWT/u);
  });
});

describe('a provider that is away', () => {
  test('does not keep the server from starting; its tokens get 503, API keys pass', async (t) => {
    const away = await startFakeProvider();
    const token = await away.token();
    await away.close();
    const key = createApiKey();
    const apiKeys = [{ name: 'a', sha256: apiKeyDigest(key).toString('hex') }];
    const block = { type: undefined, types: ['oidc', 'apiKeys'], apiKeys };
    const { url, logged } = await serve(t, { issuer: away.issuer }, { block });
    const answer = await list(url, token);
    assert.equal(answer.status, 503);
    assert.ok(Number(answer.headers.get('retry-after')) > 0);
    assert.equal((await list(url, key)).status, 200);
    assert.ok(logged.some((line) => /keys of .* cannot be fetched/u.test(line)));
  });

  test('does not keep callers out whose keys are known, over a reload as well', async (t) => {
    const own = await startFakeProvider();
    const { url, reload } = await serve(t, { issuer: own.issuer });
    const [token, other] = await Promise.all([own.token(), own.token({ claims: { sub: 'bob' } })]);
    assert.equal((await list(url, token)).status, 200);
    await own.close();
    await reload({ type: 'oidc', oidc: oidcOf(own.issuer), requireScopes: false }, { name: 'renamed' });
    assert.equal((await list(url, token)).status, 200);
    assert.equal((await list(url, other)).status, 200);
  });

  test('is known by another name than the file says: the log says how to write it', async (t) => {
    const own = await startFakeProvider();
    t.after(() => own.close());
    own.routes.set('/.well-known/openid-configuration', (_request, response) => {
      sendJson(response, { issuer: `${own.issuer}/`, jwks_uri: `${own.issuer}/jwks` });
    });
    const { url, logged } = await serve(t, { issuer: own.issuer });
    assert.equal((await list(url, await own.token())).status, 503);
    assert.ok(logged.some((line) => line.includes('write \\"issuer\\" as it does')));
  });
});

test('a new key of the provider is fetched for the first token that it signed', async (t) => {
  const own = await startFakeProvider();
  t.after(() => own.close());
  const { url } = await serve(t, { issuer: own.issuer });
  assert.equal((await list(url, await own.token())).status, 200);
  own.keys = [await createSigningKey('second')];
  // Within 30 seconds of the last fetch there is no other: a flood of unknown keys costs the provider nothing.
  assert.match((await list(url, await own.token())).headers.get('www-authenticate') ?? '', /does not have/u);
  assert.equal(own.asked.get('/jwks'), 1);
});
