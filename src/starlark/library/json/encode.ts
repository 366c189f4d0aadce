import { StarlarkError } from '../../errors.ts';
import { pieceElements, type Pieces } from '../../eval/pieces.ts';
import { uncounted } from '../../eval/suspend.ts';
import type { Thread } from '../../eval/thread.ts';
import { wholePair } from '../../values/code-points.ts';
import { copying } from '../../values/costs.ts';
import { Dict } from '../../values/dict.ts';
import { Elems } from '../../values/elems.ts';
import { maxNesting } from '../../values/equals.ts';
import { formatFloat, StarlarkFloat } from '../../values/float.ts';
import { intToString } from '../../values/int-digits.ts';
import { List } from '../../values/list.ts';
import { Range } from '../../values/range.ts';
import { StarlarkSet } from '../../values/set.ts';
import { TextParts } from '../../values/text-parts.ts';
import { Tuple } from '../../values/tuple.ts';
import { typeName } from '../../values/type-name.ts';
import type { Value } from '../../values/value.ts';
import type { Meter } from '../../values/meter.ts';
import { formatPath } from './path.ts';
import { keyRemedy, remedyFor } from './remedy.ts';

/**
 * The JSON text of `value`: compact, keys in the dict's order, ints exact, floats with a point or an exponent so that
 * `1` and `1.0` stay apart. Tuples, sets and ranges become arrays. Fails, naming the path, for what JSON cannot hold.
 */
export function encode(meter: Meter, value: Value): string {
  const encoder = new Encoder(meter);
  encoder.begin(value, Infinity);
  return encoder.finish();
}

/** As {@link encode}, in pieces that come to so many elements. Text at once, where one piece is enough. */
export function encodeSome(
  thread: Thread,
  value: Value,
  piece: number = pieceElements,
): string | Pieces<string> {
  const encoder = new Encoder(thread);
  return encoder.begin(value, piece) ? encoder.finish() : encodeRest(thread, encoder, piece);
}

function* encodeRest(thread: Thread, encoder: Encoder, piece: number): Pieces<string> {
  do {
    if (thread.piece(0)) yield uncounted;
  } while (!encoder.goOn(piece));
  return encoder.finish();
}

/** An object or an array of which some is written: what follows, from `at` on. */
interface Rest {
  readonly keys: readonly Value[] | null;
  readonly values: readonly Value[];
  readonly at: number;
  readonly depth: number;
}

/** Texts up to this long are written at once, longer ones in parts. */
const partLength = 4096;
/** So many members of an array are written by JavaScript's own means at once, texts up to this long among them. */
const mostNative = 256;
const longestNative = 256;
/** Longer keys are not kept to be written again. */
const longestKey = 100;

/**
 * Writes a value, some of it at a time. It goes down into containers by calling itself; once enough is written, each of
 * the calls that are active notes what it has not written yet (`#parked`) and returns.
 */
class Encoder {
  readonly #meter: Meter;
  /** What is complete, in pieces of some thousands. */
  #done: TextParts | null = null;
  #text: string = '';
  /** Each key met so far, as it is written after another member. */
  readonly #keys: Map<string, string> = new Map();
  /** Where in the whole value the part that is being written lies; as long as `#depth`. */
  readonly #path: (string | number)[] = [];
  #depth: number = 0;
  /** How much may still be written at this time, in elements. */
  #left = 0;
  /** What is to be written, the innermost last; and what was noted on the way out, the innermost first. */
  readonly #rests: Rest[] = [];
  readonly #parked: Rest[] = [];
  /** A long text that is being written: what is left of it comes before all rests. */
  #long: { readonly text: string; at: number } | null = null;

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  /** Writes so much of the value, in elements. True when that is all of it. */
  begin(value: Value, elements: number): boolean {
    this.#left = elements;
    this.#write(value);
    return this.#rest();
  }

  /** The same for what is left of it. */
  goOn(elements: number): boolean {
    this.#left = elements;
    return this.#rest();
  }

  finish(): string {
    const last = this.#text;
    this.#settle();
    if (this.#done === null || this.#done.length === last.length) return last;
    this.#meter.make(copying(this.#done.length));
    return this.#done.join();
  }

  #rest(): boolean {
    for (;;) {
      while (this.#parked.length > 0) this.#rests.push(this.#parked.pop()!);
      if (this.#long !== null) this.#writeLong(this.#long);
      if (this.#left <= 0) return this.#long === null && this.#rests.length === 0;
      const rest = this.#rests.pop();
      if (rest === undefined) return true;
      this.#depth = rest.depth;
      if (rest.keys === null) this.#members(rest.values, rest.at);
      else this.#entries(rest.keys, rest.values, rest.at);
    }
  }

  #write(value: Value): void {
    if (typeof value === 'string') this.#string(value);
    else if (typeof value === 'number') this.#text += value;
    else if (typeof value === 'boolean') this.#text += value ? 'true' : 'false';
    else if (value === null) this.#text += 'null';
    else if (value instanceof Dict) this.#object(value);
    else if (value instanceof List || value instanceof Tuple) this.#array(value.elems);
    else if (value instanceof StarlarkFloat) this.#text += this.#float(value.value);
    else this.#other(value);
  }

  #string(text: string): void {
    if (text.length <= partLength) {
      this.#text += quoteJson(text);
      return;
    }
    this.#text += '"';
    this.#long = { text, at: 0 };
    this.#writeLong(this.#long);
  }

  #writeLong(long: { readonly text: string; at: number }): void {
    const { text } = long;
    while (this.#left > 0 && long.at < text.length) {
      const end = Math.min(long.at + partLength, text.length);
      this.#meter.work(2 * (end - long.at));
      this.#text += quoteJson(text.slice(wholePair(text, long.at), wholePair(text, end))).slice(1, -1);
      this.#settle();
      long.at = end;
    }
    if (long.at < text.length) return;
    this.#text += '"';
    this.#long = null;
  }

  #object(dict: Dict): void {
    this.#enter();
    let at = 0;
    for (const [key, value] of dict.map) {
      this.#entry(key as Value, value, at++);
      if (this.#left > 0) continue;
      this.#meter.work(2 * dict.size);
      this.#park(dict.keys(), Array.from(dict.map.values()), at);
      return;
    }
    this.#text += at === 0 ? '{}' : '}';
    this.#leave();
  }

  #entries(keys: readonly Value[], values: readonly Value[], from: number): void {
    for (let at = from; at < keys.length;) {
      this.#entry(keys[at] as Value, values[at] as Value, at);
      at++;
      if (this.#left <= 0) return this.#park(keys, values, at);
    }
    this.#text += '}';
    this.#leave();
  }

  #entry(key: Value, value: Value, at: number): void {
    if (typeof key !== 'string') throw this.#refuse(`dict has ${typeName(key)} key, want string`, keyRemedy);
    const written = this.#keys.get(key) ?? this.#addKey(key);
    this.#text += at === 0 ? `{${written.slice(1)}` : written;
    this.#path[this.#depth - 1] = key;
    this.#write(value);
    if (at % lookEvery === 0 && this.#text.length > partLength) this.#settle();
  }

  #addKey(key: string): string {
    if (key.length > longestKey) this.#meter.work(2 * key.length);
    const written = `,${quoteJson(key)}:`;
    if (this.#keys.size < 1000 && key.length <= longestKey) this.#keys.set(key, written);
    return written;
  }

  #array(elems: readonly Value[]): void {
    if (elems.length > 1 && elems.length <= mostNative && elems.every(isNative)) {
      this.#text += JSON.stringify(elems);
      if (this.#text.length > partLength) this.#settle();
      return;
    }
    this.#enter();
    this.#text += '[';
    this.#members(elems, 0);
  }

  #members(elems: readonly Value[], from: number): void {
    for (let at = from; at < elems.length;) {
      if (at > 0) this.#text += ',';
      at = this.#some(elems, at);
      if (this.#text.length > partLength) this.#settle();
      if (this.#left <= 0) return this.#park(null, elems, at);
    }
    this.#text += ']';
    this.#leave();
  }

  /** Writes a member, or those from it on that JavaScript writes as they should be. Returns the place of the next. */
  #some(elems: readonly Value[], at: number): number {
    let end = at;
    while (end < elems.length && end - at < mostNative && isNative(elems[end] as Value)) end++;
    if (end - at > 1) {
      this.#text += JSON.stringify(elems.slice(at, end)).slice(1, -1);
      return end;
    }
    this.#path[this.#depth - 1] = at;
    this.#write(elems[at] as Value);
    return at + 1;
  }

  #float(value: number): string {
    if (!Number.isFinite(value))
      throw this.#refuse(`cannot encode non-finite float ${formatFloat(value)} as JSON`);
    if (Object.is(value, -0)) return '-0.0';
    const text = String(value);
    return Number.isInteger(value) && !text.includes('e') ? `${text}.0` : text;
  }

  #other(value: Value): void {
    if (typeof value === 'bigint') {
      this.#text += intToString(this.#meter, value);
    } else if (value instanceof StarlarkSet) {
      this.#meter.work(value.size);
      this.#array(value.toArray());
    } else if (value instanceof Range || value instanceof Elems) {
      this.#meter.charge(24 * value.length);
      this.#meter.work(4 * value.length);
      this.#array(value.toArray());
    } else {
      throw this.#refuse(`cannot encode ${typeName(value)} as JSON`, remedyFor(value));
    }
  }

  #enter(): void {
    this.#meter.work(perContainer);
    this.#left -= perContainer;
    if (++this.#depth > maxNesting) {
      throw new StarlarkError(
        'value',
        `cannot encode as JSON a value nested more than ${maxNesting} levels deep`,
      );
    }
  }

  #leave(): void {
    this.#depth--;
    this.#path.length = this.#depth;
    if (this.#text.length > partLength) this.#settle();
  }

  /** Notes what is left of the container that is being written. */
  #park(keys: readonly Value[] | null, values: readonly Value[], at: number): void {
    this.#parked.push({ keys, values, at, depth: this.#depth });
    this.#depth--;
  }

  /**
   * Charges what was written, so that a value that holds itself many times over is refused in time. A string put
   * together from many small ones is held as a tree of them, which takes many times its length: looking at a
   * character makes V8 write it out.
   */
  #settle(): void {
    const { length } = this.#text;
    this.#meter.charge(length);
    this.#meter.work(length);
    this.#left -= length;
    this.#text.charCodeAt(0);
    (this.#done ??= new TextParts()).push(this.#text);
    this.#text = '';
  }

  #refuse(problem: string, remedy = ''): StarlarkError {
    const place = this.#depth === 0 ? '' : ` (at ${formatPath(this.#path.slice(0, this.#depth))})`;
    return new StarlarkError('value', problem + place + remedy);
  }
}

/** Beginning a container, in elements beside one for each character. */
const perContainer = 16;
/** So many members are written before it is looked how much that was. */
const lookEvery = 16;

/** Whether JavaScript writes the value as JSON just as it should be: `1.0` and large ints it would not. */
function isNative(value: Value): boolean {
  if (typeof value === 'string') return value.length <= longestNative;
  return typeof value !== 'object' ? typeof value !== 'bigint' : value === null;
}

/** The JSON literal of a string; a lone surrogate is escaped, all other text is left as it is. */
export function quoteJson(text: string): string {
  if (text.length > 40) return JSON.stringify(text);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 32 || unit === 34 || unit === 92 || (unit & 0xf800) === 0xd800) return JSON.stringify(text);
  }
  return `"${text}"`;
}
