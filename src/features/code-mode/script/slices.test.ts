import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { Slices } from './slices.ts';
import type { SliceKind } from './slices.ts';

function bench() {
  const holders: number[] = [];
  const done: string[] = [];
  const slices = new Slices({ onTurn: (runId) => holders.push(runId) });
  const ask = (runId: number, kind: SliceKind): Promise<void> =>
    slices.next(runId, kind).then(() => void done.push(`${kind} ${runId}`));
  return { holders, done, ask };
}

test('one run has the thread in each turn of the event loop, and it is known which', async () => {
  const { holders, done, ask } = bench();
  const work = Promise.all([1, 2, 3].map((runId) => ask(runId, 'further')));
  for (const seen of [1, 2, 3]) {
    await turnOfTheLoop();
    assert.equal(done.length, seen);
    assert.equal(holders.at(-1), seen);
  }
  await work;
  await turnOfTheLoop();
  assert.deepEqual(holders, [1, 2, 3, 0]);
});

test('what is new waits for no more than one slice of those that go on', async () => {
  const { done, ask } = bench();
  const work = [1, 2, 3].map((runId) => ask(runId, 'further'));
  await turnOfTheLoop();
  work.push(ask(7, 'new'), ask(8, 'new'));
  await Promise.all(work);
  assert.deepEqual(done, ['further 1', 'new 7', 'further 2', 'new 8', 'further 3']);
});

test('a run that asks again comes after those that wait', async () => {
  const { done, ask } = bench();
  await Promise.all([ask(1, 'further').then(() => ask(1, 'further')), ask(2, 'further')]);
  assert.deepEqual(done, ['further 1', 'further 2', 'further 1']);
});
