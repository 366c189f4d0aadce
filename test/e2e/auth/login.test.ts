/** A backend that wants OAuth, and the person who logs in for it at a real authorization server. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { runCli } from '../../../src/cli/run.ts';
import { startAuthApp } from '../../support/auth-app.ts';
import { eventually } from '../../support/eventually.ts';
import { startProtectedBackend } from '../../support/protected-backend.ts';
import { modern } from '../../support/raw-mcp.ts';
import { logInAndConsent, startRealProvider } from '../../support/real-provider.ts';
import { createTerminal } from '../../support/terminal.ts';

interface Scene {
  readonly metadata?: (url: string) => object;
  readonly accessTokenTTL?: number;
}

/** A provider, a backend that takes its tokens, a server in front of it, and a terminal. */
async function setUp(t: TestContext, { metadata, accessTokenTTL = 600 }: Scene = {}) {
  const provider = await startRealProvider(undefined, { accessTokenTTL });
  t.after(() => provider.close());
  const revoked = new Set<string>();
  const backend = await startProtectedBackend({
    subjectOf: (token) => {
      if (revoked.has(token)) return undefined;
      const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
        sub: string;
        aud: string;
        exp: number;
      };
      return claims.aud === backend.url && claims.exp * 1000 > Date.now() ? claims.sub : undefined;
    },
    metadata: metadata ?? ((url) => ({ resource: url, authorization_servers: [provider.issuer] })),
    namesMetadata: true,
  });
  t.after(() => backend.close());
  const folder = mkdtempSync(join(tmpdir(), 'login-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const environment: Record<string, string> = {
    XDG_STATE_HOME: folder,
    VMCP_SECRET_KEY: randomBytes(32).toString('base64'),
  };
  const backends = [
    {
      name: 'one',
      transport: 'streamable-http',
      url: backend.url,
      oauth: { scopes: ['mcp', 'offline_access'] },
    },
  ];
  const file = join(folder, 'vmcp.yaml');
  writeFileSync(file, JSON.stringify({ name: 'demo', backends }));
  const served = await startAuthApp(t, undefined, {
    backendUrl: backend.url,
    environment,
    blocks: { backends },
  });

  const auth = async (...args: string[]) => {
    const terminal = createTerminal({ environment });
    const code = await runCli(['auth', ...args, '--config', file], terminal);
    return { code, ...terminal.said };
  };
  /** Runs `vmcp auth login` with a person, who may change the way back. */
  const logIn = async (change: (back: URL) => URL = (back) => back) => {
    const terminal = createTerminal({ environment });
    const running = runCli(['auth', 'login', 'one', '--no-browser', '--config', file], terminal);
    let start: URL | undefined;
    let hasEnded = false;
    void running.finally(() => (hasEnded = true));
    await eventually(() => {
      if (hasEnded) return;
      const url = /^ {2}(http\S+)$/mu.exec(terminal.said.err)?.[1];
      assert.ok(url, terminal.said.err);
      start = new URL(url);
    });
    if (start !== undefined) {
      const back = await logInAndConsent(start, start.searchParams.get('redirect_uri') ?? '', 'dora');
      await fetch(change(back));
    }
    return { code: await running, start, ...terminal.said };
  };
  const call = async () => {
    const { messages } = await modern(served.url, 'tools/call', { name: 'one_whoami', arguments: {} });
    return messages.at(-1) as unknown as {
      result?: { content: { text: string }[]; isError?: boolean };
      error?: { message: string };
    };
  };
  const status = async () =>
    ((await (await served.get('/status')).json()) as { backends: { health: string; error?: string }[] })
      .backends[0];
  return { ...served, auth, logIn, call, status, backend, provider, environment, folder, revoked };
}

const tokensFile = (folder: string): string => readFileSync(join(folder, 'vmcp', 'tokens.json'), 'utf8');

describe('vmcp auth', () => {
  test('logs a person in, and the backend works from then on without a restart', async (t) => {
    const { auth, logIn, call, status, backend, folder, logged } = await setUp(t);
    await eventually(async () => assert.equal((await status())?.health, 'unauthenticated'));
    assert.match((await status())?.error ?? '', /not logged in: run "vmcp auth login one"/u);
    assert.match(logged.join('\n'), /vmcp auth login one/u);
    assert.match((await auth('status')).out, /^demo\/one\tnot logged in$/mu);

    const { code, start, err } = await logIn();
    assert.equal(code, 0, err);
    assert.equal(start?.searchParams.get('resource'), backend.url);
    assert.equal(start?.searchParams.get('code_challenge_method'), 'S256');
    await eventually(async () => assert.equal((await call()).result?.content[0]?.text, 'dora'));
    assert.equal((await status())?.health, 'healthy');
    assert.match((await auth('status', 'one')).out, /logged in, renewed by itself\thttp/u);
    const [listed] = JSON.parse((await auth('list', '--json')).out) as { backend: string; state: string }[];
    assert.deepEqual([listed?.backend, listed?.state], ['one', 'renewable']);
    const token = backend.tokens.findLast((each) => each !== undefined) ?? '';
    assert.ok(token.length > 100);
    for (const text of [tokensFile(folder), logged.join('\n'), err]) assert.ok(!text.includes(token));
  });

  test('renews a token that ends, with the newest refresh token each time', async (t) => {
    // Less than the minute for which a token must still hold: each request renews it.
    const { logIn, call, backend } = await setUp(t, { accessTokenTTL: 30 });
    await logIn();
    await eventually(async () => assert.equal((await call()).result?.content[0]?.text, 'dora'));
    for (let i = 0; i < 3; i++) await Promise.all([call(), call(), call()]);
    const tokens = new Set(backend.tokens.filter((token) => token !== undefined));
    assert.ok(tokens.size > 3, `${tokens.size} tokens`);
    assert.equal((await call()).result?.content[0]?.text, 'dora');
  });

  test('renews a token that the backend takes no more', async (t) => {
    const { logIn, call, backend, revoked } = await setUp(t);
    await logIn();
    await eventually(async () => assert.equal((await call()).result?.content[0]?.text, 'dora'));
    revoked.add(backend.tokens.findLast((each) => each !== undefined) ?? '');
    assert.equal((await call()).result?.content[0]?.text, 'dora');
  });

  test('logs out, at the server too', async (t) => {
    const { auth, logIn, call } = await setUp(t);
    await logIn();
    await eventually(async () => assert.equal((await call()).result?.content[0]?.text, 'dora'));
    assert.match((await auth('logout', 'one')).err, /Logged out of "one", here and at its server\./u);
    assert.match((await call()).result?.content[0]?.text ?? '', /not logged in: run "vmcp auth login one"/u);
    assert.match((await auth('logout', 'one')).err, /had no login/u);
  });

  test('takes no way back with another state, or from another server', async (t) => {
    const { logIn, call } = await setUp(t);
    const changes: [(back: URL) => void, RegExp][] = [
      [(back) => back.searchParams.set('state', 'another'), /state/u],
      [(back) => back.searchParams.set('iss', 'https://evil.example'), /iss/u],
      [(back) => back.searchParams.delete('iss'), /iss/u],
      [(back) => back.searchParams.set('code', 'another'), /invalid_grant/u],
    ];
    for (const [change, expected] of changes) {
      const { code, err } = await logIn((back) => (change(back), back));
      assert.equal(code, 1);
      assert.match(err, expected);
    }
    assert.notEqual((await call()).result?.content[0]?.text, 'dora');
  });

  test('asks for no token for another resource than the backend', async (t) => {
    const { logIn } = await setUp(t, {
      metadata: () => ({
        resource: 'https://bank.example/mcp',
        authorization_servers: ['https://as.example'],
      }),
    });
    const { code, err, start } = await logIn();
    assert.deepEqual([code, start], [1, undefined]);
    assert.match(
      err,
      /found the resource "https:\/\/bank.example\/mcp": a token for another is not asked for/u,
    );
  });

  test('keeps nothing without a key, and says so', async (t) => {
    const { auth, environment, folder } = await setUp(t);
    delete environment['VMCP_SECRET_KEY'];
    const { code, err } = await auth('login', 'one', '--no-browser');
    assert.equal(code, 1);
    assert.match(err, /VMCP_SECRET_KEY is not set, and no login is kept without it: make one with "openssl/u);
    assert.throws(() => tokensFile(folder), /ENOENT/u);
  });

  test('names the backends that it can log in to', async (t) => {
    const { auth } = await setUp(t);
    assert.match(
      (await auth('login', 'two')).err,
      /no backend "two" has "oauth"; those that have are "one"/u,
    );
    assert.equal((await auth('lgoin', 'one')).code, 2);
  });
});
