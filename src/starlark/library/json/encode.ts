import { StarlarkError } from '../../errors.ts';
import { Dict } from '../../values/dict.ts';
import { Elems } from '../../values/elems.ts';
import { maxNesting } from '../../values/equals.ts';
import { formatFloat, StarlarkFloat } from '../../values/float.ts';
import { bitLength } from '../../values/int.ts';
import { chargeRadix } from '../../values/int-digits.ts';
import { List } from '../../values/list.ts';
import { Range } from '../../values/range.ts';
import { StarlarkSet } from '../../values/set.ts';
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
  return new Encoder(meter).encode(value);
}

class Encoder {
  readonly #meter: Meter;
  /** What is complete, in pieces of some thousands. */
  readonly #done: string[] = [];
  #text: string = '';
  /** Each key met so far, as it is written after another member. */
  readonly #keys: Map<string, string> = new Map();
  /** Where in the whole value the part that is being written lies; as long as `#depth`. */
  readonly #path: (string | number)[] = [];
  #depth: number = 0;

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  encode(value: Value): string {
    this.#write(value);
    this.#settle();
    return this.#done.join('');
  }

  #write(value: Value): void {
    if (typeof value === 'string') this.#text += quoteJson(value);
    else if (typeof value === 'number') this.#text += value;
    else if (typeof value === 'boolean') this.#text += value ? 'true' : 'false';
    else if (value === null) this.#text += 'null';
    else if (value instanceof Dict) this.#object(value);
    else if (value instanceof List || value instanceof Tuple) this.#array(value.elems);
    else if (value instanceof StarlarkFloat) this.#text += this.#float(value.value);
    else this.#other(value);
  }

  #object(dict: Dict): void {
    this.#enter();
    let isFirst = true;
    for (const [key, value] of dict.map) {
      if (typeof key !== 'string')
        throw this.#refuse(`dict has ${typeName(key)} key, want string`, keyRemedy);
      const written = this.#keys.get(key) ?? this.#addKey(key);
      this.#text += isFirst ? `{${written.slice(1)}` : written;
      isFirst = false;
      this.#path[this.#depth - 1] = key;
      this.#write(value);
    }
    this.#text += isFirst ? '{}' : '}';
    this.#leave();
  }

  #addKey(key: string): string {
    const written = `,${quoteJson(key)}:`;
    if (this.#keys.size < 1000) this.#keys.set(key, written);
    return written;
  }

  #array(elems: readonly Value[]): void {
    if (elems.length > 1 && elems.every(isNative)) {
      this.#text += JSON.stringify(elems);
      if (this.#text.length > 4096) this.#settle();
      return;
    }
    this.#enter();
    this.#text += '[';
    for (let i = 0; i < elems.length; i++) {
      if (i > 0) this.#text += ',';
      this.#path[this.#depth - 1] = i;
      this.#write(elems[i] as Value);
    }
    this.#text += ']';
    this.#leave();
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
      chargeRadix(this.#meter, bitLength(value));
      this.#text += value;
    } else if (value instanceof StarlarkSet) {
      this.#array(value.toArray());
    } else if (value instanceof Range || value instanceof Elems) {
      this.#meter.charge(24 * value.length);
      this.#array(value.toArray());
    } else {
      throw this.#refuse(`cannot encode ${typeName(value)} as JSON`, remedyFor(value));
    }
  }

  #enter(): void {
    this.#meter.work(16);
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
    if (this.#text.length > 4096) this.#settle();
  }

  /**
   * Charges what was written, so that a value that holds itself many times over is refused in time. A string put
   * together from many small ones is held as a tree of them, which takes many times its length: looking at a
   * character makes V8 write it out.
   */
  #settle(): void {
    this.#meter.charge(this.#text.length);
    this.#meter.work(this.#text.length);
    this.#text.charCodeAt(0);
    this.#done.push(this.#text);
    this.#text = '';
  }

  #refuse(problem: string, remedy = ''): StarlarkError {
    const place = this.#depth === 0 ? '' : ` (at ${formatPath(this.#path)})`;
    return new StarlarkError('value', problem + place + remedy);
  }
}

/** Whether JavaScript writes the value as JSON just as it should be: `1.0` and large ints it would not. */
function isNative(value: Value): boolean {
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
