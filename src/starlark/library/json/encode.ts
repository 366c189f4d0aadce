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
  return new Encoder(meter).encode(value);
}

class Encoder {
  readonly #meter: Meter;
  /** Each key met so far, as it is written after another member. */
  readonly #keys: Map<string, string> = new Map();
  /** Where in the whole value the part that is being written lies; as long as `#depth`. */
  readonly #path: (string | number)[] = [];
  #depth: number = 0;
  /** How much text is charged, of all that is being put together now. */
  #charged: number = 0;

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  encode(value: Value): string {
    const text = this.#write(value);
    this.#meter.charge(text.length - this.#charged);
    return text;
  }

  #write(value: Value): string {
    switch (typeof value) {
      case 'string':
        return quoteJson(value);
      case 'number':
      case 'bigint':
        return String(value);
      case 'boolean':
        return value ? 'true' : 'false';
      default:
    }
    if (value === null) return 'null';
    if (value instanceof Dict) return this.#object(value);
    if (value instanceof List || value instanceof Tuple) return this.#array(value.elems);
    if (value instanceof StarlarkFloat) return this.#float(value.value);
    return this.#other(value);
  }

  #object(dict: Dict): string {
    const charged = this.#enter();
    let text = '{';
    for (const [key, value] of dict.map) {
      if (typeof key !== 'string') throw this.#refuse(`dict has ${typeName(key)} key, want string`);
      const written = this.#keys.get(key) ?? this.#addKey(key);
      text += text === '{' ? written.slice(1) : written;
      this.#path[this.#depth - 1] = key;
      text += this.#write(value);
    }
    return this.#leave(text + '}', charged);
  }

  #addKey(key: string): string {
    const written = `,${quoteJson(key)}:`;
    if (this.#keys.size < 1000) this.#keys.set(key, written);
    return written;
  }

  #array(elems: readonly Value[]): string {
    if (elems.length > 1 && elems.every(isNative)) return JSON.stringify(elems);
    const charged = this.#enter();
    let text = '[';
    for (let i = 0; i < elems.length; i++) {
      if (i > 0) text += ',';
      this.#path[this.#depth - 1] = i;
      text += this.#write(elems[i] as Value);
    }
    return this.#leave(text + ']', charged);
  }

  #float(value: number): string {
    if (!Number.isFinite(value)) throw this.#refuse('cannot encode a float that is not finite as JSON');
    if (Object.is(value, -0)) return '-0.0';
    const text = String(value);
    return Number.isInteger(value) && !text.includes('e') ? `${text}.0` : text;
  }

  #other(value: Value): string {
    if (value instanceof StarlarkSet) return this.#array(value.toArray());
    if (!(value instanceof Range || value instanceof Elems)) {
      throw this.#refuse(`cannot encode ${typeName(value)} as JSON`);
    }
    this.#meter.charge(24 * value.length);
    return this.#array(value.toArray());
  }

  /** Begins a container. What was charged before it is for {@link #leave}. */
  #enter(): number {
    if (++this.#depth > maxNesting) {
      throw new StarlarkError(
        'value',
        `cannot encode as JSON a value nested more than ${maxNesting} levels deep`,
      );
    }
    const charged = this.#charged;
    this.#charged = 0;
    return charged;
  }

  /** Each part is charged as it is made, so a value that holds itself many times over is refused in time. */
  #leave(text: string, charged: number): string {
    this.#depth--;
    this.#path.length = this.#depth;
    const fresh = text.length - this.#charged;
    this.#meter.charge(fresh);
    this.#meter.work(fresh >>> 3);
    this.#charged = charged + text.length;
    return text;
  }

  #refuse(problem: string): StarlarkError {
    const place = this.#depth === 0 ? '' : ` (at ${formatPath(this.#path)})`;
    return new StarlarkError('value', problem + place);
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
