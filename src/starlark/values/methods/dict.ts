import { StarlarkError } from '../../errors.ts';
import type { Kwargs } from '../../eval/callable.ts';
import { inPieces, type Pieces } from '../../eval/pieces.ts';
import { begin } from '../../eval/suspend.ts';
import type { Thread } from '../../eval/thread.ts';
import { assertPositional } from '../arguments.ts';
import { perValue } from '../costs.ts';
import type { Dict } from '../dict.ts';
import { updateDict, updateWithFew } from '../dict-update.ts';
import { fewElements } from '../iterate.ts';
import { List } from '../list.ts';
import { Tuple } from '../tuple.ts';
import type { Value } from '../value.ts';
import { method, method0, methodTable, type MethodTable } from './method.ts';

export const dictMethods: MethodTable<Dict> = methodTable<Dict>([
  method0('clear', 'step', (_thread, dict) => {
    dict.clear();
    return null;
  }),
  method(
    'get',
    'paid',
    (thread, dict, args, kwargs) => {
      assertPositional('get', args, kwargs, 1, 2);
      const found = dict.get(args[0] as Value, thread);
      return found === undefined ? (args[1] ?? null) : found;
    },
    {
      call1: (thread, dict, key) => dict.get(key, thread) ?? null,
      call2: (thread, dict, key, absent) => {
        const found = dict.get(key, thread);
        return found === undefined ? absent : found;
      },
    },
  ),
  method0('items', 'pieces', (thread, dict) => {
    if (dict.size <= fewElements) return fewItems(thread, dict);
    thread.charge(32 + 72 * dict.size);
    thread.work(2 * dict.size);
    const keys = dict.keys();
    const values = Array.from(dict.map.values());
    const items: Value[] = [];
    const add = (from: number, to: number): void => {
      for (let i = from; i < to; i++) items.push(new Tuple([keys[i] as Value, values[i] as Value]));
    };
    return inPieces(thread, keys.length, perValue, add, () => new List(items));
  }),
  method0('keys', 'paid', (thread, dict) => {
    thread.charge(32 + 8 * dict.size);
    thread.work(dict.size);
    return new List(dict.keys());
  }),
  method('pop', 'paid', (thread, dict, args, kwargs) => {
    assertPositional('pop', args, kwargs, 1, 2);
    const removed = dict.delete(args[0] as Value, thread);
    if (removed !== undefined) return removed;
    if (args[1] === undefined)
      throw new StarlarkError('key', 'pop: missing key (write x.pop(key, None) where it may be missing)');
    return args[1];
  }),
  method0('popitem', 'paid', (thread, dict) => {
    const first = dict.takeFirst(thread);
    if (first === undefined) throw new StarlarkError('key', 'popitem: empty dict');
    return new Tuple(first);
  }),
  method(
    'setdefault',
    'paid',
    (thread, dict, args, kwargs) => {
      assertPositional('setdefault', args, kwargs, 1, 2);
      return setDefault(thread, dict, args[0] as Value, args[1] ?? null);
    },
    { call2: setDefault },
  ),
  method('update', 'pieces', (thread, dict, args, kwargs) => {
    if (args.length > 1)
      throw new StarlarkError('arguments', `update: got ${args.length} arguments, want at most 1`);
    if (updateWithFew(thread, 'update', dict, args[0], kwargs)) return null;
    return begin(thread, updated(thread, dict, args[0], kwargs));
  }),
  method0('values', 'paid', (thread, dict) => {
    thread.charge(32 + 8 * dict.size);
    thread.work(dict.size);
    return new List(Array.from(dict.map.values()));
  }),
]);

function setDefault(thread: Thread, dict: Dict, key: Value, absent: Value): Value {
  const found = dict.get(key, thread);
  if (found !== undefined) return found;
  dict.set(thread, key, absent);
  return absent;
}

function fewItems(thread: Thread, dict: Dict): List {
  thread.charge(32 + 56 * dict.size);
  thread.work(perValue * dict.size);
  const items: Value[] = [];
  dict.forEach((key, value) => items.push(new Tuple([key, value])));
  return new List(items);
}

function* updated(thread: Thread, dict: Dict, pairs: Value | undefined, kwargs: Kwargs): Pieces<null> {
  yield* updateDict(thread, 'update', dict, pairs, kwargs);
  return null;
}
