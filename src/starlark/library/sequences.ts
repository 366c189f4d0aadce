import { StarlarkError } from '../errors.ts';
import { plainBuiltin, type Builtin } from '../eval/builtin.ts';
import type { Kwargs } from '../eval/callable.ts';
import { inPieces, isOnePiece, pieces, type Pieces } from '../eval/pieces.ts';
import { begin, type Begun } from '../eval/suspend.ts';
import type { Thread } from '../eval/thread.ts';
import { asInt, asIterable, assertPositional, unpack } from '../values/arguments.ts';
import { payLength, perValue } from '../values/costs.ts';
import { Dict } from '../values/dict.ts';
import { updateDict, updateWithFew } from '../values/dict-update.ts';
import { addInt, type Int } from '../values/int.ts';
import {
  elementsInPieces,
  fewElementsOf,
  iterationHint,
  tryIterate,
  withElements,
} from '../values/iterate.ts';
import { lengthOf } from '../values/length.ts';
import { List } from '../values/list.ts';
import { Range } from '../values/range.ts';
import { rangeOfValues } from '../values/range-arguments.ts';
import { addAll } from '../values/set-algebra.ts';
import { StarlarkSet } from '../values/set.ts';
import { truth } from '../values/truth.ts';
import { Tuple } from '../values/tuple.ts';
import { typeName } from '../values/type-name.ts';
import type { Value } from '../values/value.ts';

/** The built-ins that make collections or go through them, but for those that call back (see sorting.ts). */
export const sequenceBuiltins: readonly Builtin[] = [
  plainBuiltin('all', 'pieces', (thread, args, kwargs) => {
    const items = iterable(thread, 'all', args, kwargs);
    return hasElement(thread, items, false, (found) => !found);
  }),
  plainBuiltin('any', 'pieces', (thread, args, kwargs) => {
    const items = iterable(thread, 'any', args, kwargs);
    return hasElement(thread, items, true, (found) => found);
  }),
  plainBuiltin('dict', 'pieces', (thread, args, kwargs) => {
    if (args.length > 1)
      throw new StarlarkError('arguments', `dict: got ${args.length} arguments, want at most 1`);
    const dict = new Dict();
    if (updateWithFew(thread, 'dict', dict, args[0], kwargs)) return dict;
    return begin(thread, makeDict(thread, dict, args[0], kwargs));
  }),
  plainBuiltin('enumerate', 'pieces', enumerate),
  plainBuiltin('len', 'pieces', (thread, args, kwargs) => {
    if (args.length !== 1 || kwargs.size > 0) assertPositional('len', args, kwargs, 1, 1);
    return lengthOf(thread, args[0] as Value);
  }),
  plainBuiltin('list', 'pieces', (thread, args, kwargs) =>
    copy(thread, 'list', args, kwargs, (elements) => new List(elements)),
  ),
  plainBuiltin('range', 'step', range),
  plainBuiltin('reversed', 'pieces', (thread, args, kwargs) => {
    assertPositional('reversed', args, kwargs, 1, 1);
    return copy(thread, 'reversed', args, kwargs, (elements) => {
      thread.work(elements.length >>> 2);
      return new List(elements.reverse());
    });
  }),
  plainBuiltin('set', 'pieces', (thread, args, kwargs) => {
    assertPositional('set', args, kwargs, 0, 1);
    if (args.length === 0) return new StarlarkSet();
    return begin(thread, makeSet(thread, asIterable(thread, 'set', 1, args[0] as Value)));
  }),
  plainBuiltin('tuple', 'pieces', (thread, args, kwargs) => {
    if (args[0] instanceof Tuple && args.length === 1 && kwargs.size === 0) return args[0];
    return copy(thread, 'tuple', args, kwargs, (elements) => new Tuple(elements));
  }),
  plainBuiltin('zip', 'pieces', zip),
];

type Items = readonly Value[] | Range;

/** What the one argument gives to go through. */
function iterable(thread: Thread, name: string, args: readonly Value[], kwargs: Kwargs): Items {
  assertPositional(name, args, kwargs, 1, 1);
  return asIterable(thread, name, 1, args[0] as Value);
}

/** Copying an element, in elements. */
const perCopy = 2;

/** Makes something of the elements of the one optional argument, in a new array. */
function copy(
  thread: Thread,
  name: string,
  args: readonly Value[],
  kwargs: Kwargs,
  make: (elements: Value[]) => Value,
): Begun {
  assertPositional(name, args, kwargs, 0, 1);
  if (args.length === 0) return make([]);
  const few = fewElementsOf(args[0] as Value);
  if (few !== undefined) {
    thread.charge(32 + 8 * few.length);
    thread.work(few.length);
    return make(few.slice());
  }
  return withElements(thread, asIterable(thread, name, 1, args[0] as Value), (elements) => {
    // What does not belong to a value has just been made.
    if (args[0] instanceof Range) return make(elements as Value[]);
    thread.charge(32 + 8 * elements.length);
    payLength(thread, elements.length);
    const copied: Value[] = [];
    const add = (from: number, to: number): void => {
      for (let i = from; i < to; i++) copied.push(elements[i] as Value);
    };
    return inPieces(thread, elements.length, perCopy, add, () => make(copied));
  });
}

/** Whether an element counts as `wanted` in a condition: goes on with the answer. */
function hasElement(thread: Thread, items: Items, wanted: boolean, goOn: (found: boolean) => boolean): Begun {
  if (!(items instanceof Range) && isOnePiece(items.length)) {
    thread.work(items.length);
    return goOn(isAmong(items, wanted, 0, items.length));
  }
  return withElements(thread, items, (elements) => {
    let found = false;
    const look = (from: number, to: number): boolean => (found = isAmong(elements, wanted, from, to));
    return inPieces(thread, elements.length, 1, look, () => goOn(found));
  });
}

function isAmong(elements: readonly Value[], wanted: boolean, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (truth(elements[i] as Value) === wanted) return true;
  return false;
}

function* makeDict(thread: Thread, dict: Dict, pairs: Value | undefined, kwargs: Kwargs): Pieces<Dict> {
  yield* updateDict(thread, 'dict', dict, pairs, kwargs);
  return dict;
}

function* makeSet(thread: Thread, items: Items): Pieces<StarlarkSet> {
  const set = new StarlarkSet();
  yield* addAll(thread, set, [items]);
  return set;
}

function enumerate(thread: Thread, args: readonly Value[], kwargs: Kwargs): Begun {
  const [given, start] = unpack('enumerate', args, kwargs, ['iterable', 'start'], 1);
  const first: Int = start === undefined ? 0 : asInt('enumerate', 2, start);
  const few = fewElementsOf(given as Value);
  if (few !== undefined) {
    thread.charge(32 + 56 * few.length);
    thread.work(perValue * few.length);
    return new List(few.map((element, i) => new Tuple([addInt(thread, first, i), element])));
  }
  const items = asIterable(thread, 'enumerate', 1, given as Value);
  return withElements(thread, items, (elements) => {
    thread.charge(32 + 56 * elements.length);
    const pairs: Value[] = [];
    const add = (from: number, to: number): void => {
      for (let i = from; i < to; i++) pairs.push(new Tuple([addInt(thread, first, i), elements[i] as Value]));
    };
    return inPieces(thread, elements.length, perValue, add, () => new List(pairs));
  });
}

function range(_thread: Thread, args: readonly Value[], kwargs: Kwargs): Value {
  assertPositional('range', args, kwargs, 1, 3);
  return rangeOfValues(args[0] as Value, args[1], args[2]);
}

function zip(thread: Thread, args: readonly Value[], kwargs: Kwargs): Begun {
  if (kwargs.size > 0) throw new StarlarkError('arguments', 'zip: unexpected keyword arguments');
  thread.work(perValue * args.length);
  const columns = args.map((arg, i) => {
    const items = tryIterate(thread, arg);
    if (items !== undefined) return items;
    throw new StarlarkError(
      'type',
      `zip: argument #${i + 1} is not iterable: ${typeName(arg)}${iterationHint(arg)}`,
    );
  });
  if (columns.some((column) => column instanceof Range && column.length > shortColumn))
    return begin(thread, zipLong(thread, columns));
  const arrays = columns.map((column) => (column instanceof Range ? column.toArray() : column));
  const rows = payRows(thread, arrays);
  const cost = perRow(arrays.length);
  const tuples: Value[] = [];
  if (!isOnePiece(rows * cost)) return begin(thread, zipInPieces(thread, arrays, rows));
  thread.work(rows * cost);
  addRows(tuples, arrays, 0, rows);
  return new List(tuples);
}

/** A range up to this long is made into an array at once. */
const shortColumn = 1024;

function* zipLong(thread: Thread, columns: readonly Items[]): Pieces<List> {
  const arrays: (readonly Value[])[] = [];
  for (const column of columns) arrays.push(yield* elementsInPieces(thread, column));
  return yield* zipInPieces(thread, arrays, payRows(thread, arrays));
}

type Columns = readonly (readonly Value[])[];

function* zipInPieces(thread: Thread, columns: Columns, rows: number): Pieces<List> {
  const tuples: Value[] = [];
  yield* pieces(thread, rows, perRow(columns.length), (from, to) => addRows(tuples, columns, from, to));
  return new List(tuples);
}

/** How many rows there are, whose room is paid for. */
function payRows(thread: Thread, columns: Columns): number {
  let rows = columns.length === 0 ? 0 : Infinity;
  for (const { length } of columns) rows = Math.min(rows, length);
  thread.charge(32 + rows * (40 + 8 * columns.length));
  return rows;
}

function perRow(columns: number): number {
  return perValue + 2 * columns;
}

function addRows(tuples: Value[], columns: Columns, from: number, to: number): void {
  for (let row = from; row < to; row++) {
    const elems: Value[] = [];
    for (let i = 0; i < columns.length; i++) elems.push(columns[i]![row]!);
    tuples.push(new Tuple(elems));
  }
}
