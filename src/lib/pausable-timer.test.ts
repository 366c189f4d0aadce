import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PausableTimer } from './pausable-timer.ts';

test('a held timer does not expire until every hold was let go, and then once', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let expired = 0;
  const timer = new PausableTimer(100, () => expired++);
  const [first, second] = [timer.hold(), timer.hold()];
  t.mock.timers.tick(500);
  first();
  first();
  t.mock.timers.tick(500);
  assert.equal(expired, 0);
  second();
  t.mock.timers.tick(100);
  assert.equal(expired, 1);
});

test('a stopped timer never expires, also when it is let go afterwards', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const timer = new PausableTimer(100, () => assert.fail('expired'));
  const release = timer.hold();
  timer.stop();
  release();
  t.mock.timers.tick(1000);
  assert.ok(timer.heldMs >= 0);
});
