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
import { comparing, scanning } from './costs.ts';
import { longText } from './long-text.ts';
import type { Meter } from './meter.ts';
import { bitLength, payComparison } from './int.ts';
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

/** Longer texts with one length have one hash in a `Map`, which then compares them all with the one it looks for. */
const longestHashed = 16_383;

/** Keeps one representative of each group of equal tuples or bytes, and counts what a `Map` is slow at. */
export class Interner {
  readonly #buckets: Map<number, Structured | Structured[]> = new Map();
  /** How many texts there are of each length beyond {@link longestHashed}. */
  readonly #texts: Map<number, number> = new Map();

  /** How many texts a `Map` has to compare with one of this length. */
  rivals(length: number): number {
    return this.#texts.get(length) ?? 0;
  }

  /** Takes note that a long text has come, or has gone (-1). */
  countText(length: number, change: 1 | -1): void {
    this.#texts.set(length, this.rivals(length) + change);
  }

  /** The representative equal to `value`, if there is one. */
  find(value: Structured, meter: Meter | undefined): Structured | undefined {
    if (value instanceof BigKey) meter?.work(value.digits);
    const bucket = this.#buckets.get(hashOf(value, meter));
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
    if (typeof value === 'string' && value.length > longText)
      meter?.work(comparing(value.length) * (1 + (interned?.rivals(value.length) ?? 0)));
    return value;
  }
  const key = toKey(value);
  return isStructured(key) ? (interned ?? new Interner()).find(key, meter) : key;
}

/** Whether a key is a text of the kind that an {@link Interner} counts. */
export function isCountedText(key: Key): key is string {
  return typeof key === 'string' && key.length > longestHashed;
}

/** Only keys made to collide come near this many; refusing them keeps look-ups quick. */
const maxCollisions = 1000;
/** Tuples nested deeper, or with more parts in all, are refused as keys. */
const maxKeyDepth = 200;
const maxKeyParts = 1_000_000;

function hashOf(value: Structured, meter?: Meter): number {
  if (value instanceof HostValue || value instanceof BigKey) return value.hash;
  if (value.hash === 0)
    value.hash = value instanceof Tuple ? hashTuple(value, 0, meter) : hashBytes(value, meter);
  return value.hash;
}

function hashTuple(tuple: Tuple, depth: number, meter: Meter | undefined): number {
  if (depth > maxKeyDepth) throw new StarlarkError('value', 'tuple nested too deeply to be a dict key');
  const { elems } = tuple;
  meter?.work(elems.length);
  let hash = elems.length + 1;
  for (let i = 0; i < elems.length; i++) {
    hash = Math.imul(hash ^ hashPart(elems[i] as Value, depth, meter), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash === 0 ? 1 : hash;
}

function hashPart(value: Value, depth: number, meter: Meter | undefined): number {
  if (typeof value === 'string') return hashString(value);
  if (typeof value === 'number') return hashNumber(value);
  if (value === null) return 2;
  if (typeof value === 'boolean') return value ? 3 : 4;
  if (typeof value === 'bigint') return hashBig(value, meter);
  if (value instanceof Tuple)
    return value.hash === 0 ? (value.hash = hashTuple(value, depth + 1, meter)) : value.hash;
  if (value instanceof Bytes || value instanceof HostValue) return hashOf(value, meter);
  const key = keyOfObject(value);
  if (typeof key === 'number') return hashNumber(key);
  return typeof key === 'bigint' ? new BigKey(key).hash : 5;
}

function hashBig(value: bigint, meter: Meter | undefined): number {
  const key = new BigKey(value);
  meter?.work(key.digits);
  return key.hash;
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

/** Long strings are sampled from one end to the other, so that hashing stays quick. */
function hashString(text: string): number {
  const { length } = text;
  let hash = length;
  const step = length <= 64 ? 1 : Math.floor(length / 64);
  for (let i = 0; i < length; i += step) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return length <= 64 ? hash : (Math.imul(hash, 31) + text.charCodeAt(length - 1)) | 0;
}

function hashBytes(bytes: Bytes, meter: Meter | undefined): number {
  const { data } = bytes;
  meter?.work(scanning(data.length));
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
  return sameTuple(x, y, { parts: maxKeyParts, meter });
}

interface Budget {
  /** How many more parts may be compared. */
  parts: number;
  readonly meter: Meter | undefined;
}

function sameTuple(x: Tuple, y: Tuple, budget: Budget): boolean {
  const { elems } = x;
  if (elems.length !== y.elems.length) return false;
  budget.meter?.work(2 + elems.length);
  for (let i = 0; i < elems.length; i++) {
    const a = elems[i] as Value;
    const b = y.elems[i] as Value;
    if (typeof a === 'string' && typeof b === 'string') {
      if (a.length !== b.length) return false;
      if (a.length > longText) budget.meter?.work(comparing(a.length));
    } else if (typeof a === 'bigint' && typeof b === 'bigint' && budget.meter !== undefined) {
      payComparison(budget.meter, a, b);
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
