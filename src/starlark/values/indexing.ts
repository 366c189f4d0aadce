/** `x[i]`, `x[i] = v` and `x[i:j:k]`. */
import { StarlarkError } from '../errors.ts';
import type { Thread } from '../eval/thread.ts';
import { Bytes } from './bytes.ts';
import { Dict } from './dict.ts';
import { isInt, shownInt } from './int.ts';
import { List } from './list.ts';
import { nearest } from '../near-miss/index.ts';
import { Range } from './range.ts';
import { reprShort } from './repr.ts';
import { Tuple } from './tuple.ts';
import { typeName } from './type-name.ts';
import type { Value } from './value.ts';
import { indexHint } from './wrong-kind.ts';

/** `x[i]`. */
export function index(thread: Thread, x: Value, i: Value): Value {
  if (x instanceof Dict) return x.get(i, thread) ?? lookUpNone(thread, x, i);
  if (x instanceof List || x instanceof Tuple) return x.elems[position(x, i, x.elems.length)] as Value;
  if (typeof x === 'string') return x.charAt(position(x, i, x.length));
  if (x instanceof Range) return x.at(position(x, i, x.length));
  if (x instanceof Bytes) return x.data[position(x, i, x.data.length)] as number;
  throw new StarlarkError(
    'type',
    `unhandled index operation ${typeName(x)}[${typeName(i)}]${indexHint(x, i)}`,
  );
}

/** As {@link index}, for `x[i] op= y`: whoever counts or collects forgets the first time. */
export function indexToChange(thread: Thread, x: Value, i: Value): Value {
  return x instanceof Dict ? (x.get(i, thread) ?? lookUpNone(thread, x, i, firstTime)) : index(thread, x, i);
}

const firstTime = ' (write x[key] = x.get(key, 0) + n to count, x.setdefault(key, []).append(y) to collect)';

/** The value at `key` where it is None (which `??` takes for absent), or the error for a key that is not there. */
function lookUpNone(thread: Thread, dict: Dict, key: Value, hint?: string): Value {
  if (dict.has(key)) return null;
  throw new StarlarkError(
    'key',
    `key ${reprShort(thread, key)} not in dict${hint ?? nearKey(thread, dict, key)}`,
  );
}

/** A dict with more keys holds data rather than fields. */
const mostCompared = 200;
/** Of a dict's keys, how many an error shows, and how long each may be. */
const mostShown = 8;
const maxShownLength = 40;

/** The key that was meant, or those that there are: a tool's result may hold anything, and this is how an author learns. */
function nearKey(thread: Thread, dict: Dict, key: Value): string {
  if (typeof key !== 'string' || dict.size > mostCompared) return '';
  const names = dict.keys().filter((candidate) => typeof candidate === 'string');
  // So that a loop of failing look-ups gives way in time.
  thread.work(4 * Math.min(key.length, 100) * names.length);
  const near = nearest(key, names);
  if (near !== undefined) return ` (did you mean ${JSON.stringify(near)}?)`;
  const shown = names.filter(({ length }) => length <= maxShownLength).slice(0, mostShown);
  if (shown.length === 0) return '';
  const more = dict.size > shown.length ? ', …' : '';
  return ` (it has ${shown.map((name) => JSON.stringify(name)).join(', ')}${more})`;
}

/** Where `i` lies in a sequence of `length`, counted from the end when negative. Fails outside it. */
function position(x: Value, i: Value, length: number): number {
  if (typeof i === 'number') {
    const at = i < 0 ? i + length : i;
    if (at >= 0 && at < length) return at;
  } else if (!isInt(i)) {
    throw new StarlarkError('type', `${typeName(x)} index: got ${typeName(i)}, want int${indexHint(x, i)}`);
  }
  throw outOfRange(x, i, length);
}

/** The error for an index outside a sequence of `length` elements. */
export function outOfRange(x: Value, i: number | bigint, length: number): StarlarkError {
  const type = typeName(x);
  if (length === 0)
    return new StarlarkError(
      'index',
      `index ${shownInt(i)} out of range: empty ${type} (test it first: x[0] if x else None)`,
    );
  return new StarlarkError('index', `${type} index ${shownInt(i)} out of range [${-length}:${length - 1}]`);
}

/** `x[i] = value`. */
export function setIndex(thread: Thread, x: Value, i: Value, value: Value): void {
  if (x instanceof Dict) return x.set(thread, i, value);
  if (x instanceof List) {
    x.assertMutable('assign to element of');
    x.elems[position(x, i, x.elems.length)] = value;
    return;
  }
  throw new StarlarkError('type', `${typeName(x)} value does not support item assignment`);
}

/** `x[start:stop:step]`, where None stands for what was left out. */
export function slice(thread: Thread, x: Value, start: Value, stop: Value, step: Value): Value {
  const length = sliceLength(x);
  const { from, to, count, stride } = sliceBounds(length, start, stop, step);
  if (x instanceof Range) return x.slice(from, to, stride);
  thread.charge(32 + (typeof x === 'string' || x instanceof Bytes ? 1 : 8) * count);
  thread.work(sliceCost(x, count, stride));
  if (typeof x === 'string') return sliceString(x, from, count, stride);
  if (x instanceof Bytes) {
    return new Bytes(sliceBytes(x.data, from, count, stride));
  }
  const { elems } = x as List | Tuple;
  const taken: Value[] = stride === 1 ? elems.slice(from, from + count) : [];
  if (stride !== 1) for (let i = 0; i < count; i++) taken.push(elems[from + i * stride] as Value);
  return x instanceof List ? new List(taken) : new Tuple(taken);
}

/** A part of a text is no copy; else each element is copied. */
function sliceCost(x: Value, count: number, stride: number): number {
  if (typeof x === 'string' && stride === 1) return 0;
  if (typeof x === 'string' || x instanceof Bytes) return 2 * count;
  return stride === 1 ? count >>> 2 : count;
}

function sliceLength(x: Value): number {
  if (typeof x === 'string') return x.length;
  if (x instanceof List || x instanceof Tuple) return x.elems.length;
  if (x instanceof Range) return x.length;
  if (x instanceof Bytes) return x.data.length;
  throw new StarlarkError('type', `invalid slice operand ${typeName(x)}`);
}

function sliceBytes(data: Uint8Array, from: number, count: number, stride: number): Uint8Array {
  if (stride === 1) return data.slice(from, from + count);
  const taken = new Uint8Array(count);
  for (let i = 0; i < count; i++) taken[i] = data[from + i * stride] as number;
  return taken;
}

function sliceString(text: string, from: number, count: number, stride: number): string {
  if (stride === 1) return text.slice(from, from + count);
  const pieces: string[] = [];
  for (let start = 0; start < count; start += 4096) {
    const units: number[] = [];
    const end = Math.min(count, start + 4096);
    for (let i = start; i < end; i++) units.push(text.charCodeAt(from + i * stride));
    pieces.push(String.fromCharCode(...units));
  }
  return pieces.join('');
}

/** The first element, where to stop short, how many there are, and how far apart. */
interface Bounds {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly stride: number;
}

function sliceBounds(length: number, start: Value, stop: Value, step: Value): Bounds {
  const stride = step === null ? 1 : sliceIndex('slice step', step);
  if (stride === 0) throw new StarlarkError('value', 'zero is not a valid slice step');
  const low = stride > 0 ? 0 : -1;
  const high = stride > 0 ? length : length - 1;
  const clamp = (value: number): number => Math.min(high, Math.max(low, value < 0 ? value + length : value));
  const from = start === null ? (stride > 0 ? low : high) : clamp(sliceIndex('start index', start));
  const to = stop === null ? (stride > 0 ? high : low) : clamp(sliceIndex('end index', stop));
  const count = Math.max(0, Math.ceil((to - from) / stride));
  return { from, to, count, stride };
}

function sliceIndex(what: string, value: Value): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return value < 0n ? -Number.MAX_SAFE_INTEGER : Number.MAX_SAFE_INTEGER;
  throw new StarlarkError('type', `invalid ${what}: got ${typeName(value)}, want int`);
}
