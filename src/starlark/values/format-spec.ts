/**
 * Format specifications, as after the colon in `f"{x:>8.2f}"` and `"{:,}".format(n)`:
 * `[[fill]align][sign][#][0][width][,|_][.precision][type]`, with Python's meaning.
 */
import { StarlarkError } from '../errors.ts';
import type { Thread } from '../eval/thread.ts';
import { firstCodePoints } from './code-points.ts';
import { joining, scanning } from './costs.ts';
import { exponentDigits, fixedDigits, formatFloat, intToFloat, StarlarkFloat } from './float.ts';
import { isInt, shownInt, type Int } from './int.ts';
import { intToBase, intToString } from './int-digits.ts';
import { quoteShort } from './quote.ts';
import { toStr } from './repr.ts';
import { typeName } from './type-name.ts';
import type { Value } from './value.ts';
import { formatHint } from './wrong-kind.ts';

/** A parsed specification. */
export interface FormatSpec {
  readonly fill: string;
  /** Empty for the type's own way: numbers to the right, the rest to the left. */
  readonly align: '' | '<' | '>' | '^' | '=';
  readonly sign: '' | '+' | '-' | ' ';
  /** Puts 0x, 0o or 0b before a number in that base. */
  readonly prefixed: boolean;
  /** Counts characters; 0 pads nothing. */
  readonly width: number;
  readonly separator: '' | ',' | '_';
  /** Undefined when not given. */
  readonly precision: number | undefined;
  /** The conversion letter, or empty. */
  readonly type: string;
}

const pattern = /^(?:(.)?([<>^=]))?([+\- ])?(#)?(0)?(\d{1,15})?([,_])?(?:\.(\d{1,15}))?([a-zA-Z%])?$/su;

/** Formats `value` as `spec` says. Fails for a specification that is malformed or does not suit the value. */
export function formatValue(thread: Thread, value: Value, spec: string): string {
  if (spec === '') return toStr(thread, value);
  return formatWith(thread, value, parseSpec(spec));
}

/** No specification is longer. */
const longestSpec = 100;

function parseSpec(spec: string): FormatSpec {
  const match = spec.length > longestSpec ? null : pattern.exec(spec);
  if (match === null) throw new StarlarkError('value', `invalid format spec ${quoteShort(spec)}`);
  const [, fill, align, sign, hash, zero, width, separator, precision, type] = match;
  return {
    fill: fill ?? (zero === undefined ? ' ' : '0'),
    align: (align ?? (zero === undefined ? '' : '=')) as FormatSpec['align'],
    sign: (sign ?? '') as FormatSpec['sign'],
    prefixed: hash !== undefined,
    width: width === undefined ? 0 : Number(width),
    separator: (separator ?? '') as FormatSpec['separator'],
    precision: precision === undefined ? undefined : Number(precision),
    type: type ?? '',
  };
}

/** As {@link formatValue}, with a specification that is parsed already. */
export function formatWith(thread: Thread, value: Value, spec: FormatSpec): string {
  if ('eEfFgG%'.includes(spec.type) && spec.type !== '') return formatAsFloat(thread, value, spec);
  if (spec.type === '' && value instanceof StarlarkFloat) return formatAsFloat(thread, value, spec);
  if ('bcdnoxX'.includes(spec.type) && spec.type !== '') return formatAsInt(thread, value, spec);
  if (spec.type === '' && isInt(value)) return formatAsInt(thread, value, spec);
  if (spec.type !== '' && spec.type !== 's') throw unsuited(value, spec);
  const text = toStr(thread, value);
  const cut = spec.precision === undefined ? text : cutText(thread, text, spec.precision);
  return pad(thread, '', cut, spec, spec.align === '=' || spec.align === '' ? '<' : spec.align);
}

/** The first so many characters of a text. */
function cutText(thread: Thread, text: string, count: number): string {
  thread.work(scanning(Math.min(text.length, 2 * count)));
  return firstCodePoints(text, count);
}

function unsuited(value: Value, spec: FormatSpec): StarlarkError {
  return new StarlarkError(
    'value',
    `cannot format ${typeName(value)} with format code '${spec.type}'${formatHint(value)}`,
  );
}

const bases: Readonly<Record<string, 2 | 8 | 16>> = { b: 2, o: 8, x: 16, X: 16 };

function formatAsInt(thread: Thread, value: Value, spec: FormatSpec): string {
  if (!isInt(value)) throw unsuited(value, spec);
  if (spec.type === 'c') {
    return pad(thread, '', characterAt(value, "format code 'c'"), spec, spec.align || '<');
  }
  const base = bases[spec.type] ?? 10;
  const magnitude: Int = value < 0 ? -value : value;
  let digits = base === 10 ? intToString(thread, magnitude) : intToBase(thread, magnitude, base);
  if (spec.type === 'X') digits = digits.toUpperCase();
  const prefix = spec.prefixed && base !== 10 ? `0${spec.type}` : '';
  return padNumber(thread, signOf(value < 0, spec) + prefix, digits, spec);
}

/** The character that an int stands for; `asker` begins the message when there is none. */
export function characterAt(value: Int, asker: string): string {
  if (value >= 0 && value <= 0x10ffff) return String.fromCodePoint(Number(value));
  throw new StarlarkError('value', `${asker} requires a valid Unicode code point, got ${shownInt(value)}`);
}

function formatAsFloat(thread: Thread, value: Value, spec: FormatSpec): string {
  if (!isInt(value) && !(value instanceof StarlarkFloat)) throw unsuited(value, spec);
  const number = isInt(value) ? intToFloat(value) : value.value;
  const magnitude = Math.abs(spec.type === '%' ? number * 100 : number);
  const negative = number < 0 || Object.is(number, -0);
  const digits = Number.isFinite(number) ? floatDigits(magnitude, spec) : nonFinite(number);
  const text = spec.type === 'E' || spec.type === 'G' || spec.type === 'F' ? digits.toUpperCase() : digits;
  return padNumber(thread, signOf(negative, spec), text, spec);
}

function nonFinite(value: number): string {
  return Number.isNaN(value) ? 'nan' : 'inf';
}

function floatDigits(magnitude: number, spec: FormatSpec): string {
  const { type, precision } = spec;
  if (type === '' && precision === undefined) return formatFloat(magnitude);
  const places = precision ?? 6;
  if (places > 100) throw new StarlarkError('value', `format precision ${places} is too large (at most 100)`);
  if (type === 'e' || type === 'E') return twoDigitExponent(exponentDigits(magnitude, places));
  if (type === 'f' || type === 'F') return fixedDigits(magnitude, places);
  if (type === '%') return `${fixedDigits(magnitude, places)}%`;
  return general(magnitude, Math.max(1, places), type === '');
}

/**
 * `%g`: `significant` digits, trailing zeros dropped, an exponent when the number is very large or small. Without a type
 * (`showsFloat`) a digit after the point always stays, and has its place among the significant ones.
 */
function general(magnitude: number, significant: number, showsFloat: boolean): string {
  const scientific = exponentDigits(magnitude, significant - 1);
  const exponent = Number(scientific.slice(scientific.indexOf('e') + 1));
  if (exponent >= -4 && exponent < (showsFloat ? significant - 1 : significant)) {
    const plain = fixedDigits(magnitude, Math.min(100, significant - 1 - exponent));
    const short = plain.includes('.') ? plain.replace(/\.?0+$/, '') : plain;
    return showsFloat && !short.includes('.') ? `${short}.0` : short;
  }
  return twoDigitExponent(scientific.replace(/\.?0*e/, 'e'));
}

function twoDigitExponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

function signOf(negative: boolean, spec: FormatSpec): string {
  return negative ? '-' : spec.sign === '-' ? '' : spec.sign;
}

/** Fills a number up to its width. Zeros before its digits are grouped as these are. */
function padNumber(thread: Thread, sign: string, digits: string, spec: FormatSpec): string {
  let text = group(thread, digits, spec);
  if (spec.separator !== '' && spec.align === '=' && spec.fill === '0') {
    thread.charge(16 + 2 * spec.width);
    thread.work(2 * spec.width);
    const zeros = spec.width - sign.length - digits.length;
    const grouped = group(thread, '0'.repeat(Math.max(0, zeros)) + digits, spec);
    text = shorten(grouped, Math.max(text.length, spec.width - sign.length), spec.separator);
  }
  return pad(thread, sign, text, spec, spec.align || '>');
}

/** Drops what stands before the last `length` units, but for one that a separator would follow without. */
function shorten(text: string, length: number, separator: string): string {
  const at = Math.max(0, text.length - length);
  return text.charAt(at) === separator ? text.slice(at - 1) : text.slice(at);
}

/** Puts the thousands separator into the integer part. */
function group(thread: Thread, text: string, spec: FormatSpec): string {
  if (spec.separator === '') return text;
  thread.work(text.length);
  const size = 'box'.includes(spec.type.toLowerCase()) && spec.type !== '' ? 4 : 3;
  const [, integer = '', rest = ''] = /^([0-9a-fA-F]*)(.*)$/.exec(text) ?? [];
  const first = integer.length % size;
  const groups = first === 0 ? [] : [integer.slice(0, first)];
  for (let at = first; at < integer.length; at += size) groups.push(integer.slice(at, at + size));
  return groups.join(spec.separator) + rest;
}

function pad(
  thread: Thread,
  sign: string,
  text: string,
  spec: FormatSpec,
  align: FormatSpec['align'],
): string {
  const missing = spec.width - sign.length - text.length;
  if (missing <= 0) return sign + text;
  thread.charge(16 + spec.width);
  thread.make(joining(spec.width));
  if (align === '<') return sign + text + spec.fill.repeat(missing);
  if (align === '=') return sign + spec.fill.repeat(missing) + text;
  if (align === '>') return spec.fill.repeat(missing) + sign + text;
  const left = missing >> 1;
  return spec.fill.repeat(left) + sign + text + spec.fill.repeat(missing - left);
}
