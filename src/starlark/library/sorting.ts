/**
 * `sorted`, `min` and `max`. Their `key` may be any function of the script's, also one that waits on the host, so each
 * has two forms (see eval/callable.ts): a plain one, and one that passes the waits of its key on.
 */
import { StarlarkError } from '../errors.ts';
import { Builtin, type Cost, type PlainCall } from '../eval/builtin.ts';
import { noKwargs, type Callable, type Kwargs, type Resumable, type Start } from '../eval/callable.ts';
import { StarlarkFunction } from '../eval/function.ts';
import { fromBuiltin } from '../eval/origin.ts';
import { pieces, type Pieces } from '../eval/pieces.ts';
import { begin } from '../eval/suspend.ts';
import type { Thread } from '../eval/thread.ts';
import { asBool, asCallable, asIterable, unpack } from '../values/arguments.ts';
import { order } from '../values/compare.ts';
import { comparing, payLength } from '../values/costs.ts';
import { elementsInPieces, iterationHint, tryIterate } from '../values/iterate.ts';
import { List } from '../values/list.ts';
import { longText } from '../values/long-text.ts';
import type { Range } from '../values/range.ts';
import { typeName } from '../values/type-name.ts';
import type { Value } from '../values/value.ts';
import { placesByNumber, runLength, sortPlaces } from './stable-sort.ts';

/** A call whose arguments are read: what is left is to get the keys and to finish with them. */
interface Plan {
  readonly elements: readonly Value[];
  /** Null when the elements are their own keys. */
  readonly key: Callable | null;
  readonly finish: (keys: readonly Value[]) => Pieces<Value>;
}

type Planner = (thread: Thread, args: readonly Value[], kwargs: Kwargs) => Pieces<Plan>;

export const sortingBuiltins: readonly Builtin[] = [
  keyed('max', 'pieces', (thread, args, kwargs) => planExtreme(thread, 'max', 1, args, kwargs), larger),
  keyed('min', 'pieces', (thread, args, kwargs) => planExtreme(thread, 'min', -1, args, kwargs), smaller),
  keyed('sorted', 'long', planSorted),
];

/** @param short answers a call with two numbers, which are many */
function keyed(name: string, cost: Cost, plan: Planner, short?: (x: number, y: number) => number): Builtin {
  const start: Start = (thread, args, kwargs) => carryOut(thread, name, plan(thread, args, kwargs));
  const call: PlainCall = (thread, args, kwargs) => {
    const [x, y] = args;
    if (short !== undefined && args.length === 2 && typeof x === 'number' && typeof y === 'number')
      if (kwargs.size === 0) return short(x, y);
    return begin(thread, start(thread, args, kwargs));
  };
  return new Builtin(name, call, start, cost);
}

function larger(x: number, y: number): number {
  return y > x ? y : x;
}

function smaller(x: number, y: number): number {
  return y < x ? y : x;
}

function* carryOut(thread: Thread, name: string, plan: Pieces<Plan>): Resumable {
  const { elements, key, finish } = yield* plan;
  if (key === null) return yield* finish(elements);
  const keys: Value[] = [];
  const release = thread.hold(keys);
  try {
    if (key.start === null) yield* plainKeys(thread, elements, key, keys);
    else for (const element of elements) keys.push(yield* key.start(thread, [element], noKwargs));
  } catch (error) {
    throw leftKey(error, name, key);
  } finally {
    release();
  }
  return yield* finish(keys);
}

/** Calls of a function of the script's before others have their turn. */
const mostCalls = 64;

/** Gets the keys of the elements from a function that does not wait. */
function* plainKeys(thread: Thread, elements: readonly Value[], key: Callable, keys: Value[]): Pieces {
  const isDirect = key instanceof StarlarkFunction && key.arity === 1;
  yield* pieces(
    thread,
    elements.length,
    1,
    (from, to) => {
      for (let i = from; i < to; i++) {
        const element = elements[i] as Value;
        keys.push(isDirect ? (key.code(thread, element) as Value) : key.call(thread, [element], noKwargs));
      }
    },
    mostCalls,
  );
}

/** An error of a key, on its way out of the built-in function `name` that asked for it. */
function leftKey(error: unknown, name: string, key: Callable): unknown {
  const failure = key instanceof Builtin ? fromBuiltin(error, key.name) : error;
  if (failure instanceof StarlarkError) failure.leave({ name, source: null, start: 0, end: 0 });
  return failure;
}

function* planSorted(thread: Thread, args: readonly Value[], kwargs: Kwargs): Pieces<Plan> {
  const [iterable, key, reverse] = unpack('sorted', args, kwargs, ['iterable', 'key', 'reverse'], 1);
  const items = asIterable(thread, 'sorted', 'iterable', iterable as Value);
  const given = yield* elementsInPieces(thread, items);
  const sign = reverse !== undefined && asBool('sorted', 'reverse', reverse) ? -1 : 1;
  thread.charge(32 + 8 * given.length);
  payLength(thread, given.length);
  thread.work(given.length >>> 1);
  const elements = given.slice();
  return {
    elements,
    key: key === undefined || key === null ? null : asCallable('sorted', 'key', key),
    finish: (keys) => finishSorted(thread, elements, keys, sign),
  };
}

function* finishSorted(
  thread: Thread,
  elements: Value[],
  keys: readonly Value[],
  sign: number,
): Pieces<List> {
  if (keys === elements && elements.length <= runLength) return new List(sortShort(thread, elements, sign));
  const places = yield* placesOf(thread, keys, sign);
  const sorted: Value[] = [];
  yield* pieces(thread, places.length, perTaken, (from, to) => {
    for (let i = from; i < to; i++) sorted.push(elements[places[i]!] as Value);
  });
  return new List(sorted);
}

/** Taking an element from its place, in elements. */
const perTaken = 2;

/** Sorts in place, stably also in reverse. */
function sortShort(thread: Thread, values: Value[], sign: number): Value[] {
  thread.work(Math.ceil(values.length * Math.log2(values.length + 1)));
  // Equal small ints, and equal strings, are the same to a script, so stability needs no care in the first two.
  if (values.every((value) => typeof value === 'number')) {
    const sorted: Value[] = Array.from(Float64Array.from(values).sort());
    return sign < 0 ? sorted.reverse() : sorted;
  }
  if (values.every((value) => typeof value === 'string')) {
    const length = values.reduce((sum, value) => sum + value.length, 0);
    thread.work(comparing(length) * Math.ceil(Math.log2(values.length + 1)));
    // Without a function to compare with, the order is that of UTF-16 code units, as the language has it.
    values.sort();
    return sign < 0 ? values.reverse() : values;
  }
  return values.sort((x, y) => sign * order(thread, x, y));
}

/** The places of the keys in their order, stably. */
function* placesOf(thread: Thread, keys: readonly Value[], sign: number): Pieces<readonly number[]> {
  const kind = yield* kindOf(thread, keys);
  const quick =
    kind === 'number' ? yield* placesByNumber(thread, keys as readonly number[], sign) : undefined;
  if (quick !== undefined) return quick;
  if (kind === 'text') {
    const texts = keys as readonly string[];
    return yield* sortPlaces(thread, texts, sign > 0 ? (x, y) => x <= y : (x, y) => x >= y);
  }
  const precedes = (x: Value, y: Value): boolean => sign * order(thread, x, y) <= 0;
  return yield* sortPlaces(thread, keys, precedes, mostCompared);
}

/** Values of any kind are compared so many at a time. */
const mostCompared = 64;

/** What all the keys are: numbers, texts none of which is long, or anything else. */
function* kindOf(thread: Thread, keys: readonly Value[]): Pieces<'number' | 'text' | 'other'> {
  let numbers = 0;
  let texts = 0;
  yield* pieces(thread, keys.length, 1, (from, to) => {
    for (let i = from; i < to; i++) {
      const key = keys[i] as Value;
      if (typeof key === 'number') numbers++;
      else if (typeof key === 'string' && key.length <= longText) texts++;
    }
  });
  if (numbers === keys.length) return 'number';
  return texts === keys.length ? 'text' : 'other';
}

function* planExtreme(
  thread: Thread,
  name: string,
  sign: number,
  args: readonly Value[],
  kwargs: Kwargs,
): Pieces<Plan> {
  const [key] = unpack(name, [], kwargs, ['key'], 0);
  const elements =
    args.length === 1 ? yield* elementsInPieces(thread, itemsOf(thread, name, args[0] as Value)) : args;
  if (args.length === 0)
    throw new StarlarkError('arguments', `${name} requires at least one positional argument`);
  if (elements.length === 0)
    throw new StarlarkError(
      'value',
      `${name}: argument is an empty sequence (write ${name}(xs) if xs else value)`,
    );
  if (key === undefined || key === null)
    return { elements, key: null, finish: (keys) => extreme(thread, sign, elements, keys) };
  thread.charge(8 * elements.length);
  thread.work(elements.length);
  // The key may change the list that is gone through.
  const kept = elements.slice();
  return {
    elements: kept,
    key: asCallable(name, 'key', key),
    finish: (keys) => extreme(thread, sign, kept, keys),
  };
}

function* extreme(
  thread: Thread,
  sign: number,
  elements: readonly Value[],
  keys: readonly Value[],
): Pieces<Value> {
  let best = 0;
  const operator = sign > 0 ? '>' : '<';
  yield* pieces(
    thread,
    keys.length,
    2,
    (from, to) => {
      for (let i = Math.max(1, from); i < to; i++)
        if (sign * order(thread, keys[i] as Value, keys[best] as Value, operator) > 0) best = i;
    },
    runLength,
  );
  return elements[best] as Value;
}

function itemsOf(thread: Thread, name: string, value: Value): readonly Value[] | Range {
  const items = tryIterate(thread, value);
  if (items !== undefined) return items;
  throw new StarlarkError('type', `${name}: ${typeName(value)} value is not iterable${iterationHint(value)}`);
}
