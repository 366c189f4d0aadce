/** How an int is read from digits and written in them. Each pays for its time, which grows faster than the length. */
import type { Thread } from '../eval/thread.ts';
import { scanning } from './costs.ts';
import { assertIntBits, bitLength, isShortInt, negateInt, toInt, type Int } from './int.ts';
import type { Meter } from './meter.ts';

/** The decimal digits of `x`. */
export function intToString(meter: Meter, x: Int): string {
  if (typeof x === 'bigint' && !isShortInt(x)) payDigits(meter, bitLength(x), writing);
  return x.toString();
}

/** The digits of `x` in base 2, 8 or 16. */
export function intToBase(meter: Meter, x: Int, base: 2 | 8 | 16): string {
  if (typeof x === 'bigint' && !isShortInt(x)) {
    const bits = bitLength(x);
    meter.charge(16 + bits);
    meter.work(bits >>> 5);
  }
  return x.toString(base);
}

/** Pays for reading an int of so many decimal digits. @throws StarlarkError as {@link payDigits} */
export function payReading(meter: Meter, digits: number): void {
  payDigits(meter, Math.ceil(digits * Math.log2(10)), reading);
}

/** What writing and reading digits take, beside each other. */
const writing = 6;
const reading = 3;

/** @throws StarlarkError 'memory_limit' for more bits than an int may have */
function payDigits(meter: Meter, bits: number, cost: number): void {
  if (bits <= 1024) return;
  assertIntBits(bits);
  meter.charge(16 + Math.ceil(bits / 3.3));
  meter.work(Math.ceil(cost * (bits / 64) * Math.sqrt(bits / 64)));
}

const prefixes: Readonly<Record<string, number>> = { '0b': 2, '0o': 8, '0x': 16 };

/**
 * Reads an int as `int(text, base)` does: an optional sign, a prefix that agrees with the base, digits; base 0 infers
 * the base from the prefix. Undefined when `text` is no such number.
 */
export function parseInt(thread: Thread, text: string, base: number): Int | undefined {
  thread.work(scanning(text.length));
  const match = /^([+-]?)(0[bBoOxX])?([0-9a-zA-Z]+)$/.exec(text);
  if (match === null) {
    return undefined;
  }
  const [, sign, prefix, rest] = match as unknown as [string, string, string | undefined, string];
  const prefixBase = prefix === undefined ? undefined : prefixes[prefix.toLowerCase()];
  let digits = rest;
  let radix = base;
  if (base === 0) {
    if (prefixBase === undefined && rest.length > 1 && rest.startsWith('0') && /[1-9]/.test(rest))
      return undefined;
    radix = prefixBase ?? 10;
  } else if (prefixBase !== undefined && prefixBase !== base) {
    // In a large base a prefix such as 0b reads as digits: int("0b0", 16) is 176.
    digits = prefix + rest;
  }
  const magnitude = parseDigits(thread, digits, radix);
  if (magnitude === undefined) return undefined;
  return sign === '-' ? negateInt(magnitude) : magnitude;
}

function parseDigits(thread: Thread, digits: string, radix: number): Int | undefined {
  for (let i = 0; i < digits.length; i++) {
    if (digitValue(digits.charCodeAt(i)) >= radix) return undefined;
  }
  if (digits.length * Math.log2(radix) < 53) return Number.parseInt(digits, radix);
  payDigits(thread, Math.ceil(digits.length * Math.log2(radix)), isPowerOfTwo(radix) ? 1 : reading);
  return toInt(bigFromDigits(digits, radix));
}

function isPowerOfTwo(radix: number): boolean {
  return (radix & (radix - 1)) === 0;
}

function digitValue(code: number): number {
  return code <= 57 ? code - 48 : (code | 32) - 87;
}

/** Halves the text until the pieces are short, which keeps long numbers well below quadratic time. */
function bigFromDigits(digits: string, radix: number): bigint {
  if (radix === 10) return BigInt(digits);
  if (radix === 16) return BigInt(`0x${digits}`);
  if (radix === 8) return BigInt(`0o${digits}`);
  if (radix === 2) return BigInt(`0b${digits}`);
  if (digits.length <= 10) return BigInt(Number.parseInt(digits, radix));
  const low = digits.length >> 1;
  const split = digits.length - low;
  return (
    bigFromDigits(digits.slice(0, split), radix) * BigInt(radix) ** BigInt(low) +
    bigFromDigits(digits.slice(split), radix)
  );
}
