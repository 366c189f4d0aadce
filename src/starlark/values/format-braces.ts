import { StarlarkError } from '../errors.ts';
import type { Kwargs } from '../eval/callable.ts';
import type { Thread } from '../eval/thread.ts';
import { formatValue } from './format-spec.ts';
import { quote } from './quote.ts';
import { repr, toStr } from './repr.ts';
import { TextBuilder } from './text-builder.ts';
import type { Value } from './value.ts';

/** `text.format(*args, **kwargs)`: fills in `{}`, `{0}`, `{name}`, each with an optional `!r`, `!s` and `:spec`. */
export function formatBraces(thread: Thread, text: string, args: readonly Value[], kwargs: Kwargs): string {
  const out = new TextBuilder(thread);
  const fields = new Fields(args, kwargs);
  let at = 0;
  while (at < text.length) {
    const brace = nextBrace(text, at);
    out.add(text.slice(at, brace));
    if (brace === text.length) break;
    const character = text.charAt(brace);
    if (text.charAt(brace + 1) === character) {
      out.add(character);
      at = brace + 2;
    } else if (character === '}') {
      throw new StarlarkError('value', "format: single '}' in format");
    } else {
      const close = text.indexOf('}', brace);
      if (close < 0) throw new StarlarkError('value', "format: unmatched '{' in format");
      thread.work(32);
      out.add(formatField(thread, text.slice(brace + 1, close), fields));
      at = close + 1;
    }
  }
  return out.finish();
}

function nextBrace(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 0x7b || unit === 0x7d) return at;
  }
  return text.length;
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
    throw new StarlarkError('value', `format: unknown conversion ${quote(conversion)}`);
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
