import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IssuedToken } from '../oauth/token-endpoint.ts';
import { TokenCache } from './token-cache.ts';

function create(maxEntries = 10) {
  const clock = { nowMs: 1_000_000 };
  const cache = new TokenCache({ maxEntries, wallClock: () => clock.nowMs });
  let asked = 0;
  /** @param lifetimeS of what is issued @param sourceS until the end of what it is made of */
  const get = (key: string, lifetimeS: number | undefined, sourceS?: number): string | Promise<string> =>
    cache.get({
      key,
      ...(sourceS !== undefined && { sourceEndsAtMs: clock.nowMs + sourceS * 1000 }),
      ask: async (): Promise<IssuedToken> => ({
        text: `${key}${++asked}`,
        ...(lifetimeS !== undefined && { expiresAtMs: clock.nowMs + lifetimeS * 1000 }),
      }),
    });
  return { cache, clock, get, asked: () => asked };
}

test('a token is used until a minute before it or its source ends, whichever is first', async () => {
  for (const [lifetimeS, sourceS, usedForS] of [
    [600, undefined, 540],
    [600, 300, 240],
    [300, 600, 240],
    [undefined, undefined, 300],
    [undefined, 200, 140],
  ] as const) {
    const { clock, get } = create();
    assert.equal(await get('a', lifetimeS, sourceS), 'a1');
    clock.nowMs += usedForS * 1000 - 1;
    assert.equal(get('a', lifetimeS), 'a1', 'no promise: nothing is waited for');
    clock.nowMs += 1;
    assert.equal(await get('a', lifetimeS), 'a2');
  }
});

test('a token that lives for less than a minute is asked for each time', async () => {
  const { cache, get } = create();
  assert.deepEqual([await get('a', 59), await get('a', 59)], ['a1', 'a2']);
  assert.equal(cache.size, 0);
});

test('those who want one token at once wait for one request', async () => {
  const { get, asked } = create();
  const tokens = await Promise.all([get('a', 600), get('a', 600), get('b', 600), get('a', 600)]);
  assert.deepEqual(tokens, ['a1', 'a1', 'b2', 'a1']);
  assert.equal(asked(), 2);
});

test('a refused request is told to all who waited, and the next asks again', async () => {
  const { cache, get } = create();
  const ask = () => Promise.reject(new Error('no'));
  const waiting = [cache.get({ key: 'a', ask }), cache.get({ key: 'a', ask })];
  for (const each of waiting) await assert.rejects(Promise.resolve(each), /no/u);
  assert.equal(await get('a', 600), 'a1');
});

test('a dropped token is asked for again, unless another has replaced it', async () => {
  const { cache, get } = create();
  await get('a', 600);
  cache.drop('a', 'a1');
  assert.equal(await get('a', 600), 'a2');
  cache.drop('a', 'a1');
  assert.equal(await get('a', 600), 'a2');
});

test('beyond the bound those used longest ago go first', async () => {
  const { cache, get } = create(2);
  await get('a', 600);
  await get('b', 600);
  await get('a', 600);
  await get('c', 600);
  assert.equal(cache.size, 2);
  assert.equal(get('a', 600), 'a1');
  assert.equal(await get('b', 600), 'b4');
});
