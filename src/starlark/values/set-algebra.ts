/**
 * Union, intersection and differences of sets, as new sets and in place. The left operand's order comes first. All of it
 * is done in pieces (see eval/pieces.ts).
 */
import { pieces, type Pieces } from '../eval/pieces.ts';
import type { Thread } from '../eval/thread.ts';
import { perEntry } from './costs.ts';
import { StarlarkFloat } from './float.ts';
import { isInt } from './int.ts';
import { elementsInPieces } from './iterate.ts';
import { Range } from './range.ts';
import { StarlarkSet } from './set.ts';
import type { Value } from './value.ts';

/** The other operands: sets, ranges, or the elements of any other iterable. */
export type Operand = StarlarkSet | Range | readonly Value[];

/** So many are gone through at once. */
const fewElements = 256;

/** What can be asked whether it holds an element. */
interface Holder {
  readonly size: number;
  has(value: Value, thread: Thread): boolean;
}

export function* union(thread: Thread, set: StarlarkSet, others: readonly Operand[]): Pieces<StarlarkSet> {
  const result = new StarlarkSet();
  yield* addAll(thread, result, [set, ...others]);
  return result;
}

export function* difference(
  thread: Thread,
  set: StarlarkSet,
  others: readonly Operand[],
): Pieces<StarlarkSet> {
  const removed = yield* toHolders(thread, others);
  return yield* filter(
    thread,
    set,
    removed.length,
    (value) => !removed.some((other) => other.has(value, thread)),
  );
}

export function* intersection(
  thread: Thread,
  set: StarlarkSet,
  others: readonly Operand[],
): Pieces<StarlarkSet> {
  const kept = yield* toHolders(thread, others);
  return yield* filter(thread, set, kept.length, (value) => kept.every((other) => other.has(value, thread)));
}

export function* symmetricDifference(
  thread: Thread,
  set: StarlarkSet,
  others: readonly Operand[],
): Pieces<StarlarkSet> {
  const right = yield* toSet(thread, others[0] as Operand);
  const result = yield* filter(thread, set, 1, (value) => !right.has(value, thread));
  const elements = right.toArray();
  yield* pieces(thread, elements.length, 2 * perEntry, (from, to) => {
    for (let i = from; i < to; i++) {
      const value = elements[i] as Value;
      if (!set.has(value, thread)) result.add(thread, value);
    }
  });
  return result;
}

/** Adds to `set` all elements of `others`. */
export function* addAll(thread: Thread, set: StarlarkSet, others: readonly Operand[]): Pieces {
  for (const other of others) {
    if (other instanceof StarlarkSet && other.size <= fewElements) {
      thread.work(perEntry * other.size);
      for (const value of other.map.values()) set.add(thread, value);
      continue;
    }
    const elements = yield* elementsOf(thread, other);
    yield* pieces(thread, elements.length, perEntry, (from, to) => {
      for (let i = from; i < to; i++) set.add(thread, elements[i] as Value);
    });
  }
}

/** Makes `set` hold what `wanted` holds, keeping the order of what stays. */
export function* become(thread: Thread, set: StarlarkSet, wanted: StarlarkSet): Pieces {
  const elements = set.toArray();
  yield* pieces(thread, elements.length, 2 * perEntry, (from, to) => {
    for (let i = from; i < to; i++) {
      const value = elements[i] as Value;
      if (!wanted.has(value, thread)) set.delete(value, thread);
    }
  });
  yield* addAll(thread, set, [wanted]);
}

/** Whether no element of `set` is in `other`. */
export function* isDisjoint(thread: Thread, set: StarlarkSet, other: Operand): Pieces<boolean> {
  const holder = yield* toHolder(thread, other);
  return yield* every(thread, set, (value) => !holder.has(value, thread));
}

/** Whether all elements of `set` are in `other`. */
export function* isSubset(thread: Thread, set: StarlarkSet, other: Operand): Pieces<boolean> {
  const holder = yield* toHolder(thread, other);
  if (set.size > holder.size) return false;
  return yield* every(thread, set, (value) => holder.has(value, thread));
}

/** Whether all elements of `other` are in `set`. */
export function* isSuperset(thread: Thread, set: StarlarkSet, other: Operand): Pieces<boolean> {
  if (other instanceof Range && other.length > set.size) return false;
  const parts = other instanceof Range ? other : yield* toSet(thread, other);
  return yield* every(thread, parts, (value) => set.has(value, thread));
}

function* toSet(thread: Thread, operand: Operand): Pieces<StarlarkSet> {
  if (operand instanceof StarlarkSet) return operand;
  const set = new StarlarkSet();
  yield* addAll(thread, set, [operand]);
  return set;
}

function* toHolders(thread: Thread, operands: readonly Operand[]): Pieces<Holder[]> {
  const holders: Holder[] = [];
  for (const operand of operands) holders.push(yield* toHolder(thread, operand));
  return holders;
}

function* toHolder(thread: Thread, operand: Operand): Pieces<Holder> {
  if (!(operand instanceof Range)) return yield* toSet(thread, operand);
  return { size: operand.length, has: (value) => includes(operand, value) };
}

function includes(range: Range, value: Value): boolean {
  if (isInt(value)) return range.includes(value);
  return value instanceof StarlarkFloat && range.includes(value.value);
}

function* filter(
  thread: Thread,
  set: StarlarkSet,
  lookUps: number,
  keep: (value: Value) => boolean,
): Pieces<StarlarkSet> {
  const result = new StarlarkSet();
  if (set.size <= fewElements) {
    thread.work((1 + lookUps) * perEntry * set.size);
    for (const value of set.map.values()) if (keep(value)) result.add(thread, value);
    return result;
  }
  const elements = set.toArray();
  yield* pieces(thread, elements.length, (1 + lookUps) * perEntry, (from, to) => {
    for (let i = from; i < to; i++) {
      const value = elements[i] as Value;
      if (keep(value)) result.add(thread, value);
    }
  });
  return result;
}

function* every(thread: Thread, operand: Operand, test: (value: Value) => boolean): Pieces<boolean> {
  const elements = yield* elementsOf(thread, operand);
  const failed = yield* pieces(thread, elements.length, perEntry, (from, to) => {
    for (let i = from; i < to; i++) if (!test(elements[i] as Value)) return true;
    return false;
  });
  return !failed;
}

function* elementsOf(thread: Thread, operand: Operand): Pieces<readonly Value[]> {
  if (!(operand instanceof StarlarkSet)) return yield* elementsInPieces(thread, operand);
  thread.charge(32 + 8 * operand.size);
  thread.work(operand.size);
  return operand.toArray();
}
