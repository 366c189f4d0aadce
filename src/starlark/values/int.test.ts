import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { StarlarkError } from '../errors.ts';
import { Thread } from '../eval/thread.ts';
import * as int from './int.ts';
import * as digits from './int-digits.ts';

// The same texts in each run; FUZZ_SEED looks at others.
fc.configureGlobal({ seed: Number(process.env['FUZZ_SEED'] ?? 20_261_122) });

const thread = new Thread();
/** Ints of all sizes, in canonical form; many near the bounds where the form changes. */
const anyInt = fc
  .oneof(
    fc.bigInt({ min: -(1n << 80n), max: 1n << 80n }),
    fc.bigInt({ min: -20n, max: 20n }),
    fc.bigInt({ min: (1n << 53n) - 20n, max: (1n << 53n) + 20n }),
    fc.bigInt({ min: -(1n << 53n) - 20n, max: -(1n << 53n) + 20n }),
    fc.bigInt({ min: -(1n << 33n), max: 1n << 33n }),
  )
  .map(int.toInt);

function floorDivide(x: bigint, y: bigint): bigint {
  const quotient = x / y;
  return quotient * y !== x && x < 0n !== y < 0n ? quotient - 1n : quotient;
}

describe('int arithmetic', () => {
  const operations: [string, (x: int.Int, y: int.Int) => int.Int, (x: bigint, y: bigint) => bigint][] = [
    ['+', (x, y) => int.addInt(thread, x, y), (x, y) => x + y],
    ['-', (x, y) => int.subtractInt(thread, x, y), (x, y) => x - y],
    ['*', (x, y) => int.multiplyInt(thread, x, y), (x, y) => x * y],
    ['&', (x, y) => int.andInt(thread, x, y), (x, y) => x & y],
    ['|', (x, y) => int.orInt(thread, x, y), (x, y) => x | y],
    ['^', (x, y) => int.xorInt(thread, x, y), (x, y) => x ^ y],
  ];
  for (const [operator, ours, exact] of operations) {
    test(`x ${operator} y is exact and canonical for ints of every size`, () => {
      fc.assert(
        fc.property(anyInt, anyInt, (x, y) => {
          const expected = int.toInt(exact(BigInt(x), BigInt(y)));
          assert.ok(Object.is(ours(x, y), expected), `${x} ${operator} ${y} gave ${ours(x, y)}`);
        }),
        { numRuns: 2000 },
      );
    });
  }

  test('x // y and x % y agree with floored division, and are never -0', () => {
    fc.assert(
      fc.property(anyInt, anyInt, (x, y) => {
        fc.pre(y !== 0);
        const quotient = floorDivide(BigInt(x), BigInt(y));
        assert.ok(Object.is(int.floorDivideInt(thread, x, y), int.toInt(quotient)));
        assert.ok(Object.is(int.moduloInt(thread, x, y), int.toInt(BigInt(x) - quotient * BigInt(y))));
      }),
      { numRuns: 5000 },
    );
  });

  test('x << n, x >> n and ~x agree with two’s complement', () => {
    fc.assert(
      fc.property(anyInt, fc.integer({ min: 0, max: 130 }), (x, n) => {
        assert.ok(Object.is(int.shiftLeft(thread, x, n), int.toInt(BigInt(x) << BigInt(n))));
        assert.ok(Object.is(int.shiftRight(thread, x, n), int.toInt(BigInt(x) >> BigInt(n))));
        assert.ok(Object.is(int.invertInt(x), int.toInt(~BigInt(x))));
      }),
      { numRuns: 2000 },
    );
  });

  test('comparing an int with a float is exact', () => {
    assert.equal(int.compareNumbers((1n << 53n) + 1n, 2 ** 53), 1);
    assert.equal(int.compareNumbers(1, 1.5), -1);
    assert.equal(int.compareNumbers(1n << 60n, 2 ** 60), 0);
    assert.equal(int.compareNumbers(1n << 1100n, Infinity), -1);
    assert.equal(int.compareNumbers(1n << 1100n, Number.NaN), -1);
    assert.equal(int.compareNumbers(Number.NaN, Number.NaN), 0);
  });
});

describe('reading ints', () => {
  test('what a number is written as, in any base, reads back', () => {
    fc.assert(
      fc.property(anyInt, fc.integer({ min: 2, max: 36 }), (x, base) => {
        assert.ok(Object.is(digits.parseInt(thread, x.toString(base), base), x));
      }),
    );
  });

  const cases: [string, number, int.Int | undefined][] = [
    ['0x1F', 16, 31],
    ['0x1F', 0, 31],
    ['-0b11', 0, -3],
    ['0b0', 16, 176],
    ['0123', 0, undefined],
    ['00', 0, 0],
    ['0x', 16, undefined],
    ['', 10, undefined],
    ['1_000', 10, undefined],
    [' 1', 10, undefined],
    ['--1', 10, undefined],
    ['9'.repeat(30), 10, 10n ** 30n - 1n],
  ];
  for (const [text, base, expected] of cases) {
    test(`int(${JSON.stringify(text)}, ${base}) is ${expected ?? 'refused'}`, () => {
      assert.equal(digits.parseInt(thread, text, base), expected);
    });
  }
});

describe('the room for ints', () => {
  test('a bound of the length is never below it, and near it', () => {
    for (const bits of [1, 52, 54, 100, 1023, 1025, 65535, 65537, 1_000_000]) {
      const bound = int.bitLength(int.toInt((1n << BigInt(bits)) - 1n));
      assert.ok(bound >= bits && bound <= Math.max(64, 2 * bits), `${bits} gave ${bound}`);
    }
  });

  test('a shift that is too large is refused before it is made', () => {
    const small = new Thread({ maxBytes: 1 << 20 });
    const refused = (error: unknown): boolean =>
      error instanceof StarlarkError && error.code === 'memory_limit';
    assert.throws(() => int.shiftLeft(small, 1, 1 << 30), refused);
    assert.throws(() => int.shiftLeft(small, 1, 2 ** 40), refused);
    assert.throws(() => int.shiftLeft(small, 1, 1n << 70n), refused);
  });
});

describe('an int of more than 2^20 bits', () => {
  const large = 1n << 1_048_000n;
  const cases: [string, () => unknown][] = [
    ['a shift', () => int.shiftLeft(thread, 1, 1 << 20)],
    ['a product', () => int.multiplyInt(thread, large, large)],
    ['reading one', () => digits.parseInt(thread, '9'.repeat(400_000), 10)],
  ];
  for (const [what, make] of cases) {
    test(`is refused before it is made, with the bound: ${what}`, () => {
      assert.throws(make, /an int of \d+ bits is too large: an int may have 1048576 bits at most/);
    });
  }

  test('has its size counted to 64 bits', () => {
    for (const bits of [70_000, 131_072, 524_289, 1_048_000, 5_000_000]) {
      const counted = int.bitLength((1n << BigInt(bits)) - 1n);
      assert.ok(counted >= bits && counted <= bits + 64, `${bits} counted as ${counted}`);
      assert.equal(int.bitLength(1n - (1n << BigInt(bits))), counted);
    }
  });
});
