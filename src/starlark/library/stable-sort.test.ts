import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { placesByNumber, placesByText } from './stable-sort.ts';

// The same texts in each run; FUZZ_SEED looks at others.
fc.configureGlobal({ seed: Number(process.env['FUZZ_SEED'] ?? 20_261_122) });

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
        assert.deepEqual(placesByNumber(keys, way), expected(keys, way));
      }),
      { numRuns: 500 },
    );
  });

  test('puts texts in the order of their units, equal ones in the order they came in', () => {
    fc.assert(
      fc.property(fc.array(texts, { maxLength: 60 }), sign, (keys, way) => {
        assert.deepEqual(placesByText(keys, way), expected(keys, way));
      }),
      { numRuns: 500 },
    );
  });

  test('takes numbers that are too far apart to be sorted with their places', () => {
    const { MAX_SAFE_INTEGER: most } = Number;
    assert.deepEqual(placesByNumber([most, 0, -most, most, 0], 1), [2, 1, 4, 0, 3]);
    assert.deepEqual(placesByNumber([most, 0, -most, most, 0], -1), [0, 3, 1, 4, 2]);
    assert.deepEqual(placesByNumber([], 1), []);
  });
});
