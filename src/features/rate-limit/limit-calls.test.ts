import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  noClient,
  type Caller,
  type Origin,
  type Revision,
  type ToolCall,
  type ToolResult,
} from '../../gateway/index.ts';
import { CancelledError, ProtocolError } from '../../protocol/index.ts';
import { BucketStoreError, createMemoryBuckets, type BucketStore } from '../../storage/index.ts';
import { fakeCaller } from '../../../test/fixtures/calling.ts';
import { limitCalls, type LimitOptions } from './limit-calls.ts';
import { limitsOf } from './limits.ts';
import type { RateLimitOptions } from './declaration.ts';

type Written = Partial<RateLimitOptions>;

const user = (subject: string, issuer = 'https://id.example.com'): Caller['principal'] => ({
  issuer,
  subject,
  claims: {},
  groups: [],
  scopes: [],
});

function stage(written: Written, more: Partial<LimitOptions> = {}) {
  let nowMs = 0;
  const counted: string[] = [];
  const counter = (name: string) => ({
    add: (_value: number, labels: object = {}) =>
      void counted.push([name, ...Object.values(labels)].join(' ')),
  });
  const limits: RateLimitOptions = {
    shared: undefined,
    perUser: undefined,
    tools: [],
    scripts: 'fail',
    ...written,
  };
  const limit = limitCalls({
    limitsOf: limitsOf(limits),
    store: createMemoryBuckets(() => nowMs),
    scripts: limits.scripts,
    instruments: {
      decisions: counter('decision'),
      redisErrors: counter('redis'),
      failOpen: counter('open'),
      checkLatency: { record: () => undefined },
    },
    labels: { namespace: 'ns', server: 'demo' },
    onStoreFailure: (why) => counted.push(why),
    wait: async (ms) => void (nowMs += ms),
    ...more,
  });
  const call = async (
    name: string,
    by: { principal?: Caller['principal']; revision?: Revision; origin?: Origin; signal?: AbortSignal } = {},
  ): Promise<ToolResult> => {
    const { principal = user('alice'), revision = '2025-11-25', origin = 'client' } = by;
    const { signal = new AbortController().signal } = by;
    const request: ToolCall = {
      origin,
      method: 'tools/call',
      name,
      params: { name },
      caller: fakeCaller({ principal, revision }),
      client: noClient,
      signal,
    };
    return (await limit(request, async () => ({ content: [] }))) as ToolResult;
  };
  return { call, counted, pass: (ms: number) => void (nowMs += ms) };
}

const bucket = (maxTokens: number, refillPeriod = 10_000) => ({ maxTokens, refillPeriod });
const isLimited = (result: ToolResult): boolean => result.isError === true;

describe('a call that is limited', () => {
  test('is a result with ToolHive’s content and the true wait before 2026-07-28', async () => {
    const { call, pass } = stage({ shared: bucket(1) });
    await call('a');
    pass(2_500);
    const { isError, structuredContent } = await call('a');
    assert.equal(isError, true);
    const data = { retryAfterSeconds: 8 };
    assert.deepEqual(structuredContent, { code: 429, message: 'Rate limit exceeded', data });
  });

  test('is an error with that data in 2026-07-28', async () => {
    const { call } = stage({ shared: bucket(1) });
    await call('a', { revision: '2026-07-28' });
    await assert.rejects(call('a', { revision: '2026-07-28' }), (error) => {
      assert.ok(error instanceof ProtocolError);
      assert.deepEqual([error.code, error.message], [429, 'Rate limit exceeded']);
      assert.deepEqual(error.data, { retryAfterSeconds: 10 });
      return true;
    });
  });

  test('passes again after the wait that it was told', async () => {
    const { call, pass } = stage({ shared: bucket(1) });
    await call('a');
    pass(10_000);
    assert.ok(!isLimited(await call('a')));
  });
});

describe('a limit', () => {
  test('of each user leaves the others alone, also one of the same subject of another issuer', async () => {
    const { call } = stage({ perUser: bucket(1) });
    assert.ok(!isLimited(await call('a')));
    assert.ok(isLimited(await call('b')));
    assert.ok(!isLimited(await call('a', { principal: user('bob') })));
    assert.ok(!isLimited(await call('a', { principal: user('alice', 'vmcp:apiKeys') })));
  });

  test('of a tool leaves other tools alone', async () => {
    const { call } = stage({ tools: [{ name: 'a', shared: bucket(1), perUser: undefined }] });
    await call('a');
    assert.ok(isLimited(await call('a', { principal: user('bob') })));
    assert.ok(!isLimited(await call('b')));
  });

  test('of a tool for each user is beside that for all tools, and a refused call takes none of either', async () => {
    const tools = [{ name: 'a', shared: undefined, perUser: bucket(1) }];
    const { call } = stage({ perUser: bucket(2), tools });
    await call('a');
    assert.ok(isLimited(await call('a')));
    assert.ok(!isLimited(await call('b')));
    assert.ok(isLimited(await call('b')));
  });
});

describe('a call of a script', () => {
  test('fails with an error that tells the wait', async () => {
    const { call } = stage({ shared: bucket(1) });
    await call('a', { origin: 'script' });
    await assert.rejects(call('a', { origin: 'script' }), /Rate limit exceeded: retry after 10 s/);
  });

  test('waits for its token with scripts: wait, and is rejected once in the metrics', async () => {
    const { call, counted } = stage({ shared: bucket(1), scripts: 'wait' });
    await call('a', { origin: 'script' });
    assert.ok(!isLimited(await call('a', { origin: 'script' })));
    assert.deepEqual(counted, [
      'decision ns demo allowed shared server',
      'decision ns demo rejected shared server',
      'decision ns demo allowed shared server',
    ]);
  });

  test('that waits ends when it is given up', async () => {
    const { call } = stage({ shared: bucket(1), scripts: 'wait' }, { wait: undefined });
    await call('a', { origin: 'script' });
    const giveUp = new AbortController();
    const waiting = call('a', { origin: 'script', signal: giveUp.signal });
    giveUp.abort(new CancelledError());
    await assert.rejects(waiting, CancelledError);
  });
});

test('each bucket that allows is counted, and the first that rejects', async () => {
  const tools = [{ name: 'a', shared: bucket(1), perUser: undefined }];
  const { call, counted } = stage({ perUser: bucket(5), tools });
  await call('a');
  await call('a');
  assert.deepEqual(counted, [
    'decision ns demo allowed shared tool',
    'decision ns demo allowed per_user server',
    'decision ns demo rejected shared tool',
  ]);
});

test('a store that cannot be asked lets calls pass, or refuses those that are limited, and is counted', async () => {
  const store: BucketStore = {
    take: () => Promise.reject(new BucketStoreError('timeout', 'no answer within 1 s')),
    close: () => Promise.resolve(),
  };
  const { call, counted } = stage({ shared: bucket(1) }, { store });
  assert.ok(!isLimited(await call('a')));
  assert.deepEqual(counted, ['redis ns demo timeout', 'open ns demo', 'no answer within 1 s']);
  const closed = stage(
    { tools: [{ name: 'a', shared: bucket(1), perUser: undefined }] },
    { store, failsClosed: true },
  );
  await assert.rejects(
    closed.call('a'),
    new ProtocolError(-32603, 'rate limits cannot be checked; try again later'),
  );
  assert.ok(!isLimited(await closed.call('b')));
  assert.deepEqual(closed.counted, ['redis ns demo timeout', 'no answer within 1 s']);
});
