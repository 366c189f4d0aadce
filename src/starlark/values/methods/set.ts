import { StarlarkError } from '../../errors.ts';
import type { Kwargs } from '../../eval/callable.ts';
import type { Pieces } from '../../eval/pieces.ts';
import { begin, type Begun } from '../../eval/suspend.ts';
import type { Thread } from '../../eval/thread.ts';
import { asIterable } from '../arguments.ts';
import { assertMutable } from '../locks.ts';
import {
  addAll,
  become,
  difference,
  intersection,
  isDisjoint,
  isSubset,
  isSuperset,
  symmetricDifference,
  union,
  type Operand,
} from '../set-algebra.ts';
import { StarlarkSet } from '../set.ts';
import type { Value } from '../value.ts';
import { method, method0, method1, methodTable, type Method, type MethodTable } from './method.ts';

export const setMethods: MethodTable<StarlarkSet> = methodTable<StarlarkSet>([
  method1('add', 'paid', (thread, set, value) => {
    set.add(thread, value);
    return null;
  }),
  method0('clear', 'step', (_thread, set) => {
    set.clear();
    return null;
  }),
  combining('difference', difference),
  updating('difference_update', difference),
  method1('discard', 'paid', (thread, set, value) => {
    set.delete(value, thread);
    return null;
  }),
  combining('intersection', intersection),
  updating('intersection_update', intersection),
  testing('isdisjoint', isDisjoint),
  testing('issubset', isSubset),
  testing('issuperset', isSuperset),
  method0('pop', 'paid', (thread, set) => {
    const first = set.takeFirst(thread);
    if (first === undefined) throw new StarlarkError('key', 'pop: empty set');
    return first;
  }),
  method1('remove', 'paid', (thread, set, value) => {
    if (set.delete(value, thread)) return null;
    throw new StarlarkError('key', 'remove: missing key');
  }),
  method1('symmetric_difference', 'pieces', (thread, set, other) =>
    begin(thread, symmetricDifference(thread, set, [asOperand(thread, 'symmetric_difference', other)])),
  ),
  method1('symmetric_difference_update', 'pieces', (thread, set, other) => {
    const operand = asOperand(thread, 'symmetric_difference_update', other);
    assertMutable(set, 'insert into', 'hash table');
    return begin(thread, changed(thread, set, symmetricDifference(thread, set, [operand])));
  }),
  combining('union', union),
  method('update', 'pieces', (thread, set, args, kwargs) => {
    const operands = asOperands(thread, 'update', args, kwargs);
    assertMutable(set, 'insert into', 'hash table');
    return begin(thread, updated(thread, set, operands));
  }),
]);

type Combine = (thread: Thread, set: StarlarkSet, others: readonly Operand[]) => Pieces<StarlarkSet>;

/** A method that makes a new set of this one and any number of iterables. */
function combining(name: string, combine: Combine): Method<StarlarkSet> {
  return method(name, 'pieces', (thread, set, args, kwargs) =>
    begin(thread, combine(thread, set, asOperands(thread, name, args, kwargs))),
  );
}

/** The same, changing this set instead. */
function updating(name: string, combine: Combine): Method<StarlarkSet> {
  return method(name, 'pieces', (thread, set, args, kwargs) => {
    const operands = asOperands(thread, name, args, kwargs);
    assertMutable(set, 'delete from', 'hash table');
    return begin(thread, changed(thread, set, combine(thread, set, operands)));
  });
}

/** A method that asks how this set and one iterable lie to each other. */
function testing(
  name: string,
  test: (thread: Thread, set: StarlarkSet, other: Operand) => Pieces<boolean>,
): Method<StarlarkSet> {
  return method1(name, 'pieces', (thread, set, other): Begun =>
    begin(thread, test(thread, set, asOperand(thread, name, other))),
  );
}

function* changed(thread: Thread, set: StarlarkSet, wanted: Pieces<StarlarkSet>): Pieces<null> {
  yield* become(thread, set, yield* wanted);
  return null;
}

function* updated(thread: Thread, set: StarlarkSet, operands: readonly Operand[]): Pieces<null> {
  yield* addAll(thread, set, operands);
  return null;
}

function asOperands(
  thread: Thread,
  name: string,
  args: readonly Value[],
  kwargs: Kwargs,
): readonly Operand[] {
  if (kwargs.size > 0) throw new StarlarkError('arguments', `${name}: unexpected keyword arguments`);
  return args.map((arg, i) => (arg instanceof StarlarkSet ? arg : asIterable(thread, name, i + 1, arg)));
}

function asOperand(thread: Thread, name: string, value: Value): Operand {
  return value instanceof StarlarkSet ? value : asIterable(thread, name, 1, value);
}
