import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { atOnce } from '../eval/pieces.ts';
import { Thread } from '../eval/thread.ts';
import { placesByNumber, sortNumbers, sortPlaces } from './stable-sort.ts';

// The same texts in each run; FUZZ_SEED looks at others.
fc.configureGlobal({ seed: Number(process.env['FUZZ_SEED'] ?? 20_261_122) });

const thread = new Thread();

function byNumber(keys: readonly number[], sign: number): readonly number[] | undefined {
  return atOnce(placesByNumber(thread, keys, sign));
}

/** @param most see {@link sortPlaces}: few make it merge what is short */
function byText(keys: readonly string[], sign: number, most?: number): readonly number[] {
  return atOnce(sortPlaces(thread, keys, (x, y) => (sign > 0 ? x <= y : x >= y), most));
}

/** What JavaScript's own sort, which is stable, makes of the same keys. */
function expected<Key extends number | string>(keys: readonly Key[], sign: number): number[] {
  const compare = (a: Key, b: Key): number => sign * (a < b ? -1 : a > b ? 1 : 0);
  return Array.from(keys.keys()).sort((i, j) => compare(keys[i]!, keys[j]!));
}

const sign = fc.constantFrom(1, -1);
const numbers = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.maxSafeInteger());
const texts = fc.oneof(fc.constantFrom('', 'a', 'b', 'ab'), fc.string({ unit: 'binary', maxLength: 3 }));

describe('sorting by keys', () => {
  test('puts numbers in order, equal ones in the order they came in, forwards and backwards', () => {
    fc.assert(
      fc.property(fc.array(numbers, { maxLength: 60 }), sign, (keys, way) => {
        const places = byNumber(keys, way);
        if (places !== undefined) assert.deepEqual(places, expected(keys, way));
      }),
      { numRuns: 500 },
    );
  });

  test('puts texts in the order of their units, equal ones in the order they came in', () => {
    fc.assert(
      fc.property(fc.array(texts, { maxLength: 60 }), sign, (keys, way) => {
        assert.deepEqual(byText(keys, way), expected(keys, way));
        assert.deepEqual(byText(keys, way, 3), expected(keys, way));
      }),
      { numRuns: 500 },
    );
  });

  test('leaves numbers that are too far apart to be sorted with their places', () => {
    const { MAX_SAFE_INTEGER: most } = Number;
    assert.equal(byNumber([most, 0, -most, most, 0], 1), undefined);
    assert.deepEqual(byNumber([], 1), []);
  });

  test('merges the runs of many keys, however they come', () => {
    const keys = Array.from({ length: 20_011 }, (_, i) => (i * 7919) % 1009);
    for (const way of [1, -1]) {
      assert.deepEqual(byNumber(keys, way), expected(keys, way));
      assert.deepEqual(byText(keys.map(String), way), expected(keys.map(String), way));
    }
    const numbersAlone = Float64Array.from(keys);
    atOnce(sortNumbers(thread, numbersAlone));
    assert.deepEqual(numbersAlone, Float64Array.from(keys).sort());
  });
});
