import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { Turns } from './turns.ts';

test('pieces of work come one in each turn of the event loop, first come first served', async () => {
  const turns = new Turns();
  const done: number[] = [];
  const seen = (): number[] => [...done];
  const work = Promise.all([0, 1, 2].map((index) => turns.next().then(() => done.push(index))));
  assert.deepEqual(seen(), []);
  await turnOfTheLoop();
  assert.deepEqual(seen(), [0]);
  const late = turns.next().then(() => done.push(3));
  await turnOfTheLoop();
  assert.deepEqual(seen(), [0, 1]);
  await Promise.all([work, late]);
  assert.deepEqual(seen(), [0, 1, 2, 3]);
  await turns.next();
});
