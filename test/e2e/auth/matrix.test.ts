/**
 * Every method of the table, in both kinds of revisions, with no token, one for another audience, one that has expired, a
 * right one of a caller whom no policy permits anything, and a right one. A method that joins the table joins this test.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  isServedIn,
  knownMethods,
  methodEntry,
  type JsonObject,
  type KnownMethod,
} from '../../../src/protocol/index.ts';
import { bearer, startAuthApp, type AuthApp } from '../../support/auth-app.ts';
import { startControlledBackend, type ControlledBackend } from '../../support/controlled-backend.ts';
import { audience, startFakeProvider, type FakeProvider } from '../../support/fake-provider.ts';
import { modernRequest, init, openSession, readAnswer } from '../../support/raw-mcp.ts';

/** What a request of a method needs beside its name, so that its name and not its parameters decide. */
const paramsOf: Readonly<Record<string, JsonObject>> = {
  initialize: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
  'tools/call': { name: 'one_ok', arguments: {} },
  'resources/read': { uri: 'test://none' },
  'resources/subscribe': { uri: 'test://none' },
  'resources/unsubscribe': { uri: 'test://none' },
  'prompts/get': { name: 'none' },
  'completion/complete': { ref: { type: 'ref/prompt', name: 'none' }, argument: { name: 'a', value: '' } },
  'logging/setLevel': { level: 'info' },
  'tasks/get': { taskId: 'none' },
  'tasks/update': { taskId: 'none' },
  'tasks/cancel': { taskId: 'none' },
  'tasks/result': { taskId: 'none' },
};

/** What a caller gets whom no policy permits anything: a denial, an empty list, or what is about its own session. */
const notPermitted: Readonly<Record<KnownMethod, 'call' | 'read' | 'prompt' | 'empty' | 'own'>> = {
  initialize: 'own',
  ping: 'own',
  'server/discover': 'own',
  'subscriptions/listen': 'own',
  'tools/list': 'empty',
  'tools/call': 'call',
  'resources/list': 'empty',
  'resources/templates/list': 'empty',
  'resources/read': 'read',
  'resources/subscribe': 'read',
  'resources/unsubscribe': 'own',
  'prompts/list': 'empty',
  'prompts/get': 'prompt',
  'completion/complete': 'prompt',
  'logging/setLevel': 'own',
  'notifications/roots/list_changed': 'own',
  'tasks/get': 'own',
  'tasks/update': 'own',
  'tasks/cancel': 'own',
  'tasks/list': 'own',
  'tasks/result': 'own',
};

let backend: ControlledBackend;
/** The same server with a policy that permits one caller everything, and others nothing. */
let guarded: AuthApp;
let provider: FakeProvider;
let served: AuthApp;
const closing: (() => unknown)[] = [];
const credentials = new Map<
  string,
  { readonly headers: Record<string, string>; readonly refused: boolean }
>();

before(async () => {
  [backend, provider] = await Promise.all([startControlledBackend(), startFakeProvider()]);
  const oidc = { issuer: provider.issuer, audience, jwksAllowPrivateIp: true };
  const t = { after: (fn: () => unknown) => void closing.push(fn) };
  served = await startAuthApp(t, { type: 'oidc', oidc }, { backendUrl: backend.url });
  const authz = {
    type: 'cedar',
    policies: ['permit(principal == Client::"alice", action, resource);'],
  };
  guarded = await startAuthApp(t, { type: 'oidc', oidc, authz }, { backendUrl: backend.url });
  const right = await provider.token();
  credentials.set('no token', { headers: {}, refused: true });
  const other = await provider.token({ claims: { aud: 'other' } });
  credentials.set('a token for another audience', { headers: bearer(other), refused: true });
  const expired = await provider.token({ lifetimeS: -60 });
  credentials.set('a token that has expired', { headers: bearer(expired), refused: true });
  credentials.set('a right token', { headers: bearer(right), refused: false });
});
after(async () => {
  for (const close of closing) await close();
  await Promise.all([backend?.close(), provider?.close()]);
});

const titles = ['no token', 'a token for another audience', 'a token that has expired', 'a right token'];

/** Sends a request and looks at its status alone: some answers never end. */
async function statusOf(body: object, headers: Record<string, string>): Promise<[number, string]> {
  const stop = new AbortController();
  const response = await fetch(served.url, { ...init(body, headers), signal: stop.signal });
  const challenge = response.headers.get('www-authenticate') ?? '';
  stop.abort();
  return [response.status, challenge];
}

const kinds = ['sessions', 'stateless'] as const;

for (const kind of kinds) {
  describe(`${kind === 'stateless' ? '2026-07-28' : '2025-11-25'}:`, () => {
    let session: Record<string, string>;
    before(async () => {
      session = await openSession(served.url, { headers: credentials.get('a right token')?.headers ?? {} });
      delete session['authorization'];
    });
    for (const method of knownMethods.filter((name) => isServedIn(kind, name))) {
      for (const title of titles) {
        test(`${method} with ${title}`, async () => {
          const { headers, refused } = credentials.get(title)!;
          const params = paramsOf[method] ?? {};
          const id = `${method} ${title}`;
          const request =
            kind === 'stateless'
              ? modernRequest(method, params, { id })
              : {
                  body: { jsonrpc: '2.0', id, method, params },
                  headers: method === 'initialize' ? {} : session,
                };
          const [status, challenge] = await statusOf(request.body, { ...request.headers, ...headers });
          if (!refused) return assert.ok(status !== 401 && status !== 403, `status ${status}`);
          assert.equal(status, 401);
          assert.match(challenge, /^Bearer .*resource_metadata="/u);
        });
      }
    }
  });
}

for (const kind of kinds) {
  describe(`${kind === 'stateless' ? '2026-07-28' : '2025-11-25'}, right but not permitted:`, () => {
    let headers: Record<string, string>;
    let session: Record<string, string>;
    before(async () => {
      headers = bearer(await provider.token({ claims: { sub: 'mallory' } }));
      session = await openSession(guarded.url, { headers });
    });
    for (const method of knownMethods.filter((name) => isServedIn(kind, name))) {
      const expected = notPermitted[method];
      test(`${method} ${expected === 'own' ? 'passes' : expected === 'empty' ? 'is empty' : 'is denied'}`, async () => {
        const request = requestOf(kind, method, session);
        const stop = new AbortController();
        const sent = init(request.body, { ...request.headers, ...headers });
        const response = await fetch(guarded.url, { ...sent, signal: stop.signal });
        if (expected === 'own') {
          stop.abort();
          return assert.ok(response.status !== 401 && response.status !== 403, `status ${response.status}`);
        }
        const { messages } = await readAnswer(response);
        const [answer] = messages;
        const field = methodEntry(method)?.listField ?? '';
        if (expected === 'empty')
          return assert.deepEqual([response.status, answer?.result?.[field]], [200, []]);
        const error = { code: 403, message: `${expected} denied by authorization policy` };
        assert.deepEqual([response.status, answer?.error], [403, error]);
      });
    }
  });
}

test('a call that was not permitted is an error, and reached no backend', async () => {
  const reached = backend.calls.get('ok') ?? 0;
  const count = async (): Promise<Record<string, number>> =>
    Object.fromEntries(
      (await guarded.metrics())
        .filter(({ name, value }) => name === 'toolhive_vmcp_tool_calls_total' && value > 0)
        .map(({ labels, value }) => [`${labels['method']} ${labels['status']}`, value]),
    );
  const before = (await count())['tool_call error'] ?? 0;
  const headers = bearer(await provider.token({ claims: { sub: 'mallory' } }));
  for (const kind of kinds) {
    const request = requestOf(kind, 'tools/call', await openSession(guarded.url, { headers }));
    await fetch(guarded.url, init(request.body, { ...request.headers, ...headers }));
  }
  assert.deepEqual(await count(), { 'tool_call error': before + 2 });
  assert.equal(backend.calls.get('ok') ?? 0, reached);
});

interface Sent {
  readonly body: object;
  readonly headers: Record<string, string>;
}

function requestOf(kind: (typeof kinds)[number], method: KnownMethod, session: Record<string, string>): Sent {
  const params = paramsOf[method] ?? {};
  const id = `${method} ${Math.random()}`;
  if (kind === 'stateless') return modernRequest(method, params, { id });
  return { body: { jsonrpc: '2.0', id, method, params }, headers: method === 'initialize' ? {} : session };
}

for (const method of ['GET', 'DELETE']) {
  for (const title of titles) {
    test(`${method} of a session with ${title}`, async () => {
      const right = credentials.get('a right token')?.headers ?? {};
      const session = await openSession(served.url, { headers: right });
      const { headers, refused } = credentials.get(title)!;
      const stop = new AbortController();
      const { authorization: _, ...named } = session;
      const sent = { ...named, ...headers, accept: 'text/event-stream' };
      const response = await fetch(served.url, { method, headers: sent, signal: stop.signal });
      stop.abort();
      assert.equal(response.status === 401, refused, `status ${response.status}`);
    });
  }
}

test('what was refused counted nothing, and reached no backend', async () => {
  const isCall = ({ name }: { name: string }): boolean => name === 'toolhive_vmcp_tool_calls_total';
  const count = async (): Promise<number> =>
    (await served.metrics()).filter(isCall).reduce((sum, { value }) => sum + value, 0);
  const [counted, reached] = [await count(), backend.calls.get('ok') ?? 0];
  for (const [title, { headers, refused }] of credentials) {
    if (!refused) continue;
    const request = modernRequest('tools/call', { name: 'one_ok', arguments: {} });
    assert.equal((await statusOf(request.body, { ...request.headers, ...headers }))[0], 401, title);
  }
  assert.deepEqual([await count(), backend.calls.get('ok') ?? 0], [counted, reached]);
});
