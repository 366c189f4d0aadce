import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CircuitBreaker } from './circuit-breaker.ts';

function make() {
  const clock = { now: 0 };
  const breaker = new CircuitBreaker({ failureThreshold: 2, timeoutMs: 100, now: () => clock.now });
  return { clock, breaker };
}

test('failures in a row open the circuit, a success in between starts the count anew', () => {
  const { breaker } = make();
  breaker.failed();
  breaker.succeeded();
  breaker.failed();
  assert.equal(breaker.tryPass(), true);
  breaker.failed();
  assert.equal(breaker.state, 'open');
  assert.equal(breaker.tryPass(), false);
});

test('after its time an open circuit lets one trial through, and no other until that is decided', () => {
  const { breaker, clock } = make();
  breaker.failed();
  breaker.failed();
  clock.now = 100;
  assert.deepEqual([breaker.tryPass(), breaker.state, breaker.tryPass()], [true, 'half-open', false]);
  breaker.succeeded();
  assert.deepEqual([breaker.state, breaker.tryPass()], ['closed', true]);
});

test('a failed trial opens the circuit for its whole time again, a cancelled one leaves the trial to the next', () => {
  const { breaker, clock } = make();
  breaker.failed();
  breaker.failed();
  clock.now = 100;
  breaker.tryPass();
  breaker.failed();
  clock.now = 150;
  assert.equal(breaker.tryPass(), false);
  clock.now = 200;
  assert.equal(breaker.tryPass(), true);
  breaker.undecided();
  assert.equal(breaker.tryPass(), true);
});

test('it tells when it opens and when it is closed again, once each', () => {
  const clock = { now: 0 };
  const turned: string[] = [];
  const breaker = new CircuitBreaker({
    failureThreshold: 1,
    timeoutMs: 100,
    now: () => clock.now,
    onTurned: (state) => turned.push(state),
  });
  breaker.succeeded();
  breaker.failed();
  breaker.failed();
  clock.now = 100;
  breaker.tryPass();
  breaker.failed();
  clock.now = 200;
  breaker.tryPass();
  breaker.succeeded();
  breaker.succeeded();
  assert.deepEqual(turned, ['open', 'closed']);
});
