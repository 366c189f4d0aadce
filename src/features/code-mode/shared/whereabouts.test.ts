import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAfter, isRun, Whereabouts } from './whereabouts.ts';

test('what one thread notes another reads from the same memory', () => {
  const noted = new Whereabouts();
  const read = new Whereabouts(noted.cells);
  assert.deepEqual(read.read(), { holder: 0, begun: 0, beat: 0 });
  noted.begins(8);
  noted.holds(7);
  noted.answers(9);
  assert.deepEqual(read.read(), { holder: 7, begun: 8, beat: 9 });
});

test('runs are told apart and put in order also when their numbers outgrow 32 bits', () => {
  for (const last of [8, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40]) {
    const whereabouts = new Whereabouts();
    whereabouts.begins(last);
    const { begun } = whereabouts.read();
    assert.deepEqual([isRun(begun, last), isRun(begun, last + 1)], [true, false], `${last}`);
    assert.deepEqual([isAfter(begun, last), isAfter(begun, last + 1)], [false, true], `${last}`);
    assert.equal(isAfter(begun, last - 1), false);
  }
});
