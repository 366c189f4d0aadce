import { StarlarkError } from '../../errors.ts';
import { pieceElements, type Pieces } from '../../eval/pieces.ts';
import { uncounted } from '../../eval/suspend.ts';
import type { Thread } from '../../eval/thread.ts';
import { copying, payAppend } from '../../values/costs.ts';
import { Dict } from '../../values/dict.ts';
import { maxNesting } from '../../values/equals.ts';
import { StarlarkFloat } from '../../values/float.ts';
import { toInt } from '../../values/int.ts';
import { payReading } from '../../values/int-digits.ts';
import { List } from '../../values/list.ts';
import { beginningOf, quote } from '../../values/quote.ts';
import type { Value } from '../../values/value.ts';
import type { Meter } from '../../values/meter.ts';
import { formatPath } from './path.ts';

/**
 * Reads one JSON text. A number without fraction and exponent is an int, exact however long; others are floats.
 * Of two equal keys the last wins. Fails, naming offset and path, where the text is not JSON.
 */
export function decode(meter: Meter, text: string): Value {
  meter.charge(text.length);
  const decoder = new Decoder(meter, text);
  decoder.goOn(Infinity);
  return decoder.finish();
}

/** As {@link decode}, in pieces of so many characters. */
export function* decodeInPieces(thread: Thread, text: string, piece: number = pieceElements): Pieces<Value> {
  thread.charge(text.length);
  const decoder = new Decoder(thread, text);
  for (let left = text.length; ; left -= piece) {
    if (thread.piece(Math.max(0, Math.min(left, piece)))) yield uncounted;
    if (decoder.goOn(piece)) return decoder.finish();
  }
}

/** What is read is not complete: see Decoder. */
const incomplete: unique symbol = Symbol('incomplete');

/** An object or an array of which some is read. */
type Rest = { readonly depth: number } & (
  | { readonly dict: Dict; readonly next: 'key' | 'value' | 'comma'; readonly key: string }
  | { readonly elems: Value[]; readonly next: 'value' | 'comma' }
);

/** A string that is long, or has escapes, and of which some is read. */
interface OpenString {
  /** What is complete, in pieces of some thousands, and behind it what is not written out yet. */
  readonly done: string[];
  text: string;
  /** Where what is not in these begins, and how far it is known to be plain. */
  from: number;
  at: number;
}

/** So many characters are looked at before the next are paid for, where they are not paid for piece by piece. */
const paidCharacters = 2 ** 16;
/** A string up to this long, without escapes, is read at once. */
const shortString = 2 ** 12;

/**
 * Reads a value, some of it at a time: up to `#until`, and to the end of what has been begun there. It goes down into
 * containers by calling itself. Once it is far enough, each of the calls that are active notes where it is (`#parked`) and
 * returns its container, which is filled later on; a string that is not complete is kept in `#open`, and whoever asked
 * for it asks again.
 */
class Decoder {
  readonly #meter: Meter;
  readonly #text: string;
  #at: number = 0;
  #until = 0;
  #value: Value | typeof incomplete = incomplete;
  /** Where in the whole value the part that is being read lies; as long as `#depth`. */
  readonly #path: (string | number)[] = [];
  #depth: number = 0;
  /** For each depth, the keys of the object that was read there last: those of the next are mostly the same. */
  readonly #keys: string[][] = [];
  /** What is to be gone on with, the innermost last; and what was noted on the way out, the innermost first. */
  readonly #rests: Rest[] = [];
  readonly #parked: Rest[] = [];
  #open: OpenString | null = null;

  constructor(meter: Meter, text: string) {
    this.#meter = meter;
    this.#text = text;
  }

  /** Reads so many characters more. True when that is all of them. */
  goOn(characters: number): boolean {
    this.#until = (this.#open?.at ?? this.#at) + characters;
    if (this.#value === incomplete) this.#value = this.#read();
    for (;;) {
      if (this.#parked.length > 0) {
        this.#rests.push(...this.#parked.reverse());
        this.#parked.length = 0;
        return false;
      }
      const rest = this.#rests.pop();
      if (rest === undefined) return this.#value !== incomplete;
      this.#depth = rest.depth;
      if ('dict' in rest) this.#entries(rest.dict, rest.next, rest.key);
      else this.#elements(rest.elems, rest.next);
    }
  }

  /** The value, once all is read. Fails unless nothing but white space is left. */
  finish(): Value {
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#unexpected(' after value');
    return this.#value as Value;
  }

  #read(): Value | typeof incomplete {
    const unit = this.#skipSpace();
    switch (unit) {
      case 0x22:
        return this.#string();
      case 0x7b:
        return this.#object();
      case 0x5b:
        return this.#array();
      case 0x74:
        return this.#word('true', true);
      case 0x66:
        return this.#word('false', false);
      case 0x6e:
        return this.#word('null', null);
      default:
        if (unit === 0x2d || (unit >= 0x30 && unit <= 0x39)) return this.#number();
        throw this.#unexpected('');
    }
  }

  #object(): Dict {
    const dict = new Dict();
    this.#meter.charge(48);
    this.#meter.work(perContainer);
    this.#enter();
    this.#at++;
    this.#keys[this.#depth] ??= [];
    if (this.#skipSpace() === 0x7d) {
      this.#at++;
      this.#leave();
    } else {
      this.#entries(dict, 'key', '');
    }
    return dict;
  }

  /** Reads the entries of an object, from where it is on. */
  #entries(dict: Dict, next: 'key' | 'value' | 'comma', lastKey: string): void {
    const keys = this.#keys[this.#depth]!;
    if (next === 'value' && !this.#entry(dict, lastKey)) return;
    let isDone = next !== 'key' && this.#closes(0x7d, 'in object, ', "',' or '}'");
    while (!isDone) {
      if (this.#skipSpace() !== 0x22) throw this.#unexpected(', want a string as key');
      const key = this.#key(keys, dict.size);
      if (key === incomplete) return this.#park({ depth: this.#depth, dict, next: 'key', key: '' });
      this.#path[this.#depth - 1] = key;
      if (this.#skipSpace() !== 0x3a) throw this.#instead('after object key, ', "':'");
      this.#at++;
      if (!this.#entry(dict, key)) return;
      isDone = this.#closes(0x7d, 'in object, ', "',' or '}'");
    }
    this.#leave();
  }

  /** Reads the value at `key`. False when the object is to be gone on with later. */
  #entry(dict: Dict, key: string): boolean {
    const value = this.#read();
    if (value === incomplete) {
      this.#park({ depth: this.#depth, dict, next: 'value', key });
      return false;
    }
    dict.set(this.#meter, key, value);
    if (this.#at <= this.#until) return true;
    this.#park({ depth: this.#depth, dict, next: 'comma', key });
    return false;
  }

  /** Whether a container closes here; a comma goes on. */
  #closes(closing: number, where: string, wanted: string): boolean {
    const unit = this.#skipSpace();
    if (unit !== 0x2c && unit !== closing) throw this.#instead(where, wanted);
    this.#at++;
    return unit === closing;
  }

  /** A key; `keys[i]` is the one that was in its place in the object before, and is taken if it is here again. */
  #key(keys: string[], i: number): string | typeof incomplete {
    const likely = keys[i];
    if (likely !== undefined) {
      const end = this.#at + 1 + likely.length;
      if (this.#text.charCodeAt(end) === 0x22 && this.#text.startsWith(likely, this.#at + 1)) {
        this.#at = end + 1;
        return likely;
      }
    }
    const start = this.#at;
    const key = this.#string();
    // Only a key that is written without escapes can be told again by its text.
    if (i < 100 && key !== incomplete && this.#at === start + key.length + 2) keys[i] = key;
    return key;
  }

  #array(): List {
    const list = new List([]);
    this.#meter.work(perContainer);
    this.#enter();
    this.#at++;
    if (this.#skipSpace() === 0x5d) {
      this.#at++;
      this.#meter.charge(32);
      this.#leave();
    } else {
      this.#elements(list.elems, 'value');
    }
    return list;
  }

  /** Reads the elements of an array, from where it is on. */
  #elements(elems: Value[], next: 'value' | 'comma'): void {
    let isDone = next === 'comma' && this.#closes(0x5d, '', "',' or ']'");
    while (!isDone) {
      this.#path[this.#depth - 1] = elems.length;
      const value = this.#read();
      if (value === incomplete) return this.#park({ depth: this.#depth, elems, next: 'value' });
      payAppend(this.#meter, elems.length);
      elems.push(value);
      if (this.#at > this.#until) return this.#park({ depth: this.#depth, elems, next: 'comma' });
      isDone = this.#closes(0x5d, '', "',' or ']'");
    }
    this.#leave();
    this.#meter.charge(32 + 8 * elems.length);
  }

  /** Notes where the container that is being read has got to; those around it do the same, being beyond `#until` now. */
  #park(rest: Rest): void {
    this.#parked.push(rest);
    this.#depth--;
    this.#until = -1;
  }

  #string(): string | typeof incomplete {
    if (this.#open !== null) return this.#longString(this.#open);
    const text = this.#text;
    const start = this.#at + 1;
    const end = Math.min(text.length, start + shortString);
    let at = start;
    for (; at < end; at++) {
      const unit = text.charCodeAt(at);
      if (unit === 0x22) {
        this.#at = at + 1;
        return text.slice(start, at);
      }
      if (unit === 0x5c) break;
      if (unit < 0x20) {
        this.#at = at;
        throw this.#fail('a control character in a string must be escaped');
      }
    }
    if (at === text.length) throw this.#fail('unclosed string literal');
    return this.#longString({ done: [], text: '', from: start, at });
  }

  #longString(open: OpenString): string | typeof incomplete {
    const text = this.#text;
    let { at } = open;
    for (;;) {
      if (at >= text.length) throw this.#fail('unclosed string literal');
      const unit = text.charCodeAt(at);
      if (unit === 0x22) break;
      if (unit < 0x20) throw this.#failAt(at, 'a control character in a string must be escaped');
      if (unit === 0x5c) {
        open.text += text.slice(open.from, at);
        at = this.#escape(open, at);
        if (open.text.length > shortString) writeOut(open);
      } else {
        at++;
      }
      if (at > this.#until) {
        open.at = at;
        this.#open = open;
        return incomplete;
      }
    }
    this.#open = null;
    this.#at = at + 1;
    const last = open.text + text.slice(open.from, at);
    if (open.done.length === 0) return last;
    this.#meter.make(copying(at));
    return open.done.join('') + last;
  }

  /** Adds the character that the escape at `at` stands for. Returns the place behind it. */
  #escape(open: OpenString, at: number): number {
    const letter = this.#text.charAt(at + 1);
    const plain = escapes.get(letter);
    if (plain !== undefined) {
      open.text += plain;
      open.from = at + 2;
    } else if (letter === 'u' && /^[0-9a-fA-F]{4}$/.test(this.#text.slice(at + 2, at + 6))) {
      open.text += String.fromCharCode(Number.parseInt(this.#text.slice(at + 2, at + 6), 16));
      open.from = at + 6;
    } else {
      throw this.#failAt(at, 'invalid escape in a string');
    }
    this.#meter.work(perEscape);
    return open.from;
  }

  #number(): Value {
    const text = this.#text;
    const start = this.#at;
    let at = start;
    if (text.charCodeAt(at) === 0x2d) at++;
    const firstDigit = at;
    at = this.#skipDigits(at);
    const digits = at - firstDigit;
    let isFloat = false;
    let sound = digits > 0 && (digits === 1 || text.charCodeAt(firstDigit) !== 0x30);
    if (text.charCodeAt(at) === 0x2e) {
      isFloat = true;
      const point = at++;
      at = this.#skipDigits(at);
      sound &&= at > point + 1;
    }
    if ((text.charCodeAt(at) | 0x20) === 0x65) {
      isFloat = true;
      at++;
      const sign = text.charCodeAt(at);
      if (sign === 0x2b || sign === 0x2d) at++;
      const exponent = at;
      at = this.#skipDigits(at);
      sound &&= at > exponent;
    }
    const literal = text.slice(start, at);
    if (!sound) throw this.#failAt(at, `invalid number: ${beginningOf(literal)}`);
    this.#at = at;
    if (isFloat) return this.#float(literal);
    if (digits <= 15) return Number(literal) + 0;
    payReading(this.#meter, digits);
    return toInt(BigInt(literal));
  }

  #skipDigits(start: number): number {
    let at = start;
    while (isDigit(this.#text.charCodeAt(at))) if (++at % paidCharacters === 0) this.#pay();
    return at;
  }

  #pay(): void {
    this.#meter.work(paidCharacters / 2);
  }

  #float(literal: string): StarlarkFloat {
    const value = Number(literal);
    if (!Number.isFinite(value)) throw this.#fail(`number too large for a float: ${beginningOf(literal)}`);
    return new StarlarkFloat(value);
  }

  #word<Word extends boolean | null>(word: string, value: Word): Word {
    if (!this.#text.startsWith(word, this.#at)) throw this.#unexpected('');
    this.#at += word.length;
    return value;
  }

  /** Skips white space and returns the code unit after it; NaN at the end. */
  #skipSpace(): number {
    const text = this.#text;
    for (;;) {
      const unit = text.charCodeAt(this.#at);
      if (unit > 0x20 || (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09)) return unit;
      if (++this.#at % paidCharacters === 0) this.#pay();
    }
  }

  #enter(): void {
    if (++this.#depth > maxNesting) throw this.#fail(`nested more than ${maxNesting} levels deep`);
  }

  #leave(): void {
    this.#depth--;
    this.#path.length = this.#depth;
  }

  #unexpected(context: string): StarlarkError {
    if (this.#at >= this.#text.length) return this.#fail('unexpected end of file');
    return this.#fail(`unexpected character ${this.#shown()}${context}`);
  }

  /** What stands here is not what could follow. */
  #instead(where: string, wanted: string): StarlarkError {
    if (this.#at >= this.#text.length) return this.#fail('unexpected end of file');
    return this.#fail(`${where}got ${this.#shown()}, want ${wanted}`);
  }

  /** The character that stands here, in single quotes. */
  #shown(): string {
    const character = String.fromCodePoint(this.#text.codePointAt(this.#at) as number);
    if (character === '"') return `'"'`;
    return character === "'" ? "'\\''" : `'${quote(character).slice(1, -1)}'`;
  }

  #failAt(at: number, problem: string): StarlarkError {
    this.#at = at;
    return this.#fail(problem);
  }

  #fail(problem: string): StarlarkError {
    const place = this.#depth === 0 ? '' : ` (in ${formatPath(this.#path.slice(0, this.#depth))})`;
    return new StarlarkError('value', `at offset ${this.#at}, ${problem}${place}`);
  }
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

/** Making an object or an array, in elements beside one for each character of it. */
const perContainer = 12;
/** Adding the character that an escape stands for, in elements beside one for each character of it. */
const perEscape = 4;

/** Makes V8 write out what was put together from many pieces: see TextBuilder. */
function writeOut(open: OpenString): void {
  open.text.charCodeAt(0);
  open.done.push(open.text);
  open.text = '';
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);
