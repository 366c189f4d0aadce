import { StarlarkError } from '../../errors.ts';
import { asElements, asIndex, assertPositional, clampIndex } from '../arguments.ts';
import { equals } from '../equals.ts';
import { outOfRange } from '../indexing.ts';
import type { List } from '../list.ts';
import type { Value } from '../value.ts';
import { method, method0, method1, methodTable, type MethodTable } from './method.ts';
import type { Thread } from '../../eval/thread.ts';

export const listMethods: MethodTable<List> = methodTable<List>([
  method1('append', (thread, list, value) => {
    list.append(thread, value);
    return null;
  }),
  method0('clear', (_thread, list) => {
    list.assertMutable('clear');
    list.elems.length = 0;
    return null;
  }),
  method1('extend', (thread, list, values) => {
    list.extend(thread, asElements(thread, 'extend', 1, values));
    return null;
  }),
  method('index', (thread, list, args, kwargs) => {
    assertPositional('index', args, kwargs, 1, 3);
    const { length } = list.elems;
    const start = clampIndex('index', 'start', args[1], length, 0);
    const end = clampIndex('index', 'end', args[2], length, length);
    const i = find(thread, list, args[0] as Value, start, end);
    if (i < 0) throw new StarlarkError('value', 'index: value not in list');
    return i;
  }),
  method('insert', (thread, list, args, kwargs) => {
    assertPositional('insert', args, kwargs, 2, 2);
    const { length } = list.elems;
    const i = asIndex('insert', 1, args[0] as Value);
    list.assertMutable('insert into');
    thread.charge(8);
    const at = i < 0 ? Math.max(0, i + length) : Math.min(i, length);
    thread.work((length - at) >>> 3);
    list.elems.splice(at, 0, args[1] as Value);
    return null;
  }),
  method(
    'pop',
    (thread, list, args, kwargs) => {
      assertPositional('pop', args, kwargs, 0, 1);
      return pop(thread, list, args[0] === undefined ? -1 : asIndex('pop', 1, args[0]));
    },
    { call0: (thread, list) => pop(thread, list, -1) },
  ),
  method1('remove', (thread, list, value) => {
    list.assertMutable('remove from');
    const i = find(thread, list, value, 0, list.elems.length);
    if (i < 0) throw new StarlarkError('value', 'remove: element not found');
    list.elems.splice(i, 1);
    return null;
  }),
]);

function find(thread: Thread, list: List, value: Value, start: number, end: number): number {
  thread.work(Math.max(0, end - start));
  for (let i = start; i < end; i++) if (equals(thread, list.elems[i] as Value, value)) return i;
  return -1;
}

function pop(thread: Thread, list: List, i: number): Value {
  const { elems } = list;
  list.assertMutable('pop from');
  const at = i < 0 ? i + elems.length : i;
  if (at < 0 || at >= elems.length) throw outOfRange(list, i, elems.length);
  if (at === elems.length - 1) return elems.pop() as Value;
  thread.work((elems.length - at) >>> 3);
  return elems.splice(at, 1)[0] as Value;
}
