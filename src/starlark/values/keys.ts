/**
 * How a value becomes the key of a JavaScript `Map`, so that dicts and sets agree with Starlark's `==`.
 *
 * A string, a bool, `None`, a small int or a function is its own key. A float takes the number it equals: `1.0` the key
 * of `1`; one with a fraction is a number that no int can be. Tuples and bytes are compared by content, so each
 * table keeps one of every group of equal ones (an {@link Interner}) and that one is the key. So it is with large ints,
 * in a {@link BigKey}: a `Map` tells bigints apart by their low 64 bits, and goes through all that agree in these.
 */
import { StarlarkError } from '../errors.ts';
import { Bytes, compareBytes } from './bytes.ts';
import { StarlarkFloat } from './float.ts';
import { HostValue } from './host-value.ts';
import { longText, payText } from './long-text.ts';
import type { Meter } from './meter.ts';
import { bitLength } from './int.ts';
import { isFunction, typeName } from './type-name.ts';
import { Tuple } from './tuple.ts';
import type { Value } from './value.ts';

/** An int beyond the safe ones, as a key. */
export class BigKey {
  readonly value: bigint;
  readonly type = 'int';
  #hash = 0;

  constructor(value: bigint) {
    this.value = value;
  }

  /** About how many elements looking at all of it comes to. */
  get digits(): number {
    return bitLength(this.value) >>> 3;
  }

  /** Depends on all digits, so that ints which have many in common are still told apart at once. */
  get hash(): number {
    if (this.#hash === 0) this.#hash = hashText(this.value.toString(32), 1) || 1;
    return this.#hash;
  }
}

/** Adding an entry, or looking for one, takes as long as visiting so many elements. */
export const workPerEntry = 8;

/** What stands in a Map for a value. */
export type Key = Value | BigKey;

/** What is a key by its content. */
export type Structured = Tuple | Bytes | HostValue | BigKey;

export function isStructured(value: unknown): value is Structured {
  return (
    value instanceof Tuple || value instanceof Bytes || value instanceof HostValue || value instanceof BigKey
  );
}

/** Whether a value is its own key: all but large ints and objects. */
export function isOwnKey(key: Key): key is string | number | boolean | null {
  return typeof key === 'object' ? key === null : typeof key !== 'bigint';
}

/** Whether a value is its own key and takes no longer than a step to look up. */
export function isQuickKey(key: Key): key is string | number | boolean | null {
  return typeof key === 'string' ? key.length <= longText : isOwnKey(key);
}

/** The key of a value, but for which of several equal ones stands for all. @throws StarlarkError for what can change */
export function toKey(value: Key): Key {
  if (isStructured(value) || isOwnKey(value)) return value;
  const own = typeof value === 'bigint' ? value : keyOfObject(value);
  return typeof own === 'bigint' ? new BigKey(own) : own;
}

/** What to take for a key instead, by type. */
const keyHints: ReadonlyMap<string, string> = new Map([
  ['dict', ' (take a field of it, x["id"], or json.encode(x))'],
  ['list', ' (write tuple(x))'],
]);

/** What equal values that are no tuples or bytes have in common. Fails for lists, dicts and others that can change. */
function keyOfObject(value: object): Value {
  if (value instanceof StarlarkFloat) return numberKey(value.value);
  if (isFunction(value as Value)) return value as Value;
  const type = typeName(value as Value);
  throw new StarlarkError('type', `unhashable type: ${type}${keyHints.get(type) ?? ''}`);
}

function numberKey(value: number): number | bigint {
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? BigInt(value) : value;
}

/** Keeps one representative of each group of equal tuples or bytes. */
export class Interner {
  readonly #buckets: Map<number, Structured | Structured[]> = new Map();

  /** The representative equal to `value`, if there is one. */
  find(value: Structured, meter: Meter | undefined): Structured | undefined {
    if (value instanceof BigKey) meter?.work(value.digits);
    const bucket = this.#buckets.get(hashOf(value));
    if (bucket === undefined) return undefined;
    if (!Array.isArray(bucket)) return sameStructure(bucket, value, meter) ? bucket : undefined;
    return bucket.find((candidate) => sameStructure(candidate, value, meter));
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

/**
 * What stands for `value` in a table's map, where one that equals it has come before or need not have; `interned` are the
 * table's representatives. `meter` pays where looking takes long. @throws StarlarkError for what cannot be a key
 */
export function findKey(value: Key, interned: Interner | null, meter: Meter | undefined): Key | undefined {
  if (isOwnKey(value)) {
    if (typeof value === 'string' && meter !== undefined) payText(meter, value);
    return value;
  }
  const key = toKey(value);
  return isStructured(key) ? (interned ?? new Interner()).find(key, meter) : key;
}

/** Only keys made to collide come near this many; refusing them keeps look-ups quick. */
const maxCollisions = 1000;
/** Tuples nested deeper, or with more parts in all, are refused as keys. */
const maxKeyDepth = 200;
const maxKeyParts = 1_000_000;

function hashOf(value: Structured): number {
  if (value instanceof HostValue || value instanceof BigKey) return value.hash;
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
  if (typeof value === 'bigint') return new BigKey(value).hash;
  if (value instanceof Tuple)
    return value.hash === 0 ? (value.hash = hashTuple(value, depth + 1)) : value.hash;
  if (value instanceof Bytes || value instanceof HostValue) return hashOf(value);
  const key = keyOfObject(value);
  if (typeof key === 'number') return hashNumber(key);
  return typeof key === 'bigint' ? new BigKey(key).hash : 5;
}

function hashNumber(value: number): number {
  const low = value | 0;
  if (low === value) return Math.imul(low, 0x85ebca6b);
  return Number.isInteger(value) ? (low ^ Math.floor(value / 0x1_0000_0000)) | 0 : (value * 0x10001) | 0;
}

/** Takes in every unit. */
function hashText(text: string, seed: number): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
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

function sameStructure(x: Structured, y: Structured, meter: Meter | undefined): boolean {
  if (x === y) return true;
  if (x instanceof Bytes) return y instanceof Bytes && x.hash === y.hash && compareBytes(x, y, meter) === 0;
  if (x instanceof HostValue) return y instanceof HostValue && x.equals(y);
  if (x instanceof BigKey) return y instanceof BigKey && x.value === y.value;
  if (!(y instanceof Tuple)) return false;
  const budget: Budget = { parts: maxKeyParts, meter };
  const isSame = sameTuple(x, y, budget);
  meter?.work(maxKeyParts - budget.parts);
  return isSame;
}

interface Budget {
  /** How many more parts may be compared. */
  parts: number;
  readonly meter: Meter | undefined;
}

function sameTuple(x: Tuple, y: Tuple, budget: Budget): boolean {
  const { elems } = x;
  if (elems.length !== y.elems.length) return false;
  for (let i = 0; i < elems.length; i++) {
    const a = elems[i] as Value;
    const b = y.elems[i] as Value;
    if (typeof a === 'string' && typeof b === 'string') {
      if (a.length !== b.length) return false;
      if (budget.meter !== undefined) payText(budget.meter, a);
    }
    if (a !== b && !samePart(a, b, budget)) return false;
  }
  return true;
}

function samePart(a: Value, b: Value, budget: Budget): boolean {
  if (--budget.parts < 0) throw new StarlarkError('value', 'tuple has too many parts to be a dict key');
  if (a instanceof Tuple) return b instanceof Tuple && sameTuple(a, b, budget);
  if (a instanceof Bytes) return b instanceof Bytes && compareBytes(a, b, budget.meter) === 0;
  if (a instanceof HostValue) return b instanceof HostValue && a.equals(b);
  const keyA = typeof a === 'object' && a !== null ? keyOfObject(a) : a;
  const keyB = typeof b === 'object' && b !== null && !isStructured(b) ? keyOfObject(b) : b;
  return keyA === keyB || (keyA !== keyA && keyB !== keyB);
}
