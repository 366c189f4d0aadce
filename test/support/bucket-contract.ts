import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BucketStore } from '../../src/storage/index.ts';

/** Buckets as two servers that share them see them, and how to let time pass. */
export interface BucketsUnderTest {
  readonly one: BucketStore;
  readonly other: BucketStore;
  pass(ms: number): Promise<void>;
}

/** So slow that nothing is filled while a test runs. */
const slow = 3_600_000;

/** What every adapter of the buckets promises. */
export function bucketContract(start: () => Promise<BucketsUnderTest>): void {
  test('a bucket gives what it holds, to all who share it, and then tells the wait', async () => {
    const { one, other } = await start();
    const bucket = { key: 'ünï code', maxTokens: 2, refillMs: slow };
    assert.deepEqual(await one.take([bucket]), { taken: true });
    assert.deepEqual(await other.take([bucket]), { taken: true });
    const taken = await one.take([bucket]);
    assert.ok(!taken.taken);
    assert.equal(taken.emptyAt, 0);
    assert.ok(taken.waitMs > slow / 2 - 60_000 && taken.waitMs <= slow / 2, `${taken.waitMs} ms`);
  });

  test('after the wait that was told there is a token', async () => {
    const { one, other, pass } = await start();
    const bucket = { key: 'a', maxTokens: 1, refillMs: 300 };
    await one.take([bucket]);
    const taken = await other.take([bucket]);
    assert.ok(!taken.taken);
    await pass(Math.ceil(taken.waitMs) + 5);
    assert.deepEqual(await other.take([bucket]), { taken: true });
  });

  test('tokens of several buckets are taken all or none, and the longest wait is told', async () => {
    const { one } = await start();
    const [full, empty] = [
      { key: 'full', maxTokens: 1, refillMs: slow / 10 },
      { key: 'empty', maxTokens: 1, refillMs: slow },
    ];
    await one.take([empty]);
    const taken = await one.take([full, empty]);
    assert.ok(!taken.taken);
    assert.equal(taken.emptyAt, 1);
    assert.ok(taken.waitMs > slow - 60_000 && taken.waitMs <= slow, `${taken.waitMs} ms`);
    assert.deepEqual(await one.take([full]), { taken: true }, 'the other bucket was left alone');
  });

  test('of many at once, no more get a token than there are', async () => {
    const { one, other } = await start();
    const bucket = { key: 'many', maxTokens: 5, refillMs: slow };
    const asked = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? one : other).take([bucket]));
    assert.equal((await Promise.all(asked)).filter(({ taken }) => taken).length, 5);
  });

  test('a lower limit holds at once', async () => {
    const { one } = await start();
    const bucket = { key: 'lower', maxTokens: 100, refillMs: slow };
    await one.take([bucket]);
    const lower = { ...bucket, maxTokens: 1 };
    assert.deepEqual(await one.take([lower]), { taken: true });
    assert.equal((await one.take([lower])).taken, false);
  });
}
