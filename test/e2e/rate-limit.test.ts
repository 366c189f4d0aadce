/** Rate limits of a running server, in front of a backend that counts what reaches it. */
import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import { createApiKey } from '../../src/lib/api-key.ts';
import { bearer, startAuthApp, type AuthApp } from '../support/auth-app.ts';
import { startControlledBackend, type ControlledBackend } from '../support/controlled-backend.ts';
import { sumOf } from '../support/metrics-text.ts';
import { call, modern, openSession, post } from '../support/raw-mcp.ts';

let backend: ControlledBackend;
before(async () => {
  backend = await startControlledBackend();
});
after(() => backend?.close());

const slow = { maxTokens: 2, refillPeriod: '1h' };

function serve(t: TestContext, rateLimiting: object, auth?: object, environment = {}): Promise<AuthApp> {
  const blocks = { rateLimiting, codeMode: { enabled: true, toolCallTimeout: '5s' } };
  return startAuthApp(t, auth, { backendUrl: backend.url, blocks, environment });
}

const ok = { name: 'one_ok', arguments: {} };
const script = (text: string) => ({ name: 'execute_tool_script', arguments: { script: text } });

test('a call too many gets ToolHive’s answer, and reaches no backend', async (t) => {
  const { url, metrics } = await serve(t, { shared: slow });
  const session = await openSession(url);
  const before = backend.calls.get('ok') ?? 0;
  await post(url, call('one_ok'), session);
  await modern(url, 'tools/call', ok);
  const old = (await post(url, call('one_ok'), session)).messages[0]?.result as Record<string, unknown>;
  assert.equal(old['isError'], true);
  const { code, message, data } = old['structuredContent'] as Record<string, { retryAfterSeconds: number }>;
  assert.deepEqual([code, message], [429, 'Rate limit exceeded']);
  assert.ok((data?.retryAfterSeconds ?? 0) > 1_700 && (data?.retryAfterSeconds ?? 0) <= 1_800);
  const { status, messages } = await modern(url, 'tools/call', ok);
  assert.equal(status, 200);
  assert.equal(messages[0]?.error?.code, 429);
  assert.equal(messages[0]?.error?.message, 'Rate limit exceeded');
  assert.equal(backend.calls.get('ok'), before + 2);
  const page = await metrics();
  const decided = (decision: string) =>
    sumOf(page, 'toolhive_rate_limit_decisions_total', { decision, server: 'demo', scope: 'shared' });
  assert.deepEqual([decided('allowed'), decided('rejected')], [2, 2]);
  assert.equal(sumOf(page, 'toolhive_rate_limit_check_latency_seconds_count'), 4);
  assert.equal(sumOf(page, 'toolhive_vmcp_tool_calls_total', { status: 'error' }), 2);
});

test('calls of a script take tokens, the script itself none, and it can catch the refusal', async (t) => {
  const { url } = await serve(t, { shared: slow });
  const nothing = await modern(url, 'tools/call', script('return 1'));
  assert.ok(!JSON.stringify(nothing.messages).includes('Rate limit'));
  const text = 'one_ok()\none_ok()\nreturn attempt(lambda: one_ok())';
  const { messages } = await modern(url, 'tools/call', script(text));
  assert.match(JSON.stringify(messages), /Rate limit exceeded: retry after 1[78]\d\d s/);
  assert.match(JSON.stringify((await modern(url, 'tools/call', ok)).messages), /Rate limit exceeded/);
});

test('with scripts: wait a script waits for its tokens', async (t) => {
  const { url } = await serve(t, { shared: { maxTokens: 1, refillPeriod: '100ms' }, scripts: 'wait' });
  const text = 'for n in range(4):\n    one_ok(n=n)\nreturn "done"';
  const { messages } = await modern(url, 'tools/call', script(text));
  assert.match(JSON.stringify(messages), /done/);
});

test('each caller has a bucket, an API key beside another', async (t) => {
  const keys = { ALICE: createApiKey(), BOB: createApiKey() };
  const apiKeys = [
    { name: 'alice', env: 'ALICE' },
    { name: 'bob', env: 'BOB' },
  ];
  const auth = { type: 'apiKeys', apiKeys };
  const { url, get } = await serve(t, { perUser: { maxTokens: 1, refillPeriod: '1h' } }, auth, keys);
  const status = async (key: string) =>
    (await modern(url, 'tools/call', ok, { headers: bearer(key) })).messages[0]?.error?.code;
  assert.deepEqual(
    [await status(keys.ALICE), await status(keys.ALICE), await status(keys.BOB)],
    [undefined, 429, undefined],
  );
  assert.doesNotMatch(await (await get('/metrics')).text(), /alice|bob/);
});

test('buckets outlive a reload, with the limits that it brings', async (t) => {
  const { url, reload } = await serve(t, { shared: slow });
  const code = async () => (await modern(url, 'tools/call', ok)).messages[0]?.error?.code;
  assert.deepEqual([await code(), await code(), await code()], [undefined, undefined, 429]);
  await reload(undefined, { name: 'other' });
  assert.equal(await code(), 429);
  await reload(undefined, { rateLimiting: { shared: { maxTokens: 2, refillPeriod: '1ms' } } });
  assert.equal(await code(), undefined);
});

test('a limit of one tool leaves other tools alone', async (t) => {
  const { url } = await serve(t, { tools: [{ name: 'one_ok', shared: slow }] });
  for (let n = 0; n < 5; n++) await modern(url, 'tools/call', { name: 'one_fail', arguments: {} });
  assert.equal((await modern(url, 'tools/call', ok)).messages[0]?.error, undefined);
});
