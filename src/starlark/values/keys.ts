/**
 * How a value becomes the key of a JavaScript `Map`, so that dicts and sets agree with Starlark's `==`.
 *
 * A string, a bool, `None`, an int or a function is its own key. A float takes the number it equals: `1.0` the key
 * of `1`; one with a fraction is a number that no int can be. Tuples and bytes are compared by content, so each
 * table keeps one of every group of equal ones (an {@link Interner}) and that one is the key.
 */
import { StarlarkError } from '../errors.ts';
import { Bytes, compareBytes } from './bytes.ts';
import { StarlarkFloat } from './float.ts';
import { HostValue } from './host-value.ts';
import { isFunction, typeName } from './type-name.ts';
import { Tuple } from './tuple.ts';
import type { Value } from './value.ts';

/** What stands in a Map for a value. */
export type Key = Value;

/** A value whose key depends on its content. */
export type Structured = Tuple | Bytes | HostValue;

export function isStructured(value: unknown): value is Structured {
  return value instanceof Tuple || value instanceof Bytes || value instanceof HostValue;
}

/** The key of a value that is neither tuple nor bytes. Fails for lists, dicts and others that can change. */
export function keyOfObject(value: object): Key {
  if (value instanceof StarlarkFloat) return numberKey(value.value);
  if (isFunction(value as Value)) return value as Value;
  throw new StarlarkError('type', `unhashable type: ${typeName(value as Value)}`);
}

function numberKey(value: number): number | bigint {
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? BigInt(value) : value;
}

/** Keeps one representative of each group of equal tuples or bytes. */
export class Interner {
  readonly #buckets: Map<number, Structured | Structured[]> = new Map();

  /** The representative equal to `value`, if there is one. */
  find(value: Structured): Structured | undefined {
    const bucket = this.#buckets.get(hashOf(value));
    if (bucket === undefined) return undefined;
    if (!Array.isArray(bucket)) return sameStructure(bucket, value) ? bucket : undefined;
    return bucket.find((candidate) => sameStructure(candidate, value));
  }

  /** Makes `value`, to which nothing here is equal yet, a representative. */
  add(value: Structured): void {
    const hash = hashOf(value);
    const bucket = this.#buckets.get(hash);
    if (bucket === undefined) {
      this.#buckets.set(hash, value);
    } else if (!Array.isArray(bucket)) {
      this.#buckets.set(hash, [bucket, value]);
    } else {
      if (bucket.length >= maxCollisions)
        throw new StarlarkError('value', 'too many dict keys with the same hash');
      bucket.push(value);
    }
  }

  /** Removes a representative. */
  remove(value: Structured): void {
    const hash = hashOf(value);
    const bucket = this.#buckets.get(hash);
    if (!Array.isArray(bucket)) this.#buckets.delete(hash);
    else bucket.splice(bucket.indexOf(value), 1);
  }
}

/** Only keys made to collide come near this many; refusing them keeps look-ups quick. */
const maxCollisions = 1000;
/** Tuples nested deeper, or with more parts in all, are refused as keys. */
const maxKeyDepth = 200;
const maxKeyParts = 1_000_000;

function hashOf(value: Structured): number {
  if (value instanceof HostValue) return value.hash;
  if (value.hash === 0) value.hash = value instanceof Tuple ? hashTuple(value, 0) : hashBytes(value);
  return value.hash;
}

function hashTuple(tuple: Tuple, depth: number): number {
  if (depth > maxKeyDepth) throw new StarlarkError('value', 'tuple nested too deeply to be a dict key');
  const { elems } = tuple;
  let hash = elems.length + 1;
  for (let i = 0; i < elems.length; i++) {
    hash = Math.imul(hash ^ hashPart(elems[i] as Value, depth), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash === 0 ? 1 : hash;
}

function hashPart(value: Value, depth: number): number {
  if (typeof value === 'string') return hashString(value);
  if (typeof value === 'number') return hashNumber(value);
  if (value === null) return 2;
  if (typeof value === 'boolean') return value ? 3 : 4;
  if (typeof value === 'bigint') return Number(BigInt.asIntN(32, value));
  if (value instanceof Tuple)
    return value.hash === 0 ? (value.hash = hashTuple(value, depth + 1)) : value.hash;
  if (value instanceof Bytes || value instanceof HostValue) return hashOf(value);
  const key = keyOfObject(value);
  if (typeof key === 'number') return hashNumber(key);
  return typeof key === 'bigint' ? Number(BigInt.asIntN(32, key)) : 5;
}

function hashNumber(value: number): number {
  const low = value | 0;
  if (low === value) return Math.imul(low, 0x85ebca6b);
  return Number.isInteger(value) ? (low ^ Math.floor(value / 0x1_0000_0000)) | 0 : (value * 0x10001) | 0;
}

/** Long strings are sampled at both ends and in the middle, so that hashing stays quick. */
function hashString(text: string): number {
  const { length } = text;
  let hash = length;
  const step = length <= 64 ? 1 : Math.floor(length / 64);
  for (let i = 0; i < length; i += step) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return length <= 64 ? hash : (Math.imul(hash, 31) + text.charCodeAt(length - 1)) | 0;
}

function hashBytes(bytes: Bytes): number {
  const { data } = bytes;
  let hash = data.length + 1;
  for (let i = 0; i < data.length; i++) hash = (Math.imul(hash, 31) + (data[i] as number)) | 0;
  return hash === 0 ? 1 : hash;
}

function sameStructure(x: Structured, y: Structured): boolean {
  if (x === y) return true;
  if (x instanceof Bytes) return y instanceof Bytes && x.hash === y.hash && compareBytes(x, y) === 0;
  if (x instanceof HostValue) return y instanceof HostValue && x.equals(y);
  return y instanceof Tuple && sameTuple(x, y, { parts: maxKeyParts });
}

function sameTuple(x: Tuple, y: Tuple, budget: { parts: number }): boolean {
  const { elems } = x;
  if (elems.length !== y.elems.length) return false;
  for (let i = 0; i < elems.length; i++) {
    const a = elems[i] as Value;
    const b = y.elems[i] as Value;
    if (a !== b && !samePart(a, b, budget)) return false;
  }
  return true;
}

function samePart(a: Value, b: Value, budget: { parts: number }): boolean {
  if (--budget.parts < 0) throw new StarlarkError('value', 'tuple has too many parts to be a dict key');
  if (a instanceof Tuple) return b instanceof Tuple && sameTuple(a, b, budget);
  if (a instanceof Bytes) return b instanceof Bytes && compareBytes(a, b) === 0;
  if (a instanceof HostValue) return b instanceof HostValue && a.equals(b);
  const keyA = typeof a === 'object' && a !== null ? keyOfObject(a) : a;
  const keyB = typeof b === 'object' && b !== null && !isStructured(b) ? keyOfObject(b) : b;
  return keyA === keyB || (keyA !== keyA && keyB !== keyB);
}
