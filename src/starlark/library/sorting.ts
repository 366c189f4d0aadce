/**
 * `sorted`, `min` and `max`. Their `key` may be any function of the script's, also one that waits on the host, so each
 * is a generator where it has to be (see eval/callable.ts); for few elements, and a key that does not wait, it is not.
 */
import { StarlarkError } from '../errors.ts';
import { Builtin, type Cost } from '../eval/builtin.ts';
import { noKwargs, type Callable, type Kwargs, type Resumable } from '../eval/callable.ts';
import { StarlarkFunction } from '../eval/function.ts';
import { fromBuiltin } from '../eval/origin.ts';
import { atOnce, pieces, type Pieces } from '../eval/pieces.ts';
import { begin, type Begun, uncounted } from '../eval/suspend.ts';
import type { Thread } from '../eval/thread.ts';
import { asBool, asCallable, asIterable, unpack } from '../values/arguments.ts';
import { order } from '../values/compare.ts';
import { comparing, payLength } from '../values/costs.ts';
import { elementsInPieces, fewElements, iterationHint, tryIterate } from '../values/iterate.ts';
import { List } from '../values/list.ts';
import { longText } from '../values/long-text.ts';
import { Range } from '../values/range.ts';
import { typeName } from '../values/type-name.ts';
import type { Value } from '../values/value.ts';
import { placesByNumber, placesOfFew, sortNumbers, sortPlaces, sortTexts } from './stable-sort.ts';

/** A call whose arguments are read. */
interface Call {
  readonly items: readonly Value[] | Range;
  /** Null when the elements are their own keys. */
  readonly key: Callable | null;
  /** 1 for upwards, or for the greatest. */
  readonly sign: number;
}

/** One of the three functions: what it takes, and what it makes of the elements and their keys. */
interface Kind {
  readonly name: string;
  readonly cost: Cost;
  read(thread: Thread, args: readonly Value[], kwargs: Kwargs): Call;
  few(thread: Thread, elements: Value[], keys: readonly Value[], sign: number): Value;
  many(thread: Thread, elements: Value[], keys: readonly Value[], sign: number): Pieces<Value>;
}

export const sortingBuiltins: readonly Builtin[] = [
  keyed({
    name: 'max',
    cost: 'pieces',
    read: (thread, args, kwargs) => readExtreme(thread, 'max', 1, args, kwargs),
    few: (thread, elements, keys, sign) => elements[extremeOf(thread, sign, keys)] as Value,
    many: extreme,
  }),
  keyed({
    name: 'min',
    cost: 'pieces',
    read: (thread, args, kwargs) => readExtreme(thread, 'min', -1, args, kwargs),
    few: (thread, elements, keys, sign) => elements[extremeOf(thread, sign, keys)] as Value,
    many: extreme,
  }),
  keyed({ name: 'sorted', cost: 'long', read: readSorted, few: sortFew, many: sortMany }),
];

function keyed(kind: Kind): Builtin {
  return new Builtin(
    kind.name,
    (thread, args, kwargs) => beginCall(thread, kind, kind.read(thread, args, kwargs)),
    (thread, args, kwargs) => carryOut(thread, kind, kind.read(thread, args, kwargs), [], []),
    kind.cost,
  );
}

function beginCall(thread: Thread, kind: Kind, call: Call): Begun {
  const { items, key, sign } = call;
  if (items instanceof Range || items.length > fewElements || (key !== null && key.start !== null))
    return begin(thread, carryOut(thread, kind, call, [], []));
  thread.charge(32 + 8 * items.length);
  // The key may change the list that is gone through.
  const elements = items.slice();
  if (key === null) return kind.few(thread, elements, elements, sign);
  const keys: Value[] = [];
  try {
    addKeys(thread, elements, key, keys);
  } catch (error) {
    throw leftKey(error, kind.name, key);
  }
  if (keys.length === elements.length) return kind.few(thread, elements, keys, sign);
  return begin(thread, carryOut(thread, kind, call, elements, keys));
}

/** @param given the elements, where they are copied already; and the keys of the first of them */
function* carryOut(
  thread: Thread,
  kind: Kind,
  { items, key, sign }: Call,
  given: Value[],
  keys: Value[],
): Resumable {
  const elements = given.length > 0 ? given : yield* copyElements(thread, items);
  if (key === null) return yield* kind.many(thread, elements, elements, sign);
  const release = thread.hold(keys);
  try {
    if (key.start === null) yield* plainKeys(thread, elements, key, keys);
    else for (const element of elements) keys.push(yield* key.start(thread, [element], noKwargs));
  } catch (error) {
    throw leftKey(error, kind.name, key);
  } finally {
    release();
  }
  return yield* kind.many(thread, elements, keys, sign);
}

function* copyElements(thread: Thread, items: readonly Value[] | Range): Pieces<Value[]> {
  const elements = yield* elementsInPieces(thread, items);
  thread.charge(32 + 8 * elements.length);
  payLength(thread, elements.length);
  thread.work(elements.length >>> 1);
  return elements.slice();
}

/** Calls of a function of the script's before it is looked whether others should have their turn. */
const callsPerLook = 128;

/** Gets the keys of the elements from a function that does not wait. What it does, it pays for itself. */
function* plainKeys(thread: Thread, elements: readonly Value[], key: Callable, keys: Value[]): Pieces {
  while (keys.length < elements.length) {
    if (thread.piece(0)) yield uncounted;
    addKeys(thread, elements, key, keys);
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

function readSorted(thread: Thread, args: readonly Value[], kwargs: Kwargs): Call {
  const [iterable, key, reverse] = unpack('sorted', args, kwargs, ['iterable', 'key', 'reverse'], 1);
  const items = asIterable(thread, 'sorted', 'iterable', iterable as Value);
  const sign = reverse !== undefined && asBool('sorted', 'reverse', reverse) ? -1 : 1;
  return { items, key: asKey('sorted', key), sign };
}

function asKey(name: string, key: Value | undefined): Callable | null {
  return key === undefined || key === null ? null : asCallable(name, 'key', key);
}

/** Sorts, stably also in reverse; `elements` are the function's own. */
function sortFew(thread: Thread, elements: Value[], keys: readonly Value[], sign: number): List {
  thread.work(Math.ceil(2 * elements.length * Math.log2(elements.length + 1)));
  if (keys === elements) return new List(sortShort(thread, elements, sign));
  return new List(placesOfShort(thread, keys, sign).map((place) => elements[place] as Value));
}

function placesOfShort(thread: Thread, keys: readonly Value[], sign: number): readonly number[] {
  if (keys.every((key) => typeof key === 'number')) {
    const places = atOnce(placesByNumber(thread, keys, sign));
    if (places !== undefined) return places;
  }
  if (keys.every((key) => typeof key === 'string' && key.length <= longText))
    return placesOfFew(keys as readonly string[], sign > 0 ? (x, y) => x <= y : (x, y) => x >= y);
  return Array.from(keys.keys()).sort((i, j) => sign * order(thread, keys[i] as Value, keys[j] as Value));
}

function sortShort(thread: Thread, values: Value[], sign: number): Value[] {
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

function* sortMany(thread: Thread, elements: Value[], keys: readonly Value[], sign: number): Pieces<List> {
  const kind = yield* kindOf(thread, keys);
  if (keys === elements && kind !== 'other') return new List(yield* sortAlike(thread, elements, kind, sign));
  const places = yield* placesOf(thread, keys, kind, sign);
  const sorted: Value[] = [];
  yield* pieces(thread, places.length, perTaken, (from, to) => {
    for (let i = from; i < to; i++) sorted.push(elements[places[i]!] as Value);
  });
  return new List(sorted);
}

/** Taking an element from its place, in elements. */
const perTaken = 2;

/** Sorts numbers, or texts: which of two equal ones comes first cannot be told. */
function* sortAlike(thread: Thread, values: Value[], kind: 'number' | 'text', sign: number): Pieces<Value[]> {
  let sorted: Value[];
  thread.work(2 * values.length);
  if (kind === 'number') {
    const numbers = Float64Array.from(values as number[]);
    yield* sortNumbers(thread, numbers);
    thread.work(2 * values.length);
    sorted = Array.from(numbers);
  } else {
    sorted = yield* sortTexts(thread, values as string[]);
  }
  return sign < 0 ? sorted.reverse() : sorted;
}

/** The places of the keys in their order, stably. */
function* placesOf(
  thread: Thread,
  keys: readonly Value[],
  kind: KeyKind,
  sign: number,
): Pieces<readonly number[]> {
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
type KeyKind = 'number' | 'text' | 'other';

function* kindOf(thread: Thread, keys: readonly Value[]): Pieces<KeyKind> {
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

function readExtreme(
  thread: Thread,
  name: string,
  sign: number,
  args: readonly Value[],
  kwargs: Kwargs,
): Call {
  const key = kwargs.size === 0 ? undefined : unpack(name, [], kwargs, ['key'], 0)[0];
  if (args.length === 0)
    throw new StarlarkError('arguments', `${name} requires at least one positional argument`);
  const items = args.length === 1 ? itemsOf(thread, name, args[0] as Value) : args;
  if (items.length === 0)
    throw new StarlarkError(
      'value',
      `${name}: argument is an empty sequence (write ${name}(xs) if xs else value)`,
    );
  return { items, key: asKey(name, key), sign };
}

function* extreme(
  thread: Thread,
  elements: readonly Value[],
  keys: readonly Value[],
  sign: number,
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
