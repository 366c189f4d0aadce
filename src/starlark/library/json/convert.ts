/** Between Starlark values and the host: JSON text, and JSON values as JavaScript holds them. */
import { StarlarkError } from '../../errors.ts';
import { Dict } from '../../values/dict.ts';
import { maxNesting } from '../../values/equals.ts';
import { toInt } from '../../values/int.ts';
import { StarlarkFloat } from '../../values/float.ts';
import { List } from '../../values/list.ts';
import { Range } from '../../values/range.ts';
import { StarlarkSet } from '../../values/set.ts';
import { Tuple } from '../../values/tuple.ts';
import { typeName } from '../../values/type-name.ts';
import type { Value } from '../../values/value.ts';
import { decode } from './decode.ts';
import { encode } from './encode.ts';
import { hostMeter } from './meter.ts';
import { formatPath } from './path.ts';
import { keyRemedy, remedyFor } from './remedy.ts';

/** JSON as JavaScript holds it, but that an int which its numbers cannot hold exactly is a bigint. */
export type ExactJson =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly ExactJson[]
  | { readonly [key: string]: ExactJson | undefined };

export interface EncodeOptions {
  /** The longest text, in UTF-16 code units, before a StarlarkError 'memory_limit'. No limit when left out. */
  maxLength?: number;
}

/** The exact JSON text of a value. @throws StarlarkError naming the path of what JSON cannot hold */
export function encodeJson(value: Value, options: EncodeOptions = {}): string {
  try {
    return encode(hostMeter(options.maxLength), value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new StarlarkError('memory_limit', 'the JSON text is longer than a string can be', { cause: error });
  }
}

/** The value of a JSON text, ints exact. @throws StarlarkError where it is not JSON */
export function decodeJson(text: string): Value {
  return decode(hostMeter(), text);
}

/** The Starlark value of a JavaScript JSON value; a number without fraction is an int. Members that are undefined are left out. */
export function fromJs(value: ExactJson): Value {
  return fromJsAt(value, 0);
}

function fromJsAt(value: ExactJson, depth: number): Value {
  if (typeof value === 'number') return numberFromJs(value);
  if (typeof value === 'bigint') return toInt(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > maxNesting) {
    throw new StarlarkError('value', `cannot take in a value nested more than ${maxNesting} levels deep`);
  }
  if (Array.isArray(value))
    return new List((value as readonly ExactJson[]).map((item) => fromJsAt(item, depth + 1)));
  const dict = new Dict();
  const meter = hostMeter();
  for (const [key, member] of Object.entries(value as { readonly [key: string]: ExactJson | undefined })) {
    if (member !== undefined) dict.set(meter, key, fromJsAt(member, depth + 1));
  }
  return dict;
}

function numberFromJs(value: number): Value {
  if (Number.isSafeInteger(value)) return value + 0;
  return Number.isInteger(value) ? BigInt(value) : new StarlarkFloat(value);
}

/** Ints from this on are refused: hardly a reader of JSON takes them, and their digits take long to find. */
const tooLarge = 1n << 1024n;

/**
 * The JavaScript JSON value of a Starlark value; an int beyond 2^53 is a bigint. What JSON cannot hold is refused with
 * its path, and so is an int of more than 1024 bits.
 * @param spend told, before each part is converted, how many characters of JSON it takes at the least; what it throws
 * ends the conversion
 * @throws StarlarkError 'value'
 */
export function toJs(value: Value, spend: Spend = () => undefined): ExactJson {
  return toJsAt(value, [], spend);
}

export type Spend = (characters: number) => void;

function toJsAt(value: Value, path: (string | number)[], spend: Spend): ExactJson {
  if (typeof value === 'bigint') {
    if (value >= tooLarge || value <= -tooLarge)
      throw refuse('an int of more than 1024 bits is too large to be sent: send it as a string', path);
    spend(String(value).length);
    return value;
  }
  spend(typeof value === 'string' ? value.length + 2 : 1);
  if (typeof value !== 'object' || value === null) return value;
  if (path.length > maxNesting) {
    throw new StarlarkError('value', `cannot hand out a value nested more than ${maxNesting} levels deep`);
  }
  if (value instanceof StarlarkFloat) {
    if (Number.isFinite(value.value)) return value.value;
    throw refuse('JSON cannot hold a float that is not finite', path);
  }
  if (value instanceof Dict) return objectToJs(value, path, spend);
  if (value instanceof StarlarkSet || value instanceof Range)
    spend(value instanceof Range ? value.length : value.map.size);
  const elems = value instanceof List || value instanceof Tuple ? value.elems : elementsOf(value);
  if (elems === undefined) throw refuse(`JSON cannot hold a ${typeName(value)}`, path, remedyFor(value));
  return elems.map((elem, i) => within(path, i, () => toJsAt(elem, path, spend)));
}

function elementsOf(value: Value): readonly Value[] | undefined {
  return value instanceof StarlarkSet || value instanceof Range ? value.toArray() : undefined;
}

/** Members are defined, never assigned: a key such as `__proto__` is a key like any other. */
function objectToJs(dict: Dict, path: (string | number)[], spend: Spend): ExactJson {
  const object: { [key: string]: ExactJson } = {};
  for (const [key, value] of dict.map) {
    if (typeof key !== 'string') throw refuse(`dict has ${typeName(key)} key, want string`, path, keyRemedy);
    spend(key.length + 3);
    const member = within(path, key, () => toJsAt(value, path, spend));
    Object.defineProperty(object, key, {
      value: member,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return object;
}

function within<Result>(path: (string | number)[], step: string | number, act: () => Result): Result {
  path.push(step);
  const result = act();
  path.pop();
  return result;
}

function refuse(problem: string, path: readonly (string | number)[], remedy = ''): StarlarkError {
  const place = path.length === 0 ? '' : ` (at ${formatPath(path)})`;
  return new StarlarkError('value', problem + place + remedy);
}
