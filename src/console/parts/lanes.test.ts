import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lanesOf } from './lanes.ts';

test('calls that run at the same time stand in lanes of their own, and one after another in the same', () => {
  const spans = [
    { at: 0, durationMs: 10 },
    { at: 5, durationMs: 10 },
    { at: 10, durationMs: 10 },
    { at: 12, durationMs: 10 },
  ];
  assert.deepEqual(lanesOf(spans), [0, 1, 0, 2]);
});
