import { StarlarkError } from '../errors.ts';
import { plainBuiltin, type Builtin } from '../eval/builtin.ts';
import { noKwargs, type Kwargs } from '../eval/callable.ts';
import type { Thread } from '../eval/thread.ts';
import { asElements, asInt, assertPositional, unpack } from '../values/arguments.ts';
import { Bytes } from '../values/bytes.ts';
import { Dict } from '../values/dict.ts';
import { addInt, type Int } from '../values/int.ts';
import { workPerEntry } from '../values/keys.ts';
import { iterationHint, tryElements } from '../values/iterate.ts';
import { List } from '../values/list.ts';
import { updateDict } from '../values/methods/dict.ts';
import { Range } from '../values/range.ts';
import { StarlarkSet } from '../values/set.ts';
import { truth } from '../values/truth.ts';
import { Tuple } from '../values/tuple.ts';
import { typeName } from '../values/type-name.ts';
import type { Value } from '../values/value.ts';
import { noneHint } from '../values/wrong-kind.ts';

/** The built-ins that make collections or go through them, but for those that call back (see sorting.ts). */
export const sequenceBuiltins: readonly Builtin[] = [
  plainBuiltin('all', (thread, args, kwargs) => !hasElement(elementsOf(thread, 'all', args, kwargs), false)),
  plainBuiltin('any', (thread, args, kwargs) => hasElement(elementsOf(thread, 'any', args, kwargs), true)),
  plainBuiltin('dict', (thread, args, kwargs) => {
    if (args.length > 1)
      throw new StarlarkError('arguments', `dict: got ${args.length} arguments, want at most 1`);
    const dict = new Dict();
    updateDict(thread, 'dict', dict, args[0], kwargs);
    return dict;
  }),
  plainBuiltin('enumerate', enumerate),
  plainBuiltin('len', (_thread, args, kwargs) => {
    if (args.length !== 1 || kwargs.size > 0) assertPositional('len', args, kwargs, 1, 1);
    return lengthOf(args[0] as Value);
  }),
  plainBuiltin('list', (thread, args, kwargs) => new List(copyElements(thread, 'list', args, kwargs))),
  plainBuiltin('range', range),
  plainBuiltin('reversed', (thread, args, kwargs) => {
    assertPositional('reversed', args, kwargs, 1, 1);
    return new List(copyElements(thread, 'reversed', args, kwargs).reverse());
  }),
  plainBuiltin('set', (thread, args, kwargs) => {
    assertPositional('set', args, kwargs, 0, 1);
    const set = new StarlarkSet();
    if (args.length === 0) return set;
    const elements = elementsOf(thread, 'set', args, noKwargs);
    thread.work(workPerEntry * elements.length);
    for (const value of elements) set.add(thread, value);
    return set;
  }),
  plainBuiltin('tuple', (thread, args, kwargs) => {
    if (args[0] instanceof Tuple && args.length === 1 && kwargs.size === 0) return args[0];
    return new Tuple(copyElements(thread, 'tuple', args, kwargs));
  }),
  plainBuiltin('zip', zip),
];

function elementsOf(thread: Thread, name: string, args: readonly Value[], kwargs: Kwargs): readonly Value[] {
  assertPositional(name, args, kwargs, 1, 1);
  const elements = asElements(thread, name, 1, args[0] as Value);
  thread.work(elements.length);
  return elements;
}

/** The elements of the one optional argument, in a new array. */
function copyElements(thread: Thread, name: string, args: readonly Value[], kwargs: Kwargs): Value[] {
  assertPositional(name, args, kwargs, 0, 1);
  if (args.length === 0) return [];
  const elements = elementsOf(thread, name, args, kwargs);
  if (args[0] instanceof Range) return elements as Value[];
  thread.charge(32 + 8 * elements.length);
  return elements.slice();
}

/** Whether an element counts as `wanted` in a condition. */
function hasElement(elements: readonly Value[], wanted: boolean): boolean {
  for (let i = 0; i < elements.length; i++) if (truth(elements[i] as Value) === wanted) return true;
  return false;
}

function enumerate(thread: Thread, args: readonly Value[], kwargs: Kwargs): Value {
  const [iterable, start] = unpack('enumerate', args, kwargs, ['iterable', 'start'], 1);
  const elements = asElements(thread, 'enumerate', 1, iterable as Value);
  const first: Int = start === undefined ? 0 : asInt('enumerate', 2, start);
  thread.charge(32 + 56 * elements.length);
  thread.work(elements.length);
  return new List(elements.map((element, i) => new Tuple([addInt(thread, first, i), element])));
}

/** The number of elements, for `len`. Fails for values that have none. */
function lengthOf(value: Value): number {
  if (value instanceof List || value instanceof Tuple) return value.elems.length;
  if (typeof value === 'string') return value.length;
  if (value instanceof Dict || value instanceof StarlarkSet) return value.map.size;
  if (value instanceof Range) return value.length;
  if (value instanceof Bytes) return value.data.length;
  throw new StarlarkError('type', `len: value of type ${typeName(value)} has no len${noneHint(value)}`);
}

function range(_thread: Thread, args: readonly Value[], kwargs: Kwargs): Value {
  assertPositional('range', args, kwargs, 1, 3);
  const [a, b, step = 1] = args.map((arg, i) => boundOf(i + 1, arg));
  if (step === 0) throw new StarlarkError('value', 'range: step argument must not be zero');
  return b === undefined ? new Range(0, a as number, step) : new Range(a as number, b, step);
}

/** Bounds are kept to half the safe range, so that every sum and difference of two of them is exact. */
const maxBound = 2 ** 52;

function boundOf(parameter: number, value: Value): number {
  const bound = asInt('range', parameter, value);
  if (typeof bound === 'number' && bound >= -maxBound && bound <= maxBound) return bound;
  throw new StarlarkError('value', `range: ${bound} out of range (at most 2^52 either way)`);
}

function zip(thread: Thread, args: readonly Value[], kwargs: Kwargs): Value {
  if (kwargs.size > 0) throw new StarlarkError('arguments', 'zip: unexpected keyword arguments');
  const columns = args.map((arg, i) => {
    const elements = tryElements(thread, arg);
    if (elements !== undefined) return elements;
    throw new StarlarkError(
      'type',
      `zip: argument #${i + 1} is not iterable: ${typeName(arg)}${iterationHint(arg)}`,
    );
  });
  const rows = columns.length === 0 ? 0 : Math.min(...columns.map((column) => column.length));
  thread.charge(32 + rows * (40 + 8 * columns.length));
  thread.work(rows * columns.length);
  const tuples: Value[] = [];
  for (let row = 0; row < rows; row++) {
    const elems: Value[] = [];
    for (let i = 0; i < columns.length; i++) elems.push(columns[i]![row]!);
    tuples.push(new Tuple(elems));
  }
  return new List(tuples);
}
