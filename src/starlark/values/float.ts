/**
 * Floats. A float is boxed so that `1.0` and `1` stay apart; the box never changes.
 * Text follows the Go implementation's `%g`: shortest digits that read back, an exponent below 1e-4 and from the sixth
 * integer digit on where the digits end earlier, and always a point or an exponent.
 */
import { StarlarkError } from '../errors.ts';
import { scanning } from './costs.ts';
import type { Int } from './int.ts';
import { toInt } from './int.ts';
import type { Meter } from './meter.ts';
import { beginningOf } from './quote.ts';

/** A Starlark `float`: an IEEE 754 double. */
export class StarlarkFloat {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }

  get type(): string {
    return 'float';
  }
}

/** The nearest float of an int. Fails where the int is beyond the range of floats. */
export function intToFloat(x: Int): number {
  const value = Number(x);
  if (!Number.isFinite(value)) throw new StarlarkError('value', 'int too large to convert to float');
  return value;
}

/** Truncates towards zero. Fails for NaN and the infinities; `asker` begins the message. */
export function floatToInt(value: number, asker: string = ''): Int {
  if (!Number.isFinite(value)) {
    const name = Number.isNaN(value) ? 'NaN' : 'infinity';
    throw new StarlarkError('value', `${asker}cannot convert float ${name} to integer`);
  }
  const whole = Math.trunc(value) + 0;
  return Number.isSafeInteger(whole) ? whole : toInt(BigInt(whole));
}

/** `x // y` on floats. */
export function floorDivideFloat(x: number, y: number): number {
  if (y === 0) throw new StarlarkError('zero_division', 'floored division by zero');
  return Math.floor(x / y);
}

/** `x % y` on floats: the sign is that of `y`. */
export function moduloFloat(x: number, y: number): number {
  if (y === 0) throw new StarlarkError('zero_division', 'floating-point modulo by zero');
  const remainder = x % y;
  return remainder !== 0 && remainder < 0 !== y < 0 ? remainder + y : remainder;
}

/** Infinity and NaN as Starlark writes them, or undefined for a finite value. */
function formatNonFinite(value: number): string | undefined {
  if (Number.isFinite(value)) return undefined;
  return Number.isNaN(value) ? 'nan' : value > 0 ? '+inf' : '-inf';
}

/** `str(x)` and `%g`. */
export function formatFloat(value: number): string {
  const special = formatNonFinite(value);
  if (special !== undefined) return special;
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-4 && magnitude < 1e6) {
    const plain = String(value);
    return Number.isInteger(value) ? `${plain}.0` : plain;
  }
  const scientific = value.toExponential();
  const mark = scientific.indexOf('e');
  const exponent = Number(scientific.slice(mark + 1));
  return scientific.slice(0, mark) + formatExponent(exponent);
}

function formatExponent(exponent: number): string {
  const digits = String(Math.abs(exponent));
  return `e${exponent < 0 ? '-' : '+'}${digits.length < 2 ? '0' : ''}${digits}`;
}

/** `%e`: six digits after the point. */
export function formatFloatExponent(value: number): string {
  const special = formatNonFinite(value);
  if (special !== undefined) return special;
  const text = exponentDigits(Math.abs(value), 6);
  const mark = text.indexOf('e');
  return minus(value) + text.slice(0, mark) + formatExponent(Number(text.slice(mark + 1)));
}

/** `%f`: six digits after the point, never an exponent. */
export function formatFloatFixed(value: number): string {
  return formatNonFinite(value) ?? minus(value) + fixedDigits(Math.abs(value), 6);
}

/** A finite magnitude with `places` digits after the point; a value half-way between two texts goes to the even one. */
export function fixedDigits(magnitude: number, places: number): string {
  if (magnitude >= 1e21) return `${BigInt(magnitude)}${places > 0 ? `.${'0'.repeat(places)}` : ''}`;
  // Only such a value can be half-way: an odd multiple of a power of a half.
  if (places < 50 && Number.isInteger(magnitude * 2 ** (places + 1))) {
    const exact = magnitude.toFixed(places + 50);
    const end = exact.length - 50;
    const kept = exact.slice(0, places === 0 ? end - 1 : end);
    if (/^50*$/.test(exact.slice(end)) && Number(kept.at(-1)) % 2 === 0) return kept;
  }
  return magnitude.toFixed(places);
}

/** A finite magnitude as JavaScript's `toExponential` writes it, but with halves going to the even digit. */
export function exponentDigits(magnitude: number, places: number): string {
  // oxlint-disable-next-line oxc/number-arg-out-of-range -- 100 is the limit since ES2018
  const exact = magnitude.toExponential(100);
  const end = places === 0 ? 1 : places + 2;
  const rest = exact.slice(places === 0 ? 2 : end, exact.indexOf('e'));
  const isHalf = places < 50 && /^50*$/.test(rest);
  if (isHalf && Number(exact.charAt(end - 1)) % 2 === 0)
    return exact.slice(0, end) + exact.slice(exact.indexOf('e'));
  return magnitude.toExponential(places);
}

function minus(value: number): string {
  return value < 0 || Object.is(value, -0) ? '-' : '';
}

const literal = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
const special = /^([+-]?)(inf|infinity|nan)$/i;

/** Reads a float as `float(text)` does; fails where `text` is none or is too large. */
export function parseFloat(meter: Meter, text: string): number {
  meter.work(scanning(text.length));
  if (text === '') throw new StarlarkError('value', 'float: empty string');
  const named = special.exec(text);
  if (named !== null)
    return named[2]?.toLowerCase() === 'nan' ? Number.NaN : named[1] === '-' ? -Infinity : Infinity;
  if (!literal.test(text)) throw new StarlarkError('value', `invalid float literal: ${beginningOf(text)}`);
  const value = Number(text);
  if (!Number.isFinite(value))
    throw new StarlarkError('value', `floating-point number too large: ${beginningOf(text)}`);
  return value;
}
