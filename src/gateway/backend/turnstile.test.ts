import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turnstile } from './turnstile.ts';

test('so many are inside at once, and the others follow in their order, also after one has failed', async () => {
  const turnstile = new Turnstile(2);
  const seen: string[] = [];
  let inside = 0;
  let most = 0;
  const visit = (name: string): Promise<void> =>
    turnstile.pass(async () => {
      most = Math.max(most, ++inside);
      seen.push(name);
      await new Promise((resolve) => setTimeout(resolve, 1));
      inside -= 1;
      if (name === 'b') throw new Error('b fails');
    });
  const outcomes = await Promise.allSettled(['a', 'b', 'c', 'd', 'e'].map(visit));
  assert.deepEqual(seen, ['a', 'b', 'c', 'd', 'e']);
  assert.deepEqual(
    outcomes.map(({ status }) => status === 'fulfilled'),
    [true, false, true, true, true],
  );
  assert.equal(most, 2);
});
