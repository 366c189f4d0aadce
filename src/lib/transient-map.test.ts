import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectGarbage } from '../../test/support/memory.ts';
import { TransientMap } from './transient-map.ts';
import { TransientSet } from './transient-set.ts';

test('it is a map in the order of arrival', () => {
  const map = new TransientMap<string | number, string>();
  map.set('a', 'first');
  map.set(1, 'second');
  map.set('a', 'first again');
  assert.deepEqual([...map.keys()], ['a', 1]);
  assert.deepEqual([...map.values()], ['first again', 'second']);
  assert.equal(map.get('1'), undefined);
  assert.equal(map.delete('1'), false);
  assert.equal(map.delete('a'), true);
  assert.equal(map.has('a'), false);
  assert.equal(map.size, 1);
  map.clear();
  assert.deepEqual([...map.values()], []);
});

test('members of a set are known by what adding them returned', () => {
  const set = new TransientSet<string>();
  const first = set.add('x');
  const second = set.add('x');
  assert.equal(set.delete(first), true);
  assert.equal(set.delete(first), false);
  assert.deepEqual([...set], ['x']);
  assert.equal(set.delete(second), true);
  assert.equal(set.size, 0);
});

test('an entry that is deleted while others are looked at is not seen', () => {
  const map = new TransientMap<number, number>();
  for (const key of [1, 2, 3]) map.set(key, key);
  const seen: number[] = [];
  for (const value of map.values()) {
    seen.push(value);
    map.delete(value);
    map.delete(2);
  }
  assert.deepEqual(seen, [1, 3]);
});

test('collections of the young generation free what has passed through an old map', () => {
  const map = new TransientMap<number, number[]>();
  let next = 0;
  const pass = (): void => {
    map.set(
      ++next,
      Array.from({ length: 1_000 }, () => next + 0.5),
    );
    map.delete(next - 16);
  };
  for (let turn = 0; turn < 20; turn++) pass();
  // Its table is old from here on.
  for (let turn = 0; turn < 3; turn++) collectGarbage({ type: 'minor' });
  const before = process.memoryUsage().heapUsed;
  // A tenth of the entries, 8 KB each, would be 8 MB.
  for (let turn = 0; turn < 10_000; turn++) pass();
  collectGarbage({ type: 'minor' });
  collectGarbage({ type: 'minor' });
  const grown = process.memoryUsage().heapUsed - before;
  assert.ok(grown < 4 * 2 ** 20, `${grown} bytes are still held`);
});
