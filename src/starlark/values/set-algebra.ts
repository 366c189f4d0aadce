/** Union, intersection and differences of sets, as new sets and in place. The left operand's order comes first. */
import type { Thread } from '../eval/thread.ts';
import { workPerEntry } from './keys.ts';
import { StarlarkSet } from './set.ts';
import type { Value } from './value.ts';

/** The other operands: sets, or the elements of any iterable. */
export type Operand = StarlarkSet | readonly Value[];

export function copySet(thread: Thread, set: StarlarkSet): StarlarkSet {
  const copy = new StarlarkSet();
  thread.work(workPerEntry * set.size);
  for (const value of set.map.values()) copy.add(thread, value);
  return copy;
}

export function union(thread: Thread, set: StarlarkSet, others: readonly Operand[]): StarlarkSet {
  const result = copySet(thread, set);
  addAll(thread, result, others);
  return result;
}

export function difference(thread: Thread, set: StarlarkSet, others: readonly Operand[]): StarlarkSet {
  const removed = others.map((other) => toSet(thread, other));
  return filter(thread, set, (value) => removed.every((other) => !other.has(value, thread)));
}

export function intersection(thread: Thread, set: StarlarkSet, others: readonly Operand[]): StarlarkSet {
  const kept = others.map((other) => toSet(thread, other));
  return filter(thread, set, (value) => kept.every((other) => other.has(value, thread)));
}

export function symmetricDifference(thread: Thread, set: StarlarkSet, other: Operand): StarlarkSet {
  const right = toSet(thread, other);
  const result = filter(thread, set, (value) => !right.has(value, thread));
  for (const value of right.map.values()) if (!set.has(value, thread)) result.add(thread, value);
  return result;
}

/** Adds to `set` all elements of `others`. */
export function addAll(thread: Thread, set: StarlarkSet, others: readonly Operand[]): void {
  for (const other of others) {
    const elements = other instanceof StarlarkSet ? other.toArray() : other;
    thread.work(workPerEntry * elements.length);
    for (const value of elements) set.add(thread, value);
  }
}

/** Makes `set` hold what `wanted` holds, keeping the order of what stays. */
export function become(thread: Thread, set: StarlarkSet, wanted: StarlarkSet): void {
  for (const value of set.toArray()) if (!wanted.has(value, thread)) set.delete(value, thread);
  for (const value of wanted.map.values()) set.add(thread, value);
}

export function toSet(thread: Thread, operand: Operand): StarlarkSet {
  if (operand instanceof StarlarkSet) return operand;
  const set = new StarlarkSet();
  addAll(thread, set, [operand]);
  return set;
}

function filter(thread: Thread, set: StarlarkSet, keep: (value: Value) => boolean): StarlarkSet {
  const result = new StarlarkSet();
  thread.work(workPerEntry * set.size);
  for (const value of set.map.values()) if (keep(value)) result.add(thread, value);
  return result;
}
