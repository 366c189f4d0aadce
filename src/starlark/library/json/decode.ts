import { StarlarkError } from '../../errors.ts';
import { Dict } from '../../values/dict.ts';
import { maxNesting } from '../../values/equals.ts';
import { StarlarkFloat } from '../../values/float.ts';
import { toInt } from '../../values/int.ts';
import { chargeRadix } from '../../values/int-digits.ts';
import { List } from '../../values/list.ts';
import { quote } from '../../values/quote.ts';
import type { Value } from '../../values/value.ts';
import type { Meter } from '../../values/meter.ts';
import { formatPath } from './path.ts';

/**
 * Reads one JSON text. A number without fraction and exponent is an int, exact however long; others are floats.
 * Of two equal keys the last wins. Fails, naming offset and path, where the text is not JSON.
 */
export function decode(meter: Meter, text: string): Value {
  meter.charge(text.length);
  meter.work(text.length);
  const decoder = new Decoder(meter, text);
  const value = decoder.value();
  decoder.end();
  return value;
}

class Decoder {
  readonly #meter: Meter;
  readonly #text: string;
  #at: number = 0;
  /** Where in the whole value the part that is being read lies; as long as `#depth`. */
  readonly #path: (string | number)[] = [];
  #depth: number = 0;
  /** For each depth, the keys of the object that was read there last: those of the next are mostly the same. */
  readonly #keys: string[][] = [];

  constructor(meter: Meter, text: string) {
    this.#meter = meter;
    this.#text = text;
  }

  /** Fails unless nothing but white space is left. */
  end(): void {
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#unexpected(' after value');
  }

  value(): Value {
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
    this.#enter();
    this.#at++;
    const keys = (this.#keys[this.#depth] ??= []);
    if (this.#skipSpace() === 0x7d) {
      this.#at++;
      this.#leave();
      return dict;
    }
    for (;;) {
      if (this.#skipSpace() !== 0x22) throw this.#unexpected(', want a string as key');
      const key = this.#key(keys, dict.size);
      this.#path[this.#depth - 1] = key;
      if (this.#skipSpace() !== 0x3a) throw this.#instead('after object key, ', "':'");
      this.#at++;
      dict.set(this.#meter, key, this.value());
      const unit = this.#skipSpace();
      if (unit !== 0x2c && unit !== 0x7d) throw this.#instead('in object, ', "',' or '}'");
      this.#at++;
      if (unit === 0x7d) break;
    }
    this.#leave();
    return dict;
  }

  /** A key; `keys[i]` is the one that was in its place in the object before, and is taken if it is here again. */
  #key(keys: string[], i: number): string {
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
    if (i < 100 && this.#at === start + key.length + 2) keys[i] = key;
    return key;
  }

  #array(): List {
    const elems: Value[] = [];
    this.#enter();
    this.#at++;
    if (this.#skipSpace() === 0x5d) {
      this.#at++;
    } else {
      for (;;) {
        this.#path[this.#depth - 1] = elems.length;
        elems.push(this.value());
        const unit = this.#skipSpace();
        if (unit !== 0x2c && unit !== 0x5d) throw this.#instead('', "',' or ']'");
        this.#at++;
        if (unit === 0x5d) break;
      }
    }
    this.#leave();
    this.#meter.charge(32 + 8 * elems.length);
    return new List(elems);
  }

  #string(): string {
    const text = this.#text;
    const start = this.#at + 1;
    for (let at = start; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (unit === 0x22) {
        this.#at = at + 1;
        return text.slice(start, at);
      }
      if (unit === 0x5c) return this.#escapedString(start, at);
      if (unit < 0x20) {
        this.#at = at;
        throw this.#fail('a control character in a string must be escaped');
      }
    }
    throw this.#fail('unclosed string literal');
  }

  /** A string whose first escape is at `escape`. */
  #escapedString(start: number, escape: number): string {
    const text = this.#text;
    let result = '';
    let from = start;
    let at = escape;
    for (;;) {
      if (at >= text.length) throw this.#fail('unclosed string literal');
      const unit = text.charCodeAt(at);
      if (unit === 0x22) break;
      if (unit < 0x20) throw this.#failAt(at, 'a control character in a string must be escaped');
      if (unit !== 0x5c) {
        at++;
        continue;
      }
      result += text.slice(from, at);
      const letter = text.charAt(at + 1);
      const plain = escapes.get(letter);
      if (plain !== undefined) {
        result += plain;
        at += 2;
      } else if (letter === 'u' && /^[0-9a-fA-F]{4}$/.test(text.slice(at + 2, at + 6))) {
        result += String.fromCharCode(Number.parseInt(text.slice(at + 2, at + 6), 16));
        at += 6;
      } else {
        throw this.#failAt(at, 'invalid escape in a string');
      }
      from = at;
    }
    this.#at = at + 1;
    return result + text.slice(from, at);
  }

  #number(): Value {
    const text = this.#text;
    const start = this.#at;
    let at = start;
    if (text.charCodeAt(at) === 0x2d) at++;
    const firstDigit = at;
    while (isDigit(text.charCodeAt(at))) at++;
    const digits = at - firstDigit;
    let isFloat = false;
    let sound = digits > 0 && (digits === 1 || text.charCodeAt(firstDigit) !== 0x30);
    if (text.charCodeAt(at) === 0x2e) {
      isFloat = true;
      const point = at++;
      while (isDigit(text.charCodeAt(at))) at++;
      sound &&= at > point + 1;
    }
    if ((text.charCodeAt(at) | 0x20) === 0x65) {
      isFloat = true;
      at++;
      const sign = text.charCodeAt(at);
      if (sign === 0x2b || sign === 0x2d) at++;
      const exponent = at;
      while (isDigit(text.charCodeAt(at))) at++;
      sound &&= at > exponent;
    }
    const literal = text.slice(start, at);
    if (!sound) throw this.#failAt(at, `invalid number: ${literal}`);
    this.#at = at;
    if (isFloat) return this.#float(literal);
    if (digits <= 15) return Number(literal) + 0;
    chargeRadix(this.#meter, Math.ceil(digits * Math.log2(10)));
    return toInt(BigInt(literal));
  }

  #float(literal: string): StarlarkFloat {
    const value = Number(literal);
    if (!Number.isFinite(value)) throw this.#fail(`number too large for a float: ${literal}`);
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
      this.#at++;
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
    const place = this.#depth === 0 ? '' : ` (in ${formatPath(this.#path)})`;
    return new StarlarkError('value', `at offset ${this.#at}, ${problem}${place}`);
  }
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
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
