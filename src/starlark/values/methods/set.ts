import { StarlarkError } from '../../errors.ts';
import type { Kwargs } from '../../eval/callable.ts';
import type { Thread } from '../../eval/thread.ts';
import { asElements } from '../arguments.ts';
import { assertMutable } from '../locks.ts';
import {
  addAll,
  become,
  difference,
  intersection,
  symmetricDifference,
  toSet,
  union,
  type Operand,
} from '../set-algebra.ts';
import { StarlarkSet } from '../set.ts';
import type { Value } from '../value.ts';
import { method, method0, method1, methodTable, type Method, type MethodTable } from './method.ts';

export const setMethods: MethodTable<StarlarkSet> = methodTable<StarlarkSet>([
  method1('add', (thread, set, value) => {
    set.add(thread, value);
    return null;
  }),
  method0('clear', (_thread, set) => {
    set.clear();
    return null;
  }),
  combining('difference', difference),
  updating('difference_update', difference),
  method1('discard', (thread, set, value) => {
    set.delete(value, thread);
    return null;
  }),
  combining('intersection', intersection),
  updating('intersection_update', intersection),
  method1('isdisjoint', (thread, set, other) => {
    const others = toSet(thread, asOperand(thread, 'isdisjoint', other));
    return set.toArray().every((value) => !others.has(value, thread));
  }),
  method1('issubset', (thread, set, other) => {
    const whole = toSet(thread, asOperand(thread, 'issubset', other));
    return set.toArray().every((value) => whole.has(value, thread));
  }),
  method1('issuperset', (thread, set, other) => {
    const others = toSet(thread, asOperand(thread, 'issuperset', other));
    return others.toArray().every((value) => set.has(value, thread));
  }),
  method0('pop', (thread, set) => {
    for (const value of set.map.values()) {
      set.delete(value, thread);
      return value;
    }
    throw new StarlarkError('key', 'pop: empty set');
  }),
  method1('remove', (thread, set, value) => {
    if (set.delete(value, thread)) return null;
    throw new StarlarkError('key', 'remove: missing key');
  }),
  method1('symmetric_difference', (thread, set, other) => {
    return symmetricDifference(thread, set, asOperand(thread, 'symmetric_difference', other));
  }),
  method1('symmetric_difference_update', (thread, set, other) => {
    const operand = asOperand(thread, 'symmetric_difference_update', other);
    assertMutable(set, 'insert into', 'hash table');
    become(thread, set, symmetricDifference(thread, set, operand));
    return null;
  }),
  combining('union', union),
  method('update', (thread, set, args, kwargs) => {
    const operands = asOperands(thread, 'update', args, kwargs);
    assertMutable(set, 'insert into', 'hash table');
    addAll(thread, set, operands);
    return null;
  }),
]);

type Combine = (thread: Thread, set: StarlarkSet, others: readonly Operand[]) => StarlarkSet;

/** A method that makes a new set of this one and any number of iterables. */
function combining(name: string, combine: Combine): Method<StarlarkSet> {
  return method(name, (thread, set, args, kwargs) =>
    combine(thread, set, asOperands(thread, name, args, kwargs)),
  );
}

/** The same, changing this set instead. */
function updating(name: string, combine: Combine): Method<StarlarkSet> {
  return method(name, (thread, set, args, kwargs) => {
    const operands = asOperands(thread, name, args, kwargs);
    assertMutable(set, 'delete from', 'hash table');
    become(thread, set, combine(thread, set, operands));
    return null;
  });
}

function asOperands(
  thread: Thread,
  name: string,
  args: readonly Value[],
  kwargs: Kwargs,
): readonly Operand[] {
  if (kwargs.size > 0) throw new StarlarkError('arguments', `${name}: unexpected keyword arguments`);
  return args.map((arg, i) => (arg instanceof StarlarkSet ? arg : asElements(thread, name, i + 1, arg)));
}

function asOperand(thread: Thread, name: string, value: Value): readonly Value[] {
  const elements = asElements(thread, name, 1, value);
  thread.work(elements.length);
  return elements;
}
