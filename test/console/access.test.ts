/** Who is shown the console, and what another page, another machine or a cookie can do with it. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { tokenHeader } from '../../src/console/wire/index.ts';
import { apiKeyDigest, createApiKey } from '../../src/lib/api-key.ts';
import { startControlledBackend, type ControlledBackend } from '../support/controlled-backend.ts';
import { serveConsole, type ServedConsole } from '../support/console.ts';
import { modernRequest, post } from '../support/raw-mcp.ts';
import { refreshConsole } from '../../scripts/console.ts';

let backend: ControlledBackend;
let backends: object[];
before(async () => {
  await refreshConsole();
  backend = await startControlledBackend();
  backends = [{ name: 'one', transport: 'streamable-http', url: backend.url }];
});
const closing: (() => unknown)[] = [];
const later = { after: (close: () => unknown): void => void closing.push(close) };
after(async () => {
  for (const close of closing) await close();
  await backend?.close();
});

const key = createApiKey();
const hashOfKey = (text: string): string => apiKeyDigest(text).toString('hex');
const known = {
  type: 'apiKeys',
  apiKeys: [{ name: 'ada', sha256: hashOfKey(key) }],
};

describe('at the path /', () => {
  test('a browser is shown the page, and other programs the text', async (t) => {
    const served = await serveConsole(t, { backends });
    const page = await served.get('/', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' });
    assert.match(page.headers['content-type'] ?? '', /text\/html/);
    const text = await served.get('/', { accept: '*/*' });
    assert.match(text.headers['content-type'] ?? '', /text\/plain/);
    assert.match(text.text, /point an MCP client at \/mcp/);
    assert.equal(text.headers['vary'], 'accept');
  });

  test('the page lets nothing in from elsewhere and be framed by nobody', async (t) => {
    const served = await serveConsole(t, { backends });
    const { headers, text } = await served.get('/', { accept: 'text/html' });
    const policy = String(headers['content-security-policy']);
    assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self' 'nonce-/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe|https?:|\*/);
    assert.doesNotMatch(text, /https?:/);
    assert.equal(headers['cache-control'], 'no-store');
  });

  test('with console.enabled false there is no page, also after a reload', async (t) => {
    const served = await serveConsole(t, { backends });
    await served.reload({ console: { enabled: false } });
    const { headers } = await served.get('/', { accept: 'text/html' });
    assert.match(headers['content-type'] ?? '', /text\/plain/);
    assert.equal((await served.ask('overview')).status, 404);
  });
});

describe('a question of the page', () => {
  let served: ServedConsole;
  before(async () => {
    served = await serveConsole(later, { backends });
  });

  const refused: [what: string, headers: Record<string, string | undefined>, status: number][] = [
    ['without an Origin', { origin: undefined }, 403],
    ['of another origin', { origin: 'https://evil.example' }, 403],
    ['of the origin null', { origin: 'null' }, 403],
    ['without the token', { [tokenHeader]: undefined }, 403],
    ['with another token', { [tokenHeader]: 'x'.repeat(32) }, 403],
    ['as a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['as plain text', { 'content-type': 'text/plain' }, 415],
    ['for another host', { host: 'evil.example' }, 403],
  ];
  for (const [what, headers, status] of refused) {
    test(`${what} is refused`, async () => {
      assert.equal((await served.ask('overview', {}, headers)).status, status);
    });
  }

  test('of a port beside it is of another origin', async () => {
    const { port } = new URL(served.app.url);
    const origin = `http://127.0.0.1:${Number(port) + 1}`;
    assert.equal((await served.ask('overview', {}, { origin })).status, 403);
  });

  test('is asked by POST alone', async () => {
    const { status, headers } = await served.get('/console/api/overview');
    assert.equal(status, 405);
    assert.equal(headers['allow'], 'POST');
  });

  test('that is no JSON, or asks for what there is not, is told so', async () => {
    assert.equal((await served.ask('toString')).status, 404);
    assert.match((await served.ask('call', { name: 5 })).text, /expected \\"name\\" to be a string/);
  });
});

describe('where callers are known', () => {
  let served: ServedConsole;
  before(async () => {
    served = await serveConsole(later, { backends, incomingAuth: known, codeMode: { enabled: true } });
  });

  test('the page asks for a key, and tells nothing before', async () => {
    const { status, text, headers } = await served.ask('overview');
    assert.equal(status, 401);
    assert.equal(JSON.parse(text).login, true);
    assert.equal(headers['www-authenticate'], undefined);
  });

  test('a wrong key makes no cookie', async () => {
    const { status, headers } = await served.ask('login', { key: 'wrong' });
    assert.equal(status, 401);
    assert.equal(headers['set-cookie'], undefined);
  });

  test('a key is exchanged for a cookie that scripts cannot read and that no other site sends', async () => {
    const { status, headers } = await served.ask('login', { key });
    assert.equal(status, 200);
    const [cookie = ''] = headers['set-cookie'] ?? [];
    assert.match(cookie, /^vmcp-console=[\w-]{43}; Path=\/console\/; HttpOnly; SameSite=Strict$/);
    assert.ok(!cookie.includes(key));
    const sent = cookie.split(';')[0];
    const { text } = await served.ask('overview', {}, { cookie: sent });
    assert.equal(JSON.parse(text).person, 'ada');
  });

  test('the cookie opens nothing at /mcp', async () => {
    const { headers } = await served.ask('login', { key });
    const cookie = (headers['set-cookie'] ?? [''])[0]?.split(';')[0] ?? '';
    const asked = modernRequest('tools/list', {});
    const { status } = await post(new URL(`${served.app.url}/mcp`), asked.body, { ...asked.headers, cookie });
    assert.equal(status, 401);
  });

  test('signing out ends the session, not only the cookie', async () => {
    const { headers } = await served.ask('login', { key });
    const cookie = (headers['set-cookie'] ?? [''])[0]?.split(';')[0] ?? '';
    await served.ask('logout', {}, { cookie });
    assert.equal((await served.ask('overview', {}, { cookie })).status, 401);
  });

  test('a key that is taken back ends its sessions at once', async () => {
    const { headers } = await served.ask('login', { key });
    const cookie = (headers['set-cookie'] ?? [''])[0]?.split(';')[0] ?? '';
    const other = { ...known, apiKeys: [{ name: 'ada', sha256: hashOfKey(createApiKey()) }] };
    await served.reload({ incomingAuth: other });
    assert.equal((await served.ask('overview', {}, { cookie })).status, 401);
    await served.reload({});
  });
});

describe('behind TLS', () => {
  test('the cookie is tied to the one host', async (t) => {
    const publicUrl = 'https://tools.example';
    const config = { backends, incomingAuth: known, publicUrl, console: { enabled: true } };
    const served = await serveConsole(t, config, { host: '0.0.0.0' });
    const { headers, status } = await served.ask(
      'login',
      { key },
      { origin: publicUrl, host: 'tools.example' },
    );
    assert.equal(status, 200);
    assert.match(
      headers['set-cookie']?.[0] ?? '',
      /^__Host-vmcp-console=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict$/,
    );
  });
});

describe('where other machines reach the server', () => {
  const open = { host: '0.0.0.0', allowedHosts: [] };

  test('the console is off unless it is switched on', async (t) => {
    const served = await serveConsole(t, { backends, incomingAuth: known }, open);
    assert.equal(served.token, '');
  });

  test('it is not served to callers who are not known', async (t) => {
    const config = { backends, incomingAuth: { type: 'anonymous' }, console: { enabled: true } };
    await assert.rejects(serveConsole(t, config, open), /"incomingAuth" does not find out who asks/);
  });

  test('it is on where it is switched on and callers are known', async (t) => {
    const served = await serveConsole(t, { backends, incomingAuth: known, console: { enabled: true } }, open);
    assert.notEqual(served.token, '');
    assert.equal((await served.ask('overview')).status, 401);
  });
});
