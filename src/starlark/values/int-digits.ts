/** How an int is read from digits and written in them. Each pays for its time, which grows faster than the length. */
import type { Thread } from '../eval/thread.ts';
import { assertIntBits, bitLength, negateInt, toInt, type Int } from './int.ts';
import type { Meter } from './meter.ts';

/** The decimal digits of `x`. */
export function intToString(thread: Thread, x: Int): string {
  if (typeof x === 'bigint') chargeRadix(thread, bitLength(x));
  return x.toString();
}

/**
 * Pays for a conversion to or from decimal digits, which grows faster than the length.
 * @throws StarlarkError 'memory_limit' for more bits than an int may have
 */
export function chargeRadix(meter: Meter, bits: number): void {
  if (bits > 4096) {
    assertIntBits(bits);
    meter.charge(16 + Math.ceil(bits / 3.3));
    meter.work(Math.ceil(6 * (bits / 64) * Math.sqrt(bits / 64)));
  }
}

const prefixes: Readonly<Record<string, number>> = { '0b': 2, '0o': 8, '0x': 16 };

/**
 * Reads an int as `int(text, base)` does: an optional sign, a prefix that agrees with the base, digits; base 0 infers
 * the base from the prefix. Undefined when `text` is no such number.
 */
export function parseInt(thread: Thread, text: string, base: number): Int | undefined {
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
  chargeRadix(thread, Math.ceil(digits.length * Math.log2(radix)));
  return toInt(bigFromDigits(digits, radix));
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
