import { Builtin } from '../eval/builtin.ts';
import { atOnce, pieceElements, pieces, type Pieces } from '../eval/pieces.ts';
import { begin, type Begun, uncounted } from '../eval/suspend.ts';
import type { Thread } from '../eval/thread.ts';
import { BoundMethod } from './bound-method.ts';
import { Bytes } from './bytes.ts';
import { wholePair } from './code-points.ts';
import { copying } from './costs.ts';
import { Dict } from './dict.ts';
import { Elems } from './elems.ts';
import { maxNesting, nestedTooDeeply } from './equals.ts';
import { formatFloat, StarlarkFloat } from './float.ts';
import { HostValue } from './host-value.ts';
import { intToString } from './int-digits.ts';
import { List } from './list.ts';
import { Module } from './module.ts';
import { escapeBytes, escapeText, quote } from './quote.ts';
import { Range } from './range.ts';
import { StarlarkSet } from './set.ts';
import { TextBuilder } from './text-builder.ts';
import { Tuple } from './tuple.ts';
import { typeName } from './type-name.ts';
import { decodeUtf8, wholeSequences } from './utf8.ts';
import type { Value } from './value.ts';

/** `str(value)`: a string is itself, bytes are decoded, everything else is as {@link repr} has it. */
export function toStr(thread: Thread, value: Value): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  return value instanceof Bytes ? atOnce(decode(thread, value)) : repr(thread, value);
}

/** `repr(value)`: strings are quoted; a list or dict inside itself shows as `[...]` or `{...}`. */
export function repr(thread: Thread, value: Value): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string' && value.length <= partLength) return quoteShortText(thread, value);
  const printer = new Printer(thread, value);
  while (printer.goOn(Infinity));
  return printer.out.finish();
}

function quoteShortText(thread: Thread, text: string): string {
  thread.work(perUnit * text.length);
  const quoted = quote(text);
  thread.charge(16 + quoted.length);
  return quoted;
}

/** As {@link toStr}, for a caller that can be suspended. */
export function beginStr(thread: Thread, value: Value): Begun {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  return value instanceof Bytes ? begin(thread, decode(thread, value)) : beginRepr(thread, value);
}

/** As {@link repr}, for a caller that can be suspended. */
export function beginRepr(thread: Thread, value: Value): Begun {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string' && value.length <= partLength) return quoteShortText(thread, value);
  const printer = new Printer(thread, value);
  return printer.goOn(pieceElements)
    ? begin(thread, printRest(thread, printer, pieceElements))
    : printer.out.finish();
}

/** As {@link toStr}, in pieces that come to so many elements. */
export function* strInPieces(thread: Thread, value: Value, piece: number = pieceElements): Pieces<string> {
  if (typeof value === 'string') return value;
  if (value instanceof Bytes) return yield* decode(thread, value);
  return yield* printRest(thread, new Printer(thread, value), piece);
}

/** The beginning of `repr(value)`: for messages, which may be about anything. */
export function reprShort(thread: Thread, value: Value): string {
  const printer = new Printer(thread, typeof value === 'string' ? value.slice(0, mostShown) : value);
  while (printer.out.length < mostShown && printer.goOn(mostShown));
  const text = printer.out.finish();
  const isWhole = text.length <= mostShown && (typeof value !== 'string' || value.length <= mostShown);
  return isWhole ? text : `${text.slice(0, mostShown)}...`;
}

/** Longer ones are shown in part. */
const mostShown = 200;

function* printRest(thread: Thread, printer: Printer, piece: number): Pieces<string> {
  while (printer.goOn(piece)) if (thread.piece(0)) yield uncounted;
  return printer.out.finish();
}

/** Decoding a byte, in elements. */
const perByte = 2;

function* decode(thread: Thread, { data }: Bytes): Pieces<string> {
  thread.charge(16 + data.length);
  const texts: string[] = [];
  yield* pieces(thread, data.length, perByte, (from, to) => {
    texts.push(decodeUtf8(data.subarray(wholeSequences(data, from), wholeSequences(data, to))));
  });
  if (texts.length === 1) return texts[0]!;
  thread.make(copying(data.length));
  return texts.join('');
}

/** A container of which some is written: what follows, from `at` on. Of a dict that counts keys and values. */
interface Rest {
  readonly container: Value;
  /** Null but for a dict. */
  readonly keys: readonly Value[] | null;
  readonly values: readonly Value[];
  readonly close: string;
  readonly at: number;
}

/** A long text or bytes, written in parts. */
interface LongText {
  readonly source: string | Bytes;
  readonly length: number;
  readonly close: string;
  at: number;
}

/** Texts up to this long are written at once, longer ones in parts. */
const partLength = 2 ** 10;
/** Writing a value, a unit of a long text, one that has to be escaped, and beginning a container: in elements. */
const perValue = 4;
const perUnit = 2;
const perEscape = 16;
const perContainer = 16;

/** What most printers have to note: nothing. */
const none: Rest[] = [];

/**
 * Writes a value, some of it at a time. It goes down into containers by calling itself; once enough is written, each of
 * the calls that are active notes what it has not written yet (`#parked`) and returns.
 */
class Printer {
  readonly out: TextBuilder;
  readonly #thread: Thread;
  readonly #value: Value;
  #hasBegun = false;
  /** How much may still be written at this time, in elements. */
  #left = 0;
  /** The containers that are being written, outermost first. */
  readonly #path: Value[] = [];
  /** What is to be written, the innermost last; and what was noted on the way out, the innermost first. */
  #rests: Rest[] = none;
  #parked: Rest[] = none;
  /** A long text that is being written: what is left of it comes before all rests. */
  #text: LongText | null = null;

  constructor(thread: Thread, value: Value) {
    this.#thread = thread;
    this.#value = value;
    this.out = new TextBuilder(thread);
  }

  /** Writes what takes about so many elements. False when all is written. */
  goOn(elements: number): boolean {
    this.#left = elements;
    if (!this.#hasBegun) this.#print(this.#value);
    this.#hasBegun = true;
    for (;;) {
      if (this.#parked !== none) {
        this.#rests = [...this.#rests, ...this.#parked.reverse()];
        this.#parked = none;
      }
      while (this.#text !== null && this.#left > 0) this.#part(this.#text);
      if (this.#left <= 0) return this.#text !== null || this.#rests.length > 0;
      const rest = this.#rests.pop();
      if (rest === undefined) return false;
      this.#path.push(rest.container);
      this.#members(rest);
    }
  }

  #print(value: Value): void {
    if (typeof value === 'string') this.#string(value);
    else if (typeof value === 'number') this.out.add(String(value));
    else if (typeof value === 'boolean') this.out.add(value ? 'True' : 'False');
    else if (typeof value === 'bigint') this.out.add(intToString(this.#thread, value));
    else if (value === null) this.out.add('None');
    else if (value instanceof List) this.#list(value);
    else if (value instanceof Dict) this.#dict(value);
    else if (value instanceof Tuple)
      this.#container(value, value.elems, '(', value.elems.length === 1 ? ',)' : ')');
    else if (value instanceof StarlarkSet && value.size > 0) this.#set(value);
    else if (value instanceof Bytes) this.#long(value, 'b"', '"');
    else if (value instanceof Elems) this.#elems(value);
    else this.out.add(reprObject(value));
  }

  #string(value: string): void {
    if (value.length <= partLength) this.out.add(quote(value));
    else this.#long(value, '"', '"');
  }

  #elems({ source, kind }: Elems): void {
    this.#long(source, typeof source === 'string' ? '"' : 'b"', `".${kind}()`);
  }

  #long(source: string | Bytes, open: string, close: string): void {
    this.out.add(open);
    const length = typeof source === 'string' ? source.length : source.data.length;
    this.#text = { source, length, close, at: 0 };
    while (this.#text !== null && this.#left > 0) this.#part(this.#text);
  }

  /** Writes the next part of a long text. */
  #part(text: LongText): void {
    const { source, at } = text;
    const end = Math.min(at + partLength, text.length);
    this.#pay((end - at) * perUnit);
    const written =
      typeof source === 'string'
        ? escapeText(source.slice(wholePair(source, at), wholePair(source, end)))
        : escapeBytes(
            source.data.subarray(wholeSequences(source.data, at), wholeSequences(source.data, end)),
          );
    this.#pay(perEscape * Math.max(0, written.length - (end - at)));
    this.out.add(written);
    text.at = end;
    if (end < text.length) return;
    this.out.add(text.close);
    this.#text = null;
  }

  #list(list: List): void {
    if (this.#path.includes(list)) this.out.add('[...]');
    else this.#container(list, list.elems, '[', ']');
  }

  #dict(dict: Dict): void {
    if (this.#path.includes(dict)) {
      this.out.add('{...}');
      return;
    }
    this.#enter(dict, '{');
    if (dict.size > fewEntries) {
      this.#thread.work(2 * dict.size);
      return this.#members({ container: dict, ...entriesOf(dict), close: '}', at: 0 });
    }
    let at = 0;
    dict.forEach((key, value) => {
      if (this.#left <= 0) return;
      if (at > 0) this.out.add(', ');
      this.#print(key);
      at++;
      if (this.#left <= 0) return;
      this.out.add(': ');
      this.#print(value);
      this.#pay(2 * perValue);
      at++;
    });
    if (this.#left > 0) this.#leave('}');
    else this.#park({ container: dict, ...entriesOf(dict), close: '}', at });
  }

  #set(set: StarlarkSet): void {
    this.#thread.charge(32 + 8 * set.size);
    this.#thread.work(set.size);
    this.#container(set, set.toArray(), 'set([', '])');
  }

  #container(container: Value, values: readonly Value[], open: string, close: string): void {
    this.#enter(container, open);
    this.#members({ container, keys: null, values, close, at: 0 });
  }

  #enter(container: Value, open: string): void {
    const depth = this.#path.length;
    if (depth > maxNesting) throw nestedTooDeeply('print');
    this.#pay(perContainer + depth);
    this.#path.push(container);
    this.out.add(open);
  }

  /** Writes the members of the container that is the innermost, and its end. */
  #members({ container, keys, values, close, at }: Rest): void {
    const end = keys === null ? values.length : 2 * values.length;
    for (let i = at; i < end;) {
      const isKey = keys !== null && i % 2 === 0;
      if (i > 0) this.out.add(keys === null || isKey ? ', ' : ': ');
      this.#print((isKey ? keys[i >> 1] : values[keys === null ? i : i >> 1]) as Value);
      i++;
      this.#pay(perValue);
      if (this.#left <= 0) return this.#park({ container, keys, values, close, at: i });
    }
    this.#leave(close);
  }

  #leave(close: string): void {
    this.out.add(close);
    this.#path.pop();
  }

  #park(rest: Rest): void {
    if (rest.keys !== null) this.#thread.charge(16 * rest.keys.length);
    if (this.#parked === none) this.#parked = [];
    this.#parked.push(rest);
    this.#path.pop();
  }

  #pay(elements: number): void {
    this.#thread.work(elements);
    this.#left -= elements;
  }
}

/** Larger dicts are written from lists of their keys and values. */
const fewEntries = 256;

function entriesOf(dict: Dict): { keys: readonly Value[]; values: readonly Value[] } {
  return { keys: dict.keys(), values: Array.from(dict.map.values()) };
}

function reprObject(
  value: Exclude<Value, null | boolean | number | bigint | string | List | Dict | Tuple | Bytes | Elems>,
): string {
  if (value instanceof StarlarkFloat) return formatFloat(value.value);
  if (value instanceof StarlarkSet) return 'set()';
  if (value instanceof Range) return value.toString();
  if (value instanceof HostValue) return value.toString();
  if (value instanceof Module) return `<module ${quote(value.name)}>`;
  if (value instanceof BoundMethod) return `<built-in method ${value.name} of ${typeName(value.self)} value>`;
  return value instanceof Builtin ? `<built-in function ${value.name}>` : `<function ${value.name}>`;
}
