/**
 * `sorted`, `min` and `max`. Their `key` may be any function of the script's, also one that waits on the host, so each
 * has two forms (see eval/callable.ts): a plain one, and one that passes the waits of its key on.
 */
import { StarlarkError } from '../errors.ts';
import { Builtin } from '../eval/builtin.ts';
import { fromBuiltin } from '../eval/failures.ts';
import { noKwargs, type Callable, type Kwargs, type Resumable } from '../eval/callable.ts';
import { StarlarkFunction } from '../eval/function.ts';
import type { Thread } from '../eval/thread.ts';
import { asBool, asCallable, asElements, unpack } from '../values/arguments.ts';
import { order } from '../values/compare.ts';
import { iterationHint, tryElements } from '../values/iterate.ts';
import { List } from '../values/list.ts';
import { longText } from '../values/long-text.ts';
import { typeName } from '../values/type-name.ts';
import type { Value } from '../values/value.ts';
import { placesByNumber, placesByText } from './stable-sort.ts';

/** A call whose arguments are read: what is left is to get the keys and to finish with them. */
interface Plan {
  readonly elements: readonly Value[];
  /** Null when the elements are their own keys. */
  readonly key: Callable | null;
  readonly finish: (keys: readonly Value[]) => Value;
}

type Planner = (thread: Thread, args: readonly Value[], kwargs: Kwargs) => Plan;

export const sortingBuiltins: readonly Builtin[] = [
  keyed('max', (thread, args, kwargs) => planExtreme(thread, 'max', 1, args, kwargs)),
  keyed('min', (thread, args, kwargs) => planExtreme(thread, 'min', -1, args, kwargs)),
  keyed('sorted', planSorted),
];

function keyed(name: string, plan: Planner): Builtin {
  return new Builtin(
    name,
    (thread, args, kwargs) => {
      const { elements, key, finish } = plan(thread, args, kwargs);
      if (key === null) return finish(elements);
      return finish(plainKeys(thread, name, elements, key));
    },
    function* (thread, args, kwargs): Resumable {
      const { elements, key, finish } = plan(thread, args, kwargs);
      if (key === null) return finish(elements);
      if (key.start === null) return finish(plainKeys(thread, name, elements, key));
      const keys: Value[] = [];
      const release = thread.hold(keys);
      try {
        for (const element of elements) keys.push(yield* key.start(thread, [element], noKwargs));
      } catch (error) {
        throw leftKey(error, name, key);
      } finally {
        release();
      }
      return finish(keys);
    },
  );
}

/** The keys of the elements, from a function that does not wait. */
function plainKeys(thread: Thread, name: string, elements: readonly Value[], key: Callable): Value[] {
  try {
    if (key instanceof StarlarkFunction && key.arity === 1 && key.start === null) {
      return elements.map((element) => key.code(thread, element) as Value);
    }
    return elements.map((element) => key.call(thread, [element], noKwargs));
  } catch (error) {
    throw leftKey(error, name, key);
  }
}

/** An error of a key, on its way out of the built-in function `name` that asked for it. */
function leftKey(error: unknown, name: string, key: Callable): unknown {
  const failure = key instanceof Builtin ? fromBuiltin(error, key.name) : error;
  if (failure instanceof StarlarkError) failure.leave({ name, source: null, start: 0, end: 0 });
  return failure;
}

function planSorted(thread: Thread, args: readonly Value[], kwargs: Kwargs): Plan {
  const [iterable, key, reverse] = unpack('sorted', args, kwargs, ['iterable', 'key', 'reverse'], 1);
  const elements = asElements(thread, 'sorted', 'iterable', iterable as Value).slice();
  const sign = reverse !== undefined && asBool('sorted', 'reverse', reverse) ? -1 : 1;
  thread.charge(32 + 8 * elements.length);
  return {
    elements,
    key: key === undefined || key === null ? null : asCallable('sorted', 'key', key),
    finish: (keys) => {
      thread.work(Math.ceil(elements.length * Math.log2(elements.length + 1)));
      return new List(
        keys === elements ? sortValues(thread, elements, sign) : sortByKeys(thread, elements, keys, sign),
      );
    },
  };
}

/** Sorts in place, stably also in reverse. */
function sortValues(thread: Thread, values: Value[], sign: number): Value[] {
  // Equal small ints, and equal strings, are the same to a script, so stability needs no care in the first two.
  if (values.every((value) => typeof value === 'number')) {
    const sorted: Value[] = Array.from(Float64Array.from(values).sort());
    return sign < 0 ? sorted.reverse() : sorted;
  }
  if (values.every((value) => typeof value === 'string')) {
    const length = values.reduce((sum, value) => sum + value.length, 0);
    thread.work((length >>> 3) * Math.ceil(Math.log2(values.length + 1)));
    // Without a function to compare with, the order is that of UTF-16 code units, as the language has it.
    values.sort();
    return sign < 0 ? values.reverse() : values;
  }
  return values.sort((x, y) => sign * order(thread, x, y));
}

function sortByKeys(
  thread: Thread,
  elements: readonly Value[],
  keys: readonly Value[],
  sign: number,
): Value[] {
  return placesByKeys(thread, keys, sign).map((place) => elements[place] as Value);
}

function placesByKeys(thread: Thread, keys: readonly Value[], sign: number): number[] {
  if (keys.every((key) => typeof key === 'number')) return placesByNumber(keys, sign);
  if (keys.every((key) => typeof key === 'string' && key.length <= longText))
    return placesByText(keys as readonly string[], sign);
  const compare = (i: number, j: number): number => sign * order(thread, keys[i] as Value, keys[j] as Value);
  return Array.from(keys.keys()).sort(compare);
}

function planExtreme(
  thread: Thread,
  name: string,
  sign: number,
  args: readonly Value[],
  kwargs: Kwargs,
): Plan {
  const [key] = unpack(name, [], kwargs, ['key'], 0);
  const elements = args.length === 1 ? elementsOf(thread, name, args[0] as Value) : args;
  if (args.length === 0)
    throw new StarlarkError('arguments', `${name} requires at least one positional argument`);
  if (elements.length === 0)
    throw new StarlarkError(
      'value',
      `${name}: argument is an empty sequence (write ${name}(xs) if xs else value)`,
    );
  thread.work(elements.length);
  return {
    elements: key === undefined ? elements : elements.slice(),
    key: key === undefined || key === null ? null : asCallable(name, 'key', key),
    finish: (keys) => {
      let best = 0;
      for (let i = 1; i < keys.length; i++) {
        if (sign * order(thread, keys[i] as Value, keys[best] as Value, sign > 0 ? '>' : '<') > 0) best = i;
      }
      return elements[best] as Value;
    },
  };
}

function elementsOf(thread: Thread, name: string, value: Value): readonly Value[] {
  const elements = tryElements(thread, value);
  if (elements !== undefined) return elements;
  throw new StarlarkError('type', `${name}: ${typeName(value)} value is not iterable${iterationHint(value)}`);
}
