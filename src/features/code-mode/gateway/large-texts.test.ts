import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { LargeTexts } from './large-texts.ts';

/** A kilobyte in a millisecond, two at once after a rest, and nobody waits longer than 10 ms; time stands still. */
function textsOf(context: TestContext) {
  context.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const texts = new LargeTexts({
    largeBytes: 100,
    bytesPerSecond: 1_000_000,
    burstBytes: 2000,
    patienceMs: 10,
    now: () => Date.now(),
  });
  const passed: string[] = [];
  return {
    texts,
    ask: (name: string, bytes: number): void => void texts.turn(bytes).then(() => passed.push(name)),
    /** Those that have passed after that many ms more, in the order in which they did. */
    async after(ms: number): Promise<string[]> {
      for (let tick = 0; tick < ms; tick++) {
        context.mock.timers.tick(1);
        await turnOfTheLoop();
      }
      await turnOfTheLoop();
      return [...passed];
    },
  };
}

describe('large texts', () => {
  test('pass at once up to a burst, and then at a steady rate, first come first served', async (context) => {
    const { ask, after } = textsOf(context);
    for (const name of ['a', 'b', 'c', 'd']) ask(name, 2000);
    assert.deepEqual(await after(0), ['a', 'b']);
    assert.deepEqual(await after(1), ['a', 'b']);
    assert.deepEqual(await after(1), ['a', 'b', 'c']);
    assert.deepEqual(await after(1), ['a', 'b', 'c']);
    assert.deepEqual(await after(1), ['a', 'b', 'c', 'd']);
  });

  test('have their burst again after a rest', async (context) => {
    const { ask, after } = textsOf(context);
    ask('a', 4000);
    ask('b', 1000);
    assert.deepEqual(await after(100), ['a', 'b']);
    for (const name of ['c', 'd', 'e']) ask(name, 2000);
    assert.deepEqual(await after(0), ['a', 'b', 'c', 'd']);
    assert.deepEqual(await after(2), ['a', 'b', 'c', 'd', 'e']);
  });

  test('are overtaken by small ones, which do not count', async (context) => {
    const { ask, after } = textsOf(context);
    ask('large', 4000);
    ask('next', 4000);
    for (let number = 0; number < 100; number++) ask('small', 99);
    assert.equal((await after(0)).length, 101);
    assert.equal((await after(2)).at(-1), 'next');
  });

  test('wait for a limited time, however many there are', async (context) => {
    const { ask, after } = textsOf(context);
    for (let number = 0; number < 100; number++) ask('large', 2000);
    assert.ok((await after(9)).length < 10);
    assert.equal((await after(1)).length, 100);
    // And those that follow have no debts to pay but that of the burst.
    ask('next', 2000);
    assert.equal((await after(10)).length, 101);
  });

  test('are counted while they wait', async (context) => {
    const { texts, ask, after } = textsOf(context);
    ask('passes', 5000);
    assert.equal(texts.waitingBytes, 0);
    ask('waits', 3000);
    ask('waits too', 100);
    assert.equal(texts.waitingBytes, 3100);
    await after(3);
    assert.equal(texts.waitingBytes, 100);
  });
});
