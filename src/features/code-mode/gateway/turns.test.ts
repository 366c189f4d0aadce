import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turnOfTheLoop, setTimeout as delay } from 'node:timers/promises';
import { Turns } from './turns.ts';

test('pieces of work come one in each turn of the event loop, first come first served', async () => {
  const turns = new Turns({ busyShare: 1, patienceMs: 0 });
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

/** Turns on a thread that is busy half of the time at most, and what it is told that it did. */
function turnsOnLoop() {
  const loop = { active: 0, idle: 0 };
  const turns = new Turns({ busyShare: 0.5, patienceMs: 100, loopTimes: () => ({ ...loop }) });
  const ask = (): { done: boolean; promise: Promise<void> } => {
    const asked = { done: false, promise: turns.next().then(() => void (asked.done = true)) };
    return asked;
  };
  return { loop, ask };
}

/** A piece that waits, since the thread was busy for 50 ms just now. */
async function aPieceThatWaits() {
  const { loop, ask } = turnsOnLoop();
  await ask().promise;
  loop.active += 50;
  const piece = ask();
  await delay(10);
  assert.equal(piece.done, false);
  return { loop, piece };
}

test('a thread that has been busy is left idle until that is made good', async () => {
  const { loop, piece } = await aPieceThatWaits();
  loop.idle += 4;
  await delay(10);
  assert.equal(piece.done, false);
  loop.idle += 4;
  await piece.promise;
});

test('a short burst does not wait', async () => {
  const { loop, ask } = turnsOnLoop();
  loop.idle += 1000;
  for (let piece = 0; piece < 5; piece++) {
    await ask().promise;
    loop.active += 1;
  }
});

test('on a thread that is never idle a piece still goes through now and then', async () => {
  const { loop, piece } = await aPieceThatWaits();
  loop.active += 50;
  await piece.promise;
});

test('while they are held nothing goes through but what may wait no longer', async () => {
  let held = true;
  const turns = new Turns({ busyShare: 1, patienceMs: 0, isHeld: () => held });
  const done: string[] = [];
  const ask = async (name: string, latestAt?: number): Promise<void> => {
    await turns.next(latestAt);
    done.push(name);
  };
  const overdue = ask('overdue', performance.now() + 5);
  const patient = ask('patient');
  await overdue;
  await delay(10);
  assert.deepEqual([...done], ['overdue']);
  held = false;
  await patient;
  assert.deepEqual(done, ['overdue', 'patient']);
});
