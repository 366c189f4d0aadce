import { StarlarkError } from '../errors.ts';
import type { Kwargs } from '../eval/callable.ts';
import type { Pieces } from '../eval/pieces.ts';
import { begin, type Begun, uncounted } from '../eval/suspend.ts';
import type { Thread } from '../eval/thread.ts';
import { scanning } from './costs.ts';
import { formatValue } from './format-spec.ts';
import { beginningOf, quoteShort } from './quote.ts';
import { repr, toStr } from './repr.ts';
import { TextBuilder } from './text-builder.ts';
import type { Value } from './value.ts';

/** `text.format(*args, **kwargs)`: fills in `{}`, `{0}`, `{name}`, each with an optional `!r`, `!s` and `:spec`. */
export function formatBraces(thread: Thread, text: string, args: readonly Value[], kwargs: Kwargs): Begun {
  const fields = new Fields(args, kwargs);
  const out = new TextBuilder(thread);
  if (text.length > shortFormat) return begin(thread, formatLong(thread, text, fields, out));
  for (let at = 0; at >= 0;) at = fillIn(thread, text, at, fields, out);
  return out.finish();
}

/** A format of so many characters has few fields. */
const shortFormat = 1024;
/** What a field takes beside its value, in elements. */
const perField = 32;

function* formatLong(thread: Thread, text: string, fields: Fields, out: TextBuilder): Pieces<string> {
  for (let at = 0; at >= 0;) {
    if (thread.piece(0)) yield uncounted;
    at = fillIn(thread, text, at, fields, out);
  }
  return out.finish();
}

/** Goes on from `at` behind the next field, or some way to it. Returns where it has got to; -1 at the end. */
function fillIn(thread: Thread, text: string, at: number, fields: Fields, out: TextBuilder): number {
  const brace = nextBrace(text, at);
  thread.work(perField + scanning(brace - at));
  out.add(text.slice(at, brace));
  if (brace >= text.length) return -1;
  const character = text.charAt(brace);
  if (character !== '{' && character !== '}') return brace;
  if (text.charAt(brace + 1) === character) {
    out.add(character);
    return brace + 2;
  }
  if (character === '}') throw new StarlarkError('value', "format: single '}' in format");
  const close = text.indexOf('}', brace);
  if (close < 0) throw new StarlarkError('value', "format: unmatched '{' in format");
  if (close - brace > longestField) {
    throw new StarlarkError(
      'value',
      `format: replacement field of more than ${longestField} characters: ${beginningOf(text.slice(brace, close))}`,
    );
  }
  out.add(formatField(thread, text.slice(brace + 1, close), fields));
  return close + 1;
}

/** No name and no specification is longer. */
const longestField = 1000;
/** Where there is no brace, so many units are looked at before the next are paid for. */
const longestLook = 2 ** 14;

/** The place of the next brace, or one before it; the end of the text where there is none. */
function nextBrace(text: string, from: number): number {
  const end = Math.min(text.length, from + longestLook);
  for (let at = from; at < end; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 0x7b || unit === 0x7d) return at;
  }
  return end;
}

function formatField(thread: Thread, field: string, fields: Fields): string {
  if (field.includes('{'))
    throw new StarlarkError('value', 'format: nested replacement fields not supported');
  const colon = field.indexOf(':');
  const head = colon < 0 ? field : field.slice(0, colon);
  const spec = colon < 0 ? '' : field.slice(colon + 1);
  const bang = head.indexOf('!');
  const conversion = bang < 0 ? 's' : head.slice(bang + 1);
  const value = fields.get(bang < 0 ? head : head.slice(0, bang));
  if (conversion !== 's' && conversion !== 'r') {
    throw new StarlarkError('value', `format: unknown conversion ${quoteShort(conversion)}`);
  }
  if (conversion === 'r') return formatValue(thread, repr(thread, value), spec);
  return spec === ''
    ? toStr(thread, value)
    : formatValue(thread, bang < 0 ? value : toStr(thread, value), spec);
}

/** The arguments of a format call, and which kind of numbering its fields have used so far. */
class Fields {
  readonly #args: readonly Value[];
  readonly #kwargs: Kwargs;
  #next: number = 0;
  #numbering: 'none' | 'automatic' | 'manual' = 'none';

  constructor(args: readonly Value[], kwargs: Kwargs) {
    this.#args = args;
    this.#kwargs = kwargs;
  }

  get(name: string): Value {
    if (name === '') return this.#positional('automatic', this.#next++);
    if (/^[0-9]+$/.test(name)) return this.#positional('manual', Number(name));
    const value = this.#kwargs.get(name);
    if (value !== undefined) return value;
    throw new StarlarkError('key', `format: ${missing(name)}`);
  }

  #positional(numbering: 'automatic' | 'manual', i: number): Value {
    if (this.#numbering !== 'none' && this.#numbering !== numbering) {
      const [from, to] =
        numbering === 'manual'
          ? ['automatic field numbering', 'manual field specification']
          : ['manual field specification', 'automatic field numbering'];
      throw new StarlarkError('value', `format: cannot switch from ${from} to ${to}`);
    }
    this.#numbering = numbering;
    const value = this.#args[i];
    if (value === undefined) throw new StarlarkError('index', 'format: tuple index out of range');
    return value;
  }
}

function missing(name: string): string {
  if (name.includes('.')) return `attribute syntax x.y is not supported in replacement fields: ${name}`;
  if (name.includes('[')) return `element syntax a[i] is not supported in replacement fields: ${name}`;
  return `keyword ${name} not found`;
}
