import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Once } from './once.ts';

test('what can be taken once is given once', () => {
  const value = {};
  const once = new Once(value);
  assert.equal(once.take(), value);
  assert.throws(() => once.take(), /taken before/u);
});
