/**
 * Integers. An `int` is a JavaScript `number` while it is a safe integer and a `bigint` beyond; every function here
 * returns that one canonical form, and never the number -0 (which would show through as -0.0 in a float).
 */
import { StarlarkError } from '../errors.ts';
import type { Thread } from '../eval/thread.ts';
import type { Meter } from './meter.ts';

export type Int = number | bigint;

const maxSafe = Number.MAX_SAFE_INTEGER;
const bigMaxSafe = BigInt(maxSafe);
const bigMinSafe = -bigMaxSafe;
/**
 * No int is larger, whatever the host allows: nothing can interrupt an operation on one, and up to here each takes a
 * tenth of a second at most. In decimal it is 315,652 digits.
 */
export const maxIntBits: number = 1 << 20;

/** Brings a bigint into canonical form. */
export function toInt(x: bigint): Int {
  return x <= bigMaxSafe && x >= bigMinSafe ? Number(x) : x;
}

/** True when `x` is the canonical form of an int (any number is: floats are objects). */
export function isInt(x: unknown): x is Int {
  return typeof x === 'number' || typeof x === 'bigint';
}

/**
 * An upper bound of the number of bits in the magnitude of `x`: the next power of two up to 64 K bits, exact to 64 bits
 * beyond. Comparing with a bound looks at lengths alone, so up to 64 K this takes no time that grows with `x`.
 */
export function bitLength(x: Int): number {
  if (typeof x === 'number') return 64;
  return boundedBits(x) ?? countBits(x);
}

/** The least size in the table that `x` fits in; undefined for what is larger. */
function boundedBits(x: bigint): number | undefined {
  const isNegative = x < 0n;
  for (const { bits, low, high } of sizeBounds) if (isNegative ? x > low : x < high) return bits;
  return undefined;
}

/** Halves a large int until 64 bits or fewer are left. */
function countBits(x: bigint): number {
  let rest = x < 0n ? -x : x;
  let step = largestBound;
  while (rest >> BigInt(2 * step) > 0n) step *= 2;
  let bits = 64;
  for (; step >= 64; step /= 2) {
    const high = rest >> BigInt(step);
    if (high === 0n) continue;
    rest = high;
    bits += step;
  }
  return bits;
}

/** What comparing two ints takes, in elements, without looking at what they are: for what compares many. */
export function payComparison(meter: Meter, x: Int, y: Int): void {
  if (typeof x === 'number' || typeof y === 'number') return;
  const bits = boundedBits(x) ?? maxIntBits;
  if (bits > 1024) meter.work(bits >>> 9);
}

/** The largest size that has a bound in the table. */
const largestBound = 65_536;

const sizeBounds: readonly { bits: number; low: bigint; high: bigint }[] = Array.from(
  { length: 11 },
  (_, i) => {
    const bits = 64 << i;
    const high = 1n << BigInt(bits);
    return { bits, low: -high, high };
  },
);

/** Operations on two of these are within a step's room and time. */
function isShort(x: Int): boolean {
  return typeof x === 'number' || isShortInt(x);
}

/** Whether anything done with `x` alone is within a step's room and time. */
export function isShortInt(x: bigint): boolean {
  return x < shortLimit && x > negativeShortLimit;
}

const shortLimit = 1n << 128n;
const negativeShortLimit = -shortLimit;

/** An int as a message shows it: not digit by digit where that would take long. */
export function shownInt(x: Int): string {
  return isShort(x) ? String(x) : `an int of ${bitLength(x)} bits`;
}

/** Asks the thread for the room and the time that a result of `bits` bits takes; small ones are within a step's. */
function reserve(thread: Thread, bits: number): void {
  if (bits > 256) {
    assertIntBits(bits);
    thread.charge(16 + Math.ceil(bits / 8));
    thread.work(Math.ceil(bits / 64));
  }
}

/** @throws StarlarkError 'memory_limit' for more bits than an int may have */
export function assertIntBits(bits: number): void {
  if (bits <= maxIntBits) return;
  throw new StarlarkError(
    'memory_limit',
    `an int of ${bits} bits is too large: an int may have ${maxIntBits} bits at most`,
  );
}

export function addInt(thread: Thread, x: Int, y: Int): Int {
  if (typeof x === 'number' && typeof y === 'number') {
    const sum = x + y;
    // A sum or product that is rounded beyond the safe integers lies beyond them.
    return sum <= maxSafe && sum >= -maxSafe ? sum : BigInt(x) + BigInt(y);
  }
  if (!isShort(x) || !isShort(y)) {
    reserve(thread, Math.max(bitLength(x), bitLength(y)) + 1);
  }
  return toInt(BigInt(x) + BigInt(y));
}

export function subtractInt(thread: Thread, x: Int, y: Int): Int {
  if (typeof x === 'number' && typeof y === 'number') {
    const difference = x - y;
    return difference <= maxSafe && difference >= -maxSafe ? difference : BigInt(x) - BigInt(y);
  }
  if (!isShort(x) || !isShort(y)) {
    reserve(thread, Math.max(bitLength(x), bitLength(y)) + 1);
  }
  return toInt(BigInt(x) - BigInt(y));
}

export function multiplyInt(thread: Thread, x: Int, y: Int): Int {
  if (typeof x === 'number' && typeof y === 'number') {
    const product = x * y;
    return product <= maxSafe && product >= -maxSafe ? product + 0 : BigInt(x) * BigInt(y);
  }
  if (!isShort(x) || !isShort(y)) {
    const xBits = bitLength(x);
    const yBits = bitLength(y);
    reserve(thread, xBits + yBits);
    workProduct(thread, xBits, yBits);
  }
  return toInt(BigInt(x) * BigInt(y));
}

/** Multiplication and division of large operands take longer than their size says. */
function workProduct(thread: Thread, xBits: number, yBits: number): void {
  const small = Math.min(xBits, yBits);
  if (small > 1024) thread.work(Math.ceil((Math.max(xBits, yBits) / 64) * Math.sqrt(small / 64)));
}

/** `x // y`, rounding towards minus infinity. */
export function floorDivideInt(thread: Thread, x: Int, y: Int): Int {
  if (y === 0) throw new StarlarkError('zero_division', 'floored division by zero');
  // The quotient of safe integers lies further from the next integer than half a unit in its last place,
  // so the rounded quotient never crosses an integer and its floor is exact.
  if (typeof x === 'number' && typeof y === 'number') return Math.floor(x / y) + 0;
  const [bigX, bigY] = divisionOperands(thread, x, y);
  const quotient = bigX / bigY;
  const exact = quotient * bigY === bigX;
  return toInt(!exact && bigX < 0n !== bigY < 0n ? quotient - 1n : quotient);
}

/** `x % y`: the sign is that of `y`. */
export function moduloInt(thread: Thread, x: Int, y: Int): Int {
  if (y === 0) throw new StarlarkError('zero_division', 'integer modulo by zero');
  if (typeof y === 'number') {
    const remainder = typeof x === 'number' ? x % y : Number(remainderOf(thread, x, y));
    return (remainder !== 0 && remainder < 0 !== y < 0 ? remainder + y : remainder) + 0;
  }
  const [bigX, bigY] = divisionOperands(thread, x, y);
  const remainder = bigX % bigY;
  return toInt(remainder !== 0n && remainder < 0n !== bigY < 0n ? remainder + bigY : remainder);
}

/** What is left of a large int; as small as what it is divided by. */
function remainderOf(thread: Thread, x: bigint, y: number): bigint {
  const [bigX, bigY] = divisionOperands(thread, x, y);
  return bigX % bigY;
}

function divisionOperands(thread: Thread, x: Int, y: Int): [bigint, bigint] {
  if (isShort(x) && isShort(y)) return [BigInt(x), BigInt(y)];
  const xBits = bitLength(x);
  const yBits = bitLength(y);
  reserve(thread, xBits);
  workProduct(thread, xBits, yBits);
  return [BigInt(x), BigInt(y)];
}

export function negateInt(x: Int): Int {
  return typeof x === 'number' ? 0 - x : toInt(-x);
}

/** `~x`, that is `-(x + 1)`. */
export function invertInt(x: Int): Int {
  return typeof x === 'number' && x < maxSafe ? -1 - x : toInt(~BigInt(x));
}

export function andInt(thread: Thread, x: Int, y: Int): Int {
  if (isInt32(x) && isInt32(y)) return x & y;
  if (!isShort(x) || !isShort(y)) reserve(thread, Math.max(bitLength(x), bitLength(y)));
  return toInt(BigInt(x) & BigInt(y));
}

export function orInt(thread: Thread, x: Int, y: Int): Int {
  if (isInt32(x) && isInt32(y)) return x | y;
  if (!isShort(x) || !isShort(y)) reserve(thread, Math.max(bitLength(x), bitLength(y)));
  return toInt(BigInt(x) | BigInt(y));
}

export function xorInt(thread: Thread, x: Int, y: Int): Int {
  if (isInt32(x) && isInt32(y)) return x ^ y;
  if (!isShort(x) || !isShort(y)) reserve(thread, Math.max(bitLength(x), bitLength(y)));
  return toInt(BigInt(x) ^ BigInt(y));
}

function isInt32(x: Int): x is number {
  return typeof x === 'number' && x === (x | 0);
}

/** `x << y`; a negative count is an error. */
export function shiftLeft(thread: Thread, x: Int, y: Int): Int {
  if (y < 0) throw new StarlarkError('value', `negative shift count: ${shownInt(y)}`);
  if (x === 0) return 0;
  if (typeof y === 'bigint') throw new StarlarkError('memory_limit', `shift count too large: ${shownInt(y)}`);
  if (typeof x === 'number' && y < 64) {
    const shifted = x * 2 ** y;
    if (shifted <= maxSafe && shifted >= -maxSafe) return shifted;
  }
  reserve(thread, bitLength(x) + y);
  return toInt(BigInt(x) << BigInt(y));
}

/** `x >> y`, which fills with the sign bit; a negative count is an error. */
export function shiftRight(thread: Thread, x: Int, y: Int): Int {
  if (y < 0) throw new StarlarkError('value', `negative shift count: ${shownInt(y)}`);
  if (typeof y === 'bigint' || y > maxIntBits) return x < 0 ? -1 : 0;
  if (typeof x === 'number') return y > 53 ? (x < 0 ? -1 : 0) : Math.floor(x / 2 ** y);
  if (!isShort(x)) reserve(thread, bitLength(x));
  return toInt(x >> BigInt(y));
}

/**
 * Three-way order of two ints, or of an int and the number inside a float: exact, however large the int.
 * NaN is greater than everything.
 */
export function compareNumbers(x: Int, y: Int): number {
  if (x < y) return -1;
  if (x > y) return 1;
  // `==` between a bigint and a number is mathematical equality.
  // oxlint-disable-next-line eqeqeq
  if (x == y) return 0;
  const xIsNaN = Number.isNaN(x);
  return xIsNaN === Number.isNaN(y) ? 0 : xIsNaN ? 1 : -1;
}
