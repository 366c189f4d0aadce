/** API keys and the local user, as clients meet them. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { apiKeyDigest, createApiKey } from '../../../src/lib/api-key.ts';
import { bearer, startAuthApp } from '../../support/auth-app.ts';
import { startControlledBackend, type ControlledBackend } from '../../support/controlled-backend.ts';
import { modern, openSession, post } from '../../support/raw-mcp.ts';

let backend: ControlledBackend;
before(async () => {
  backend = await startControlledBackend();
});
after(() => backend?.close());

const alice = createApiKey();
const bob = createApiKey();
const apiKeys = [
  { name: 'alice', sha256: apiKeyDigest(alice).toString('hex'), groups: ['ops'] },
  { name: 'bob', env: 'KEY_OF_BOB' },
];
const environment = { KEY_OF_BOB: bob };
const incomingAuth = { type: 'apiKeys', apiKeys };

const serve = (t: Parameters<typeof startAuthApp>[0], block: object | undefined = incomingAuth, more = {}) =>
  startAuthApp(t, block, { backendUrl: backend.url, environment, ...more });

describe('a server that takes API keys', () => {
  test('serves their holders, in both kinds of revisions, and lets "Bearer" be in any case', async (t) => {
    const { url } = await serve(t);
    for (const headers of [bearer(alice), { authorization: `bEARER  ${bob}` }]) {
      assert.equal((await modern(url, 'tools/list', {}, { headers })).status, 200);
      const session = await openSession(url, { headers });
      assert.equal((await post(url, { jsonrpc: '2.0', id: 1, method: 'tools/list' }, session)).status, 200);
    }
  });

  test('refuses all others with a challenge and words', async (t) => {
    const { url, logged } = await serve(t, incomingAuth, { blocks: { operational: { logLevel: 'debug' } } });
    const cases: [authorization: string | undefined, error: string, inChallenge: RegExp][] = [
      [undefined, 'invalid_request', /^Bearer realm="vmcp"$/u],
      [
        `Bearer ${createApiKey()}`,
        'invalid_token',
        /error="invalid_token", error_description="this API key/u,
      ],
      [`Bearer ${alice}x`, 'invalid_token', /error="invalid_token"/u],
      [`Basic ${alice}`, 'invalid_request', /error="invalid_request"/u],
      [alice, 'invalid_request', /error="invalid_request"/u],
      ['Bearer', 'invalid_request', /error="invalid_request"/u],
    ];
    for (const [authorization, error, inChallenge] of cases) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { ...(authorization && { authorization }) },
      });
      assert.equal(response.status, 401, authorization);
      assert.match(response.headers.get('www-authenticate') ?? '', inChallenge);
      assert.equal(((await response.json()) as { error: string }).error, error);
    }
    assert.ok(logged.some((line) => line.includes('incomingAuth refused a request: this API key')));
    assert.ok(logged.every((line) => !line.includes(alice)));
  });

  test('refuses a header Authorization that was sent twice, whichever of them is right', async (t) => {
    const { url } = await serve(t);
    for (const [first, second] of [
      [alice, 'x'],
      ['x', alice],
      [alice, alice],
    ]) {
      const sent = request(url, {
        method: 'POST',
        headers: [
          'Host',
          url.host,
          'Authorization',
          `Bearer ${first}`,
          'authorization',
          `Bearer ${second}`,
        ] as never,
      });
      const status = await new Promise((resolve) =>
        sent.once('response', ({ statusCode }) => resolve(statusCode)).end(),
      );
      assert.equal(status, 400);
    }
  });

  test('refuses a token in the URL, a right one in the header beside it included', async (t) => {
    const { url } = await serve(t);
    const asked = new URL(`${url.href}?access_token=${alice}`);
    assert.equal((await post(asked, {})).status, 400);
    assert.equal((await post(asked, {}, bearer(alice))).status, 400);
  });

  test('tells unknown callers of /status and /readyz how many backends there are, and not their names', async (t) => {
    const { get } = await serve(t);
    const unknown = (await (await get('/status')).json()) as Record<string, unknown>;
    assert.deepEqual(Object.keys(unknown['backends'] as object), ['total', 'serving']);
    assert.equal(JSON.stringify(unknown).includes('"one"'), false);
    assert.equal((await (await get('/readyz')).text()).includes('"one"'), false);
    assert.equal((await get('/status', bearer(createApiKey()))).status, 401);
    const known = (await (await get('/status', bearer(alice))).json()) as { backends: { name: string }[] };
    assert.equal(known.backends[0]?.name, 'one');
  });

  test('tells everyone, where the file says so', async (t) => {
    const { get } = await serve(t, { ...incomingAuth, statusRequiresAuth: false });
    assert.match(await (await get('/status')).text(), /"name":"one"/u);
  });

  test('answers paths below /.well-known/ with 404 in JSON, also to pages', async (t) => {
    const { get } = await serve(t);
    for (const path of [
      'oauth-protected-resource',
      'oauth-protected-resource/mcp',
      'oauth-authorization-server',
      'x/y',
    ]) {
      const response = await get(`/.well-known/${path}`);
      assert.equal(response.status, 404);
      assert.equal(((await response.json()) as { error: string }).error, 'not_found');
      assert.equal(response.headers.get('access-control-allow-origin'), '*');
    }
  });

  test('has the key of a caller who was taken out of the file refused after the reload', async (t) => {
    const { url, reload } = await serve(t);
    await reload({ ...incomingAuth, apiKeys: apiKeys.slice(1) });
    assert.equal((await modern(url, 'tools/list', {}, { headers: bearer(alice) })).status, 401);
    assert.equal((await modern(url, 'tools/list', {}, { headers: bearer(bob) })).status, 200);
  });

  test('keeps the configuration in force where the next one has a short key', async (t) => {
    const { url, reload } = await serve(t);
    const changed = { type: 'apiKeys', apiKeys: [{ name: 'carol', env: 'SHORT' }] };
    await assert.rejects(reload(changed), /"carol": the environment variable SHORT is not set/u);
    assert.equal((await modern(url, 'tools/list', {}, { headers: bearer(alice) })).status, 200);
  });

  test('does not start with a short key, and says what it wants', async (t) => {
    await assert.rejects(
      serve(t, incomingAuth, { environment: { KEY_OF_BOB: 'vmcp_short' } }),
      /"bob": the environment variable KEY_OF_BOB holds no API key: expected "vmcp_"/u,
    );
  });
});

describe('a server for its own user', () => {
  test('serves programs on this machine, and nothing that came through a proxy', async (t) => {
    const { url } = await serve(t, { type: 'local' });
    assert.equal((await modern(url, 'tools/list')).status, 200);
    for (const name of ['Forwarded', 'X-Forwarded-For', 'x-forwarded-anything']) {
      const answer = await modern(url, 'tools/list', {}, { headers: { [name]: 'for=10.0.0.1' } });
      assert.equal(answer.status, 403, name);
    }
  });

  test('does not listen elsewhere', async (t) => {
    await assert.rejects(serve(t, { type: 'local' }, { host: '0.0.0.0' }), /cannot listen on 0\.0\.0\.0/u);
  });
});

test('a server without the block listens on loopback alone', async (t) => {
  await assert.rejects(
    startAuthApp(t, undefined, { backendUrl: backend.url, host: '0.0.0.0' }),
    /add "incomingAuth"/u,
  );
  const { url } = await startAuthApp(t, undefined, { backendUrl: backend.url });
  assert.equal((await modern(url, 'tools/list')).status, 200);
});
