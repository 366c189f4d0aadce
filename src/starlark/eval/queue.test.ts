import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryObjects } from 'node:v8';
import { Queue } from './queue.ts';

test('what came first is taken first, but for what was put back', () => {
  const queue = new Queue<number>();
  const expected: number[] = [];
  for (let i = 0; i < 1000; i++) {
    queue.push(i);
    expected.push(i);
    if (i % 3 !== 0) assert.equal(queue.take(), expected.shift());
    if (i % 7 === 0) {
      queue.putBack(-i);
      expected.unshift(-i);
    }
    assert.equal(queue.length, expected.length);
  }
  while (queue.length > 0) assert.equal(queue.take(), expected.shift());
  assert.equal(queue.take(), undefined);
});

test('it keeps nothing that was taken', () => {
  class Item {}
  const queue = new Queue<Item>();
  for (let i = 0; i < 40; i++) queue.push(new Item());
  for (let i = 0; i < 10; i++) queue.take();
  assert.equal(queryObjects(Item, { format: 'count' }), 30);
  while (queue.length > 0) queue.take();
  assert.equal(queryObjects(Item, { format: 'count' }), 0);
});
