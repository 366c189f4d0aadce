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
  const format = new BracesFormat(thread, text, new Fields(args, kwargs));
  if (text.length > shortFormat) return begin(thread, formatLong(thread, format));
  while (format.goOn());
  return format.finish();
}

/** A format of so many characters has few fields. */
const shortFormat = 1024;
/** What a field takes beside its value, in elements; and each unit before it. */
const perField = 32;

function* formatLong(thread: Thread, format: BracesFormat): Pieces<string> {
  while (format.goOn()) if (thread.piece(0)) yield uncounted;
  return format.finish();
}

/** A format that is filled in, field by field. */
class BracesFormat {
  readonly #thread: Thread;
  readonly #text: string;
  readonly #fields: Fields;
  readonly #out: TextBuilder;
  #at = 0;

  constructor(thread: Thread, text: string, fields: Fields) {
    this.#thread = thread;
    this.#text = text;
    this.#fields = fields;
    this.#out = new TextBuilder(thread);
  }

  finish(): string {
    return this.#out.finish();
  }

  /** Goes on behind the next brace, or some way to it. False at the end. */
  goOn(): boolean {
    const text = this.#text;
    const brace = nextBrace(text, this.#at);
    this.#thread.work(perField + scanning(brace - this.#at));
    this.#out.add(text.slice(this.#at, brace));
    this.#at = brace;
    if (brace >= text.length) return false;
    const character = text.charAt(brace);
    if (character !== '{' && character !== '}') return true;
    if (text.charAt(brace + 1) === character) {
      this.#out.add(character);
      this.#at = brace + 2;
    } else if (character === '}') {
      throw new StarlarkError('value', "format: single '}' in format");
    } else {
      this.#field(brace);
    }
    return true;
  }

  #field(brace: number): void {
    const close = this.#text.indexOf('}', brace);
    if (close < 0) throw new StarlarkError('value', "format: unmatched '{' in format");
    if (close - brace > longestField) {
      const shown = beginningOf(this.#text.slice(brace, close));
      throw new StarlarkError(
        'value',
        `format: replacement field of more than ${longestField} characters: ${shown}`,
      );
    }
    this.#out.add(formatField(this.#thread, this.#text.slice(brace + 1, close), this.#fields));
    this.#at = close + 1;
  }
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
