import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bucketContract } from '../../../test/support/bucket-contract.ts';
import { createMemoryBuckets } from './memory-buckets.ts';

function clocked() {
  let nowMs = 0;
  const store = createMemoryBuckets(() => nowMs);
  return { store, pass: (ms: number) => void (nowMs += ms) };
}

describe('buckets in memory', () => {
  bucketContract(async () => {
    const { store, pass } = clocked();
    return { one: store, other: store, pass: async (ms) => pass(ms) };
  });
});

const two = { key: 'two', maxTokens: 2, refillMs: 1_000 };
const one = { key: 'one', maxTokens: 1, refillMs: 4_000 };

test('a bucket gives what it holds, and then a token at a time as it fills', async () => {
  const { store, pass } = clocked();
  assert.deepEqual(await store.take([two]), { taken: true });
  assert.deepEqual(await store.take([two]), { taken: true });
  assert.deepEqual(await store.take([two]), { taken: false, emptyAt: 0, waitMs: 500 });
  pass(300);
  assert.deepEqual(await store.take([two]), { taken: false, emptyAt: 0, waitMs: 200 });
  pass(200);
  assert.deepEqual(await store.take([two]), { taken: true });
});

test('a bucket never holds more than its most', async () => {
  const { store, pass } = clocked();
  await store.take([two]);
  pass(1_000_000);
  for (const taken of [true, true, false]) assert.equal((await store.take([two])).taken, taken);
});

test('tokens of several buckets are taken all or none, and the longest wait is told', async () => {
  const { store, pass } = clocked();
  await store.take([one]);
  await store.take([two]);
  assert.deepEqual(await store.take([two, one]), { taken: false, emptyAt: 1, waitMs: 4_000 });
  assert.deepEqual(await store.take([two]), { taken: true }, 'the other bucket was left alone');
  pass(500);
  assert.deepEqual(await store.take([two, one]), { taken: false, emptyAt: 1, waitMs: 3_500 });
});

test('after the wait that was told there is a token', async () => {
  const { store, pass } = clocked();
  const odd = { key: 'odd', maxTokens: 7, refillMs: 1_000 };
  for (let n = 0; n < 500; n++) {
    const taken = await store.take([odd]);
    if (taken.taken) continue;
    pass(Math.ceil(taken.waitMs));
    assert.deepEqual(await store.take([odd]), { taken: true });
  }
});

test('a lower limit holds at once', async () => {
  const { store } = clocked();
  await store.take([{ ...two, maxTokens: 100 }]);
  for (const taken of [true, true, false]) assert.equal((await store.take([two])).taken, taken);
});

test('buckets that are full again are forgotten', async () => {
  const { store, pass } = clocked();
  for (let n = 0; n < 10_000; n++) {
    await store.take([{ ...two, key: `user ${n}` }]);
    pass(1);
  }
  assert.ok(store.size < 3_000, `${store.size} buckets`);
});
