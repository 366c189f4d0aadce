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
import { begin, uncounted } from '../eval/suspend.ts';
import type { Thread } from '../eval/thread.ts';
import { asBool, asCallable, asIterable, unpack } from '../values/arguments.ts';
import { order } from '../values/compare.ts';
import { comparing, payLength } from '../values/costs.ts';
import {
  elementsInPieces,
  fewElements,
  fewElementsOf,
  iterationHint,
  tryIterate,
} from '../values/iterate.ts';
import { List } from '../values/list.ts';
import { longText } from '../values/long-text.ts';
import type { Range } from '../values/range.ts';
import { typeName } from '../values/type-name.ts';
import type { Value } from '../values/value.ts';
import { placesByNumber, sortNumbers, sortPlaces, sortTexts } from './stable-sort.ts';

/** A call whose arguments are read: what is left is to get the keys and to finish with them. */
interface Plan {
  readonly elements: readonly Value[];
  /** Null when the elements are their own keys. */
  readonly key: Callable | null;
  readonly finish: (keys: readonly Value[]) => Pieces<Value>;
}

type Planner = (thread: Thread, args: readonly Value[], kwargs: Kwargs) => Pieces<Plan>;

export const sortingBuiltins: readonly Builtin[] = [
  keyed(
    'max',
    'pieces',
    (thread, args, kwargs) => planExtreme(thread, 'max', 1, args, kwargs),
    (thread, elements) => elements[extremeOf(thread, 1, elements)] as Value,
  ),
  keyed(
    'min',
    'pieces',
    (thread, args, kwargs) => planExtreme(thread, 'min', -1, args, kwargs),
    (thread, elements) => elements[extremeOf(thread, -1, elements)] as Value,
  ),
  keyed('sorted', 'long', planSorted, (thread, elements) => {
    thread.charge(32 + 8 * elements.length);
    return new List(sortShort(thread, elements.slice(), 1));
  }),
];

/** @param short answers a call without a key, for few elements: most calls are of this kind */
function keyed(
  name: string,
  cost: Cost,
  plan: Planner,
  short: (thread: Thread, elements: readonly Value[]) => Value,
): Builtin {
  const start: Start = (thread, args, kwargs) => carryOut(thread, name, plan(thread, args, kwargs));
  const call: PlainCall = (thread, args, kwargs) => {
    const elements = kwargs.size === 0 ? givenElements(name, args) : undefined;
    if (elements !== undefined && elements.length > 0) return short(thread, elements);
    return begin(thread, start(thread, args, kwargs));
  };
  return new Builtin(name, call, start, cost);
}

/** The elements that a call gives, by one list or tuple or by themselves, where they are few. */
function givenElements(name: string, args: readonly Value[]): readonly Value[] | undefined {
  if (args.length === 1) return fewElementsOf(args[0] as Value);
  return name === 'sorted' || args.length > fewElements ? undefined : args;
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

/** Calls of a function of the script's before it is looked whether others should have their turn. */
const callsPerLook = 128;

/** Gets the keys of the elements from a function that does not wait. What it does, it pays for itself. */
function* plainKeys(thread: Thread, elements: readonly Value[], key: Callable, keys: Value[]): Pieces {
  for (;;) {
    addKeys(thread, elements, key, keys);
    if (keys.length === elements.length) return;
    if (thread.piece(0)) yield uncounted;
  }
}

/** Adds some keys: as many as may be got before it has to be looked whether others should have their turn. */
function addKeys(thread: Thread, elements: readonly Value[], key: Callable, keys: Value[]): void {
  const end = Math.min(elements.length, keys.length + callsPerLook);
  const code = key instanceof StarlarkFunction && key.arity === 1 ? key.code : null;
  for (let i = keys.length; i < end; i++) {
    const element = elements[i] as Value;
    keys.push(code === null ? key.call(thread, [element], noKwargs) : (code(thread, element) as Value));
    if (thread.fuel < 0) return;
  }
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
  if (keys === elements) {
    if (elements.length <= fewElements) return new List(sortShort(thread, elements, sign));
    const sorted = yield* sortAlike(thread, elements, sign);
    if (sorted !== undefined) return new List(sorted);
  }
  const places = yield* placesOf(thread, keys, sign);
  const sorted: Value[] = [];
  yield* pieces(thread, places.length, perTaken, (from, to) => {
    for (let i = from; i < to; i++) sorted.push(elements[places[i]!] as Value);
  });
  return new List(sorted);
}

/** Sorts numbers, or texts none of which is long; undefined for others. Which of two equal ones comes first cannot be told. */
function* sortAlike(thread: Thread, values: Value[], sign: number): Pieces<Value[] | undefined> {
  const kind = yield* kindOf(thread, values);
  if (kind === 'other') return undefined;
  let sorted: Value[];
  if (kind === 'number') {
    thread.work(2 * values.length);
    const numbers = Float64Array.from(values as number[]);
    yield* sortNumbers(thread, numbers);
    thread.work(2 * values.length);
    sorted = Array.from(numbers);
  } else {
    sorted = yield* sortTexts(thread, values as string[]);
  }
  thread.work(values.length >>> 2);
  return sign < 0 ? sorted.reverse() : sorted;
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
  const look = (from: number, to: number): void => {
    best = extremeOf(thread, sign, keys, best, from, to);
  };
  yield* pieces(thread, keys.length, 0, look, fewElements);
  return elements[best] as Value;
}

/** The place of the greatest key, or the least for `sign` -1, among some of them and the one at `best`. */
function extremeOf(
  thread: Thread,
  sign: number,
  keys: readonly Value[],
  best: number = 0,
  from: number = 0,
  to: number = keys.length,
): number {
  const operator = sign > 0 ? '>' : '<';
  thread.work(2 * (to - from));
  let found = best;
  for (let i = Math.max(1, from); i < to; i++)
    if (sign * order(thread, keys[i] as Value, keys[found] as Value, operator) > 0) found = i;
  return found;
}

function itemsOf(thread: Thread, name: string, value: Value): readonly Value[] | Range {
  const items = tryIterate(thread, value);
  if (items !== undefined) return items;
  throw new StarlarkError('type', `${name}: ${typeName(value)} value is not iterable${iterationHint(value)}`);
}
