import { StarlarkError } from '../../errors.ts';
import { Dict } from '../../values/dict.ts';
import { Elems } from '../../values/elems.ts';
import { maxNesting } from '../../values/equals.ts';
import { StarlarkFloat } from '../../values/float.ts';
import { List } from '../../values/list.ts';
import { Range } from '../../values/range.ts';
import { StarlarkSet } from '../../values/set.ts';
import { Tuple } from '../../values/tuple.ts';
import { typeName } from '../../values/type-name.ts';
import type { Value } from '../../values/value.ts';
import type { Meter } from '../../values/meter.ts';
import { formatPath } from './path.ts';

/**
 * The JSON text of `value`: compact, keys in the dict's order, ints exact, floats with a point or an exponent so that
 * `1` and `1.0` stay apart. Tuples, sets and ranges become arrays. Fails, naming the path, for what JSON cannot hold.
 */
export function encode(meter: Meter, value: Value): string {
  const encoder = new Encoder(meter);
  encoder.write(value);
  return encoder.finish();
}

class Encoder {
  readonly #meter: Meter;
  #text: string = '';
  #charged: number = 0;
  /** Where in the whole value the part that is being written lies; as long as `#depth`. */
  readonly #path: (string | number)[] = [];
  #depth: number = 0;

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  finish(): string {
    this.#meter.charge(this.#text.length - this.#charged);
    return this.#text;
  }

  write(value: Value): void {
    switch (typeof value) {
      case 'string':
        this.#text += quoteJson(value);
        return;
      case 'number':
      case 'bigint':
        this.#text += value;
        return;
      case 'boolean':
        this.#text += value ? 'true' : 'false';
        return;
      default:
    }
    if (value === null) this.#text += 'null';
    else if (value instanceof Dict) this.#object(value);
    else if (value instanceof List || value instanceof Tuple) this.#array(value.elems);
    else if (value instanceof StarlarkFloat) this.#text += this.#float(value.value);
    else this.#other(value);
  }

  #object(dict: Dict): void {
    if (dict.size === 0) {
      this.#text += '{}';
      return;
    }
    this.#enter();
    let separator = '{';
    for (const [key, value] of dict.map) {
      if (typeof key !== 'string') throw this.#refuse(`dict has ${typeName(key)} key, want string`);
      this.#text += separator + quoteJson(key) + ':';
      separator = ',';
      this.#path[this.#depth - 1] = key;
      this.write(value);
    }
    this.#text += '}';
    this.#leave();
  }

  #array(elems: readonly Value[]): void {
    this.#enter();
    this.#text += '[';
    for (let i = 0; i < elems.length; i++) {
      if (i > 0) this.#text += ',';
      this.#path[this.#depth - 1] = i;
      this.write(elems[i] as Value);
    }
    this.#text += ']';
    this.#leave();
  }

  #float(value: number): string {
    if (!Number.isFinite(value)) throw this.#refuse('cannot encode a float that is not finite as JSON');
    const text = Object.is(value, -0) ? '-0' : String(value);
    return /[.e]/.test(text) ? text : `${text}.0`;
  }

  #other(value: Value): void {
    if (value instanceof StarlarkSet) {
      this.#array(value.toArray());
    } else if (value instanceof Range) {
      this.#meter.charge(8 * value.length);
      this.#array(value.toArray());
    } else if (value instanceof Elems) {
      this.#meter.charge(24 * value.length);
      this.#array(value.toArray());
    } else {
      throw this.#refuse(`cannot encode ${typeName(value)} as JSON`);
    }
  }

  /** The text is charged as it grows, so a value that holds itself many times over is refused in time. */
  #enter(): void {
    if (this.#text.length - this.#charged > 4096) {
      this.#meter.charge(this.#text.length - this.#charged);
      this.#meter.work((this.#text.length - this.#charged) >>> 3);
      this.#charged = this.#text.length;
    }
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
  }

  #refuse(problem: string): StarlarkError {
    const place = this.#depth === 0 ? '' : ` (at ${formatPath(this.#path)})`;
    return new StarlarkError('value', problem + place);
  }
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
