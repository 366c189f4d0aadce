import { StarlarkError } from '../errors.ts';
import type { Thread } from '../eval/thread.ts';
import { scanning } from './costs.ts';
import { Dict } from './dict.ts';
import {
  floatToInt,
  formatFloat,
  formatFloatExponent,
  formatFloatFixed,
  intToFloat,
  StarlarkFloat,
} from './float.ts';
import { characterAt, formatWith, type FormatSpec } from './format-spec.ts';
import { isInt, type Int } from './int.ts';
import { intToBase, intToString } from './int-digits.ts';
import { beginningOf } from './quote.ts';
import { repr, toStr } from './repr.ts';
import { TextBuilder } from './text-builder.ts';
import { Tuple } from './tuple.ts';
import { typeName } from './type-name.ts';
import type { Value } from './value.ts';

/**
 * `format % args`: fills in `%s`, `%r`, `%d`, `%i`, `%x`, `%X`, `%o`, `%e`, `%f`, `%g` (and capitals), `%c` and `%%`,
 * each with an optional `(key)`, and, beyond the specification, flags, width and precision as in Python.
 */
export function formatPercent(thread: Thread, format: string, args: Value): string {
  const out = new TextBuilder(thread);
  const source = new Arguments(thread, args);
  let from = 0;
  thread.work(scanning(format.length));
  for (let percent = format.indexOf('%'); percent >= 0; percent = format.indexOf('%', from)) {
    out.add(format.slice(from, percent));
    const letter = format.charAt(percent + 1);
    from = percent + 2;
    thread.work(16);
    if (letter === '%') out.add('%');
    else if (isLetter(letter)) out.add(convert(thread, letter, source.next()));
    else from = formatModified(thread, format, percent + 1, source, out);
  }
  out.add(format.slice(from));
  source.assertUsed();
  return out.finish();
}

function isLetter(letter: string): boolean {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
}

/** Fills in the conversion whose part after `%` begins at `at`. Returns where it ends. */
function formatModified(
  thread: Thread,
  format: string,
  at: number,
  source: Arguments,
  out: TextBuilder,
): number {
  // A key, flags, width and precision.
  const modifiers = /(?:\(([^)]*)\))?([-+ #0]*)(\d{1,15})?(?:\.(\d{1,15}))?/y;
  modifiers.lastIndex = at;
  const [all = '', key, flags = '', width, precision] = modifiers.exec(format) ?? [];
  if (key === undefined && format[at] === '(') throw new StarlarkError('value', 'incomplete format key');
  const [letter] = format.slice(at + all.length, at + all.length + 2);
  if (letter === undefined) throw new StarlarkError('value', 'incomplete format');
  const value = key === undefined ? source.next() : source.named(key);
  const plain = flags === '' && width === undefined && precision === undefined;
  out.add(
    plain ? convert(thread, letter, value) : convertWith(thread, letter, value, { flags, width, precision }),
  );
  return at + all.length + letter.length;
}

/** The right operand of `%`: a tuple gives one value after another, anything else is the one value. */
class Arguments {
  readonly #args: Value;
  readonly #list: readonly Value[];
  readonly #thread: Thread;
  #used: number = 0;

  constructor(thread: Thread, args: Value) {
    this.#thread = thread;
    this.#args = args;
    this.#list = args instanceof Tuple ? args.elems : [args];
  }

  next(): Value {
    const value = this.#list[this.#used++];
    if (value === undefined) throw new StarlarkError('value', 'not enough arguments for format string');
    return value;
  }

  named(key: string): Value {
    if (!(this.#args instanceof Dict)) throw new StarlarkError('type', 'format requires a mapping');
    this.#used = 1;
    const value = this.#args.get(key, this.#thread);
    if (value === undefined) throw new StarlarkError('key', `key not found: ${beginningOf(key)}`);
    return value;
  }

  assertUsed(): void {
    if (this.#used < this.#list.length && !(this.#args instanceof Dict)) {
      throw new StarlarkError('value', 'too many arguments for format string');
    }
  }
}

function convert(thread: Thread, letter: string, value: Value): string {
  switch (letter) {
    case 's':
      return toStr(thread, value);
    case 'r':
      return repr(thread, value);
    case 'd':
    case 'i':
      return intToString(thread, asInteger(letter, value));
    case 'x':
      return intToBase(thread, asInteger(letter, value), 16);
    case 'X':
      return intToBase(thread, asInteger(letter, value), 16).toUpperCase();
    case 'o':
      return intToBase(thread, asInteger(letter, value), 8);
    case 'e':
    case 'E':
      return sameCase(letter, asNumber(letter, value), formatFloatExponent);
    case 'f':
    case 'F':
      return formatFloatFixed(asNumber(letter, value));
    case 'g':
    case 'G':
      return sameCase(letter, asNumber(letter, value), formatFloat);
    case 'c':
      return asCharacter(value);
    default:
      throw new StarlarkError('value', `unknown conversion %${letter}`);
  }
}

/** The exponent has the case of the letter; what is not finite is written small. */
function sameCase(letter: string, value: number, write: (value: number) => string): string {
  const text = write(value);
  return letter < 'a' && Number.isFinite(value) ? text.toUpperCase() : text;
}

interface Modifiers {
  readonly flags: string;
  readonly width: string | undefined;
  readonly precision: string | undefined;
}

function convertWith(
  thread: Thread,
  letter: string,
  value: Value,
  { flags, width, precision }: Modifiers,
): string {
  const zero = flags.includes('0') && !flags.includes('-');
  const spec: FormatSpec = {
    fill: zero ? '0' : ' ',
    align: flags.includes('-') ? '<' : zero ? '=' : '>',
    sign: flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '',
    prefixed: flags.includes('#'),
    width: width === undefined ? 0 : Number(width),
    separator: '',
    precision: precision === undefined ? undefined : Number(precision),
    type: letter === 'i' ? 'd' : letter,
  };
  if ('dixXo'.includes(letter)) return formatWith(thread, asInteger(letter, value), spec);
  if ('eEfFgG'.includes(letter)) return formatWith(thread, new StarlarkFloat(asNumber(letter, value)), spec);
  const text = convert(thread, letter, value);
  return formatWith(thread, text, { ...spec, type: 's', fill: ' ', align: flags.includes('-') ? '<' : '>' });
}

function asInteger(letter: string, value: Value): Int {
  if (isInt(value)) return value;
  if (value instanceof StarlarkFloat) return floatToInt(value.value, `%${letter} format requires integer: `);
  throw new StarlarkError(
    'type',
    `%${letter} format requires integer: cannot convert ${typeName(value)} to int`,
  );
}

function asNumber(letter: string, value: Value): number {
  if (value instanceof StarlarkFloat) return value.value;
  if (isInt(value)) return intToFloat(value);
  throw new StarlarkError('type', `%${letter} format requires float, not ${typeName(value)}`);
}

function asCharacter(value: Value): string {
  if (typeof value === 'string') {
    if (value.length <= 2 && value !== '' && Array.from(value).length === 1) return value;
    throw new StarlarkError('value', '%c format requires a single-character string');
  }
  if (!isInt(value)) {
    throw new StarlarkError(
      'type',
      `%c format requires int or single-character string, not ${typeName(value)}`,
    );
  }
  return characterAt(value, '%c format');
}
