/** The programs of test/starlark/order, far more of them; ORDER_SEED begins elsewhere than the run before did. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareMany } from '../starlark/order/order.ts';

test('100,000 programs are evaluated from left to right, whether or not they wait', async () => {
  const count = 100_000;
  const { ended } = await compareMany(Number(process.env['ORDER_SEED'] ?? 1_000_000), count);
  assert.ok(ended > count / 2, `only ${ended} of ${count} programs ended with a value`);
});
