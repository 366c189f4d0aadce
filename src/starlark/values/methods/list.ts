import { StarlarkError } from '../../errors.ts';
import { inPieces, isOnePiece, pieces, type Pieces } from '../../eval/pieces.ts';
import { begin, type Begun } from '../../eval/suspend.ts';
import type { Thread } from '../../eval/thread.ts';
import { asIndex, asIterable, assertPositional, clampIndex } from '../arguments.ts';
import { payAppend, payExtend } from '../costs.ts';
import { equals } from '../equals.ts';
import { outOfRange } from '../indexing.ts';
import { fewElementsOf, withElements } from '../iterate.ts';
import type { List } from '../list.ts';
import type { Value } from '../value.ts';
import { method, method0, method1, methodTable, type MethodTable } from './method.ts';

export const listMethods: MethodTable<List> = methodTable<List>([
  method1('append', 'step', (thread, list, value) => {
    list.append(thread, value);
    return null;
  }),
  method0('clear', 'step', (_thread, list) => {
    list.assertMutable('clear');
    list.elems.length = 0;
    return null;
  }),
  method1('extend', 'pieces', (thread, list, values) => {
    list.assertMutable('extend');
    const few = fewElementsOf(values);
    if (few !== undefined) {
      thread.charge(8 * few.length);
      thread.work(few.length);
      payExtend(thread, list.elems.length, few.length);
      list.extend(few, 0, few.length);
      return null;
    }
    return withElements(thread, asIterable(thread, 'extend', 1, values), (elements) => {
      thread.charge(8 * elements.length);
      payExtend(thread, list.elems.length, elements.length);
      const add = (from: number, to: number): void => list.extend(elements, from, to);
      return inPieces(thread, elements.length, 1, add, () => null);
    });
  }),
  method('index', 'pieces', (thread, list, args, kwargs) => {
    assertPositional('index', args, kwargs, 1, 3);
    const { length } = list.elems;
    const start = clampIndex('index', 'start', args[1], length, 0);
    const end = clampIndex('index', 'end', args[2], length, length);
    return find(thread, list, args[0] as Value, start, end, (i) => {
      if (i < 0) throw new StarlarkError('value', 'index: value not in list');
      return i;
    });
  }),
  method('insert', 'paid', (thread, list, args, kwargs) => {
    assertPositional('insert', args, kwargs, 2, 2);
    const { length } = list.elems;
    const i = asIndex('insert', 1, args[0] as Value);
    list.assertMutable('insert into');
    thread.charge(8);
    const at = i < 0 ? Math.max(0, i + length) : Math.min(i, length);
    thread.work((length - at) >>> 2);
    payAppend(thread, length);
    list.elems.splice(at, 0, args[1] as Value);
    return null;
  }),
  method(
    'pop',
    'paid',
    (thread, list, args, kwargs) => {
      assertPositional('pop', args, kwargs, 0, 1);
      return pop(thread, list, args[0] === undefined ? -1 : asIndex('pop', 1, args[0]));
    },
    { call0: (thread, list) => pop(thread, list, -1) },
  ),
  method1('remove', 'pieces', (thread, list, value) => {
    list.assertMutable('remove from');
    const { length } = list.elems;
    return find(thread, list, value, 0, length, (i) => {
      if (i < 0) throw new StarlarkError('value', 'remove: element not found');
      thread.work((length - i) >>> 2);
      list.elems.splice(i, 1);
      return null;
    });
  }),
]);

/** Looks for an element that equals `value`; `finish` is told its place, or -1. */
function find(
  thread: Thread,
  { elems }: List,
  value: Value,
  start: number,
  end: number,
  finish: (i: number) => Value,
): Begun {
  if (!isOnePiece(end - start)) return begin(thread, findInPieces(thread, elems, value, start, end, finish));
  thread.work(Math.max(0, end - start));
  return finish(placeOf(thread, elems, value, start, end));
}

function placeOf(thread: Thread, elems: readonly Value[], value: Value, from: number, to: number): number {
  for (let i = from; i < to; i++) if (equals(thread, elems[i] as Value, value)) return i;
  return -1;
}

function* findInPieces(
  thread: Thread,
  elems: readonly Value[],
  value: Value,
  start: number,
  end: number,
  finish: (i: number) => Value,
): Pieces<Value> {
  let found = -1;
  yield* pieces(thread, end - start, 1, (from, to) => {
    found = placeOf(thread, elems, value, start + from, start + to);
    return found >= 0;
  });
  return finish(found);
}

function pop(thread: Thread, list: List, i: number): Value {
  const { elems } = list;
  list.assertMutable('pop from');
  const at = i < 0 ? i + elems.length : i;
  if (at < 0 || at >= elems.length) throw outOfRange(list, i, elems.length);
  if (at === elems.length - 1) return elems.pop() as Value;
  thread.work((elems.length - at) >>> 2);
  return elems.splice(at, 1)[0] as Value;
}
