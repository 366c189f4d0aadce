import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StarlarkError } from '../errors.ts';
import { encode } from '../library/json/encode.ts';
import { Thread } from '../eval/thread.ts';
import { Bytes } from './bytes.ts';
import { Dict } from './dict.ts';
import { equals } from './equals.ts';
import { StarlarkFloat } from './float.ts';
import { freeze } from './iterate.ts';
import { BigKey } from './keys.ts';
import { List } from './list.ts';
import { StarlarkSet } from './set.ts';
import { heldBytes } from './size.ts';
import { Tuple } from './tuple.ts';
import type { Value } from './value.ts';

const thread = new Thread();

function dictOf(...entries: [Value, Value][]): Dict {
  const dict = new Dict();
  for (const [key, value] of entries) dict.set(thread, key, value);
  return dict;
}

describe('dict keys', () => {
  const pairs: [string, Value, Value][] = [
    ['an int and the float it equals', 1, new StarlarkFloat(1)],
    ['a large int and the float it equals', 1n << 60n, new StarlarkFloat(2 ** 60)],
    ['0.0 and -0.0', new StarlarkFloat(0), new StarlarkFloat(-0)],
    ['NaN and NaN', new StarlarkFloat(Number.NaN), new StarlarkFloat(Number.NaN)],
    [
      'equal tuples',
      new Tuple([1, 'a', new Tuple([])]),
      new Tuple([new StarlarkFloat(1), 'a', new Tuple([])]),
    ],
    ['equal bytes', new Bytes(Uint8Array.of(1, 2)), new Bytes(Uint8Array.of(1, 2))],
    ['tuples of equal large ints', new Tuple([1n << 90n]), new Tuple([new StarlarkFloat(2 ** 90)])],
  ];
  for (const [what, x, y] of pairs) {
    test(`${what} are one key`, () => {
      const dict = dictOf([x, 'x'], [y, 'y']);
      assert.equal(dict.size, 1);
      assert.equal(dict.get(x), 'y');
      assert.deepEqual(dict.keys(), [x]);
      assert.equal(dict.delete(y), 'y');
      assert.equal(dict.has(x), false);
    });
  }

  test('large ints that agree in their low digits are told apart by their hash', () => {
    const hashes = new Set<number>();
    for (let i = 1n; i <= 10_000n; i++)
      for (const bits of [64n, 128n, 1000n]) hashes.add(new BigKey(i << bits).hash);
    assert.ok(hashes.size > 29_900, `${hashes.size} of 30000`);
  });

  test('large ints come out as they went in, and are equal to those of other dicts', () => {
    const large = [1n << 64n, 1n << 65n, -(1n << 64n), 2n ** 53n, new StarlarkFloat(2 ** 70)];
    const dict = dictOf(...large.map((key, at): [Value, Value] => [key, at]));
    assert.deepEqual(dict.keys(), large);
    assert.equal(dict.get(2n ** 70n), 4);
    assert.ok(equals(thread, dict, dictOf(...large.map((key, at): [Value, Value] => [key, at]).reverse())));
    assert.equal(dict.delete(1n << 64n), 0);
    assert.deepEqual(dict.keys(), large.slice(1));
    const seen: Value[] = [];
    dict.forEach((key) => seen.push(key));
    assert.deepEqual(seen, large.slice(1));
    assert.throws(() => encode(thread, dict), /dict has int key, want string/);
    const set = new StarlarkSet();
    for (const key of [...large, ...large]) set.add(thread, key);
    assert.deepEqual(set.toArray(), large);
    assert.ok(set.delete(2n ** 70n, thread));
    assert.ok(!set.has(large[4]!, thread));
    assert.ok(set.has(1n << 65n, thread));
  });

  test('the first entry is taken again and again, whatever comes and goes meanwhile', () => {
    const dict = dictOf([1, 'a'], [2n ** 60n, 'b'], [3, 'c'], [4, 'd']);
    assert.deepEqual(dict.takeFirst(thread), [1, 'a']);
    dict.delete(3);
    dict.set(thread, 1, 'again');
    assert.deepEqual(dict.takeFirst(thread), [2n ** 60n, 'b']);
    assert.deepEqual(dict.takeFirst(thread), [4, 'd']);
    assert.deepEqual(dict.takeFirst(thread), [1, 'again']);
    assert.equal(dict.takeFirst(thread), undefined);
    dict.set(thread, 5, 'e');
    assert.deepEqual(dict.takeFirst(thread), [5, 'e']);
    dict.set(thread, 6, 'f');
    dict.clear();
    dict.set(thread, 7, 'g');
    assert.deepEqual(dict.takeFirst(thread), [7, 'g']);
    const set = new StarlarkSet();
    for (const value of [1, 2, 3]) set.add(thread, value);
    assert.equal(set.takeFirst(thread), 1);
    set.delete(2, thread);
    set.add(thread, 1);
    assert.equal(set.takeFirst(thread), 3);
    assert.equal(set.takeFirst(thread), 1);
    assert.equal(set.takeFirst(thread), undefined);
  });

  test('a key that was removed can come again, at the end', () => {
    const key = new Tuple([1]);
    const dict = dictOf([key, 1], ['b', 2]);
    dict.delete(key);
    dict.set(thread, new Tuple([1]), 3);
    assert.equal(dict.get(key), 3);
    assert.equal(dict.keys()[0], 'b');
  });

  test('lists, dicts and sets are no keys, nor are tuples that hold one', () => {
    for (const key of [new List([]), new Dict(), new StarlarkSet(), new Tuple([new List([])])]) {
      assert.throws(() => new Dict().get(key), /unhashable type/);
      assert.throws(() => dictOf([key, 1]), /unhashable type/);
    }
  });

  test('keys made to have the same hash are refused before they make look-ups slow', () => {
    const dict = new Dict();
    // Elements that differ in the middle of a long text have one hash.
    const key = (i: number): Value =>
      new Tuple([`${'a'.repeat(1000)}${String(i).padStart(5, '0')}${'b'.repeat(3000)}`]);
    const addMany = (): void => {
      for (let i = 0; i < 100_000; i++) dict.set(thread, key(i), i);
    };
    assert.throws(addMany, /too many dict keys with the same hash/);
    assert.ok(dict.size >= 1000);
  });

  test('a tuple with more parts than any sound key is refused, in however few objects', () => {
    const nest = (): Tuple => {
      let tuple = new Tuple([1]);
      for (let i = 0; i < 60; i++) tuple = new Tuple([tuple, tuple]);
      return tuple;
    };
    const dict = dictOf([nest(), 1]);
    assert.throws(() => dict.get(nest()), /too many parts/);
  });
});

describe('what a dict takes', () => {
  test('is charged entry by entry, and not for replacing', () => {
    let charged = 0;
    const meter = {
      charge: (bytes: number): void => void (charged += bytes),
      work: (): void => undefined,
      make: (): void => undefined,
      grow: (): void => undefined,
    };
    const dict = new Dict();
    dict.set(meter, 'a', 1);
    dict.set(meter, 'a', 2);
    dict.set(meter, 'b', 1);
    assert.equal(charged, 128);
    assert.equal(heldBytes(dict), 48 + 128);
  });
});

describe('looking up', () => {
  const long = 'a'.repeat(1_000_000);
  const keys: [string, Value][] = [
    ['a long text', long],
    ['a tuple of long texts', new Tuple([1, long])],
    ['a large int', 1n << 1_000_000n],
  ];
  for (const [what, key] of keys) {
    test(`${what} is paid for by its length, one way or another`, () => {
      let worked = 0;
      const meter = {
        charge: (): void => undefined,
        work: (elements: number): void => void (worked += elements),
        make: (): void => undefined,
        grow: (): void => undefined,
      };
      const dict = dictOf([key instanceof Tuple ? new Tuple([...key.elems]) : key, 1]);
      const set = new StarlarkSet();
      set.add(thread, key instanceof Tuple ? new Tuple([...key.elems]) : key);
      for (const look of [
        (): unknown => dict.get(key, meter),
        (): unknown => dict.has(key, meter),
        (): unknown => dict.set(meter, key, 2),
        (): unknown => set.has(key, meter),
        (): unknown => set.add(meter, key),
        (): unknown => dict.delete(key, meter),
        (): unknown => set.delete(key, meter),
      ]) {
        worked = 0;
        look();
        assert.ok(worked >= 1_000_000 >>> 6, `${look.toString()} counted ${worked}`);
      }
    });
  }
});

describe('freezing', () => {
  test('reaches everything that a value holds, cycles included', () => {
    const inner = new List([1]);
    const dict = dictOf(['list', new Tuple([inner])]);
    inner.elems.push(dict);
    freeze(dict);
    const frozen = (error: unknown): boolean => error instanceof StarlarkError && error.code === 'frozen';
    assert.throws(() => inner.append(thread, 2), frozen);
    assert.throws(() => dict.set(thread, 'k', 1), frozen);
    assert.throws(() => dict.clear(), /cannot clear frozen hash table/);
  });

  test('does not overflow the stack on deep values', () => {
    let deep = new List([]);
    for (let i = 0; i < 100_000; i++) deep = new List([deep]);
    freeze(deep);
    assert.throws(() => deep.append(thread, 1), /frozen/);
  });
});
