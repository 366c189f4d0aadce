import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { growthOf } from './growth.ts';

describe('a share has', () => {
  const cases: [
    first: [share: number | null, of: number],
    second: [share: number | null, of: number],
    trend: string | null,
  ][] = [
    [[0.21, 5000], [0.22, 5000], 'same'],
    [[0.21, 5_000_000], [0.22, 5_000_000], 'same'],
    [[0.21, 5000], [0.2, 5000], 'same'],
    [[0.21, 20_000], [0.25, 20_000], 'grown'],
    [[0.25, 20_000], [0.21, 20_000], 'fallen'],
    // Few calls: the same difference may be chance.
    [[0.21, 200], [0.25, 200], 'same'],
    [[0.2, 10], [0.6, 10], 'same'],
    // A small share that doubles, over many calls.
    [[0.005, 100_000], [0.01, 100_000], 'grown'],
    [[0.005, 1000], [0.01, 1000], 'same'],
    [[0, 1000], [0.5, 1000], 'grown'],
    [[0, 10], [0, 10], 'same'],
    [[1, 10], [1, 10], 'same'],
    [[null, 0], [0.5, 10], null],
    [[0.5, 10], [null, 0], null],
  ];
  for (const [[before, ofBefore], [after, ofAfter], trend] of cases) {
    test(`${before} of ${ofBefore}, then ${after} of ${ofAfter}: ${trend ?? 'nothing to compare'}`, () => {
      const growth = growthOf({ share: before, of: ofBefore }, { share: after, of: ofAfter });
      assert.equal(growth.trend, trend);
    });
  }
});
