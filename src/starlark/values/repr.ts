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
  const printer = new Printer(thread, value);
  while (printer.goOn(Infinity));
  return printer.out.finish();
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
  thread.work(copying(data.length));
  return texts.join('');
}

/** Values that are written one after the other, between an opening and a closing text. */
interface Frame {
  readonly container: Value;
  /** Of a dict keys and values by turns. */
  readonly values: readonly Value[];
  readonly isDict: boolean;
  readonly close: string;
  at: number;
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
/** Writing a value, or a unit of a long text: in elements. */
const perValue = 4;
const perUnit = 2;
const perEscape = 16;

/** Writes a value, some of it at a time. */
class Printer {
  readonly out: TextBuilder;
  readonly #thread: Thread;
  /** The containers that are being written, outermost first. */
  readonly #frames: Frame[] = [];
  #text: LongText | null = null;

  constructor(thread: Thread, value: Value) {
    this.#thread = thread;
    this.out = new TextBuilder(thread);
    this.#print(value);
  }

  /** Writes what takes about so many elements. False when all is written. */
  goOn(elements: number): boolean {
    for (let spent = 0; spent < elements; spent += perValue) {
      if (this.#text !== null) {
        spent += this.#part(this.#text);
        continue;
      }
      const frame = this.#frames.at(-1);
      if (frame === undefined) return false;
      if (frame.at === frame.values.length) {
        this.out.add(frame.close);
        this.#frames.pop();
      } else {
        const at = frame.at++;
        if (at > 0) this.out.add(frame.isDict && at % 2 === 1 ? ': ' : ', ');
        this.#print(frame.values[at] as Value);
      }
    }
    return this.#text !== null || this.#frames.length > 0;
  }

  #print(value: Value): void {
    this.#thread.work(perValue);
    if (typeof value === 'string') this.#string(value);
    else if (typeof value === 'number') this.out.add(String(value));
    else if (typeof value === 'boolean') this.out.add(value ? 'True' : 'False');
    else if (typeof value === 'bigint') this.out.add(intToString(this.#thread, value));
    else if (value === null) this.out.add('None');
    else if (value instanceof List) this.#list(value);
    else if (value instanceof Dict) this.#dict(value);
    else if (value instanceof Tuple)
      this.#enter(value, value.elems, '(', value.elems.length === 1 ? ',)' : ')');
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
    this.#text = {
      source,
      length: typeof source === 'string' ? source.length : source.data.length,
      close,
      at: 0,
    };
  }

  /** Writes the next part of a long text, and returns what that took. */
  #part(text: LongText): number {
    const { source, at } = text;
    const end = Math.min(at + partLength, text.length);
    this.#thread.work((end - at) * perUnit);
    const written =
      typeof source === 'string'
        ? escapeText(source.slice(wholePair(source, at), wholePair(source, end)))
        : escapeBytes(
            source.data.subarray(wholeSequences(source.data, at), wholeSequences(source.data, end)),
          );
    const escaped = perEscape * Math.max(0, written.length - (end - at));
    this.#thread.work(escaped);
    this.out.add(written);
    text.at = end;
    if (end === text.length) {
      this.out.add(text.close);
      this.#text = null;
    }
    return (end - at) * perUnit + escaped;
  }

  #list(list: List): void {
    if (this.#isOpen(list)) this.out.add('[...]');
    else this.#enter(list, list.elems, '[', ']');
  }

  #dict(dict: Dict): void {
    if (this.#isOpen(dict)) {
      this.out.add('{...}');
      return;
    }
    this.#thread.charge(32 + 16 * dict.size);
    this.#thread.work(2 * dict.size);
    const parts: Value[] = [];
    dict.forEach((key, value) => parts.push(key, value));
    this.#enter(dict, parts, '{', '}');
  }

  #set(set: StarlarkSet): void {
    this.#thread.charge(32 + 8 * set.size);
    this.#thread.work(set.size);
    this.#enter(set, set.toArray(), 'set([', '])');
  }

  #isOpen(container: Value): boolean {
    return this.#frames.some((frame) => frame.container === container);
  }

  #enter(container: Value, values: readonly Value[], open: string, close: string): void {
    const depth = this.#frames.length;
    if (depth > maxNesting) throw nestedTooDeeply('print');
    this.#thread.work(16 + depth);
    this.out.add(open);
    this.#frames.push({ container, values, isDict: container instanceof Dict, close, at: 0 });
  }
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
