import { StarlarkError } from '../../errors.ts';
import type { Kwargs } from '../../eval/callable.ts';
import type { Thread } from '../../eval/thread.ts';
import { assertPositional } from '../arguments.ts';
import { Dict } from '../dict.ts';
import { iterationHint, tryElements } from '../iterate.ts';
import { workPerEntry } from '../keys.ts';
import { List } from '../list.ts';
import { Tuple } from '../tuple.ts';
import { typeName } from '../type-name.ts';
import type { Value } from '../value.ts';
import { method, method0, methodTable, type MethodTable } from './method.ts';

export const dictMethods: MethodTable<Dict> = methodTable<Dict>([
  method0('clear', (_thread, dict) => {
    dict.clear();
    return null;
  }),
  method(
    'get',
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
  method0('items', (thread, dict) => {
    thread.charge(32 + 56 * dict.size);
    const items: Value[] = [];
    dict.forEach((key, value) => items.push(new Tuple([key, value])));
    return new List(items);
  }),
  method0('keys', (thread, dict) => {
    thread.charge(32 + 8 * dict.size);
    return new List(dict.keys());
  }),
  method('pop', (thread, dict, args, kwargs) => {
    assertPositional('pop', args, kwargs, 1, 2);
    const removed = dict.delete(args[0] as Value, thread);
    if (removed !== undefined) return removed;
    if (args[1] === undefined)
      throw new StarlarkError('key', 'pop: missing key (write x.pop(key, None) where it may be missing)');
    return args[1];
  }),
  method0('popitem', (thread, dict) => {
    const key = dict.firstKey();
    if (key === undefined) throw new StarlarkError('key', 'popitem: empty dict');
    return new Tuple([key, dict.delete(key, thread) as Value]);
  }),
  method(
    'setdefault',
    (thread, dict, args, kwargs) => {
      assertPositional('setdefault', args, kwargs, 1, 2);
      return setDefault(thread, dict, args[0] as Value, args[1] ?? null);
    },
    { call2: setDefault },
  ),
  method('update', (thread, dict, args, kwargs) => {
    if (args.length > 1)
      throw new StarlarkError('arguments', `update: got ${args.length} arguments, want at most 1`);
    updateDict(thread, 'update', dict, args[0], kwargs);
    return null;
  }),
  method0('values', (thread, dict) => {
    thread.charge(32 + 8 * dict.size);
    return new List(Array.from(dict.map.values()));
  }),
]);

function setDefault(thread: Thread, dict: Dict, key: Value, absent: Value): Value {
  const found = dict.get(key, thread);
  if (found !== undefined) return found;
  dict.set(thread, key, absent);
  return absent;
}

/** Inserts what `dict(...)` and `update(...)` take: a dict or an iterable of pairs, then named values. */
export function updateDict(
  thread: Thread,
  name: string,
  dict: Dict,
  pairs: Value | undefined,
  kwargs: Kwargs,
): void {
  if (pairs instanceof Dict) dict.merge(thread, pairs);
  else if (pairs !== undefined) addPairs(thread, name, dict, pairs);
  for (const [key, value] of kwargs) dict.set(thread, key, value);
}

function addPairs(thread: Thread, name: string, dict: Dict, pairs: Value): void {
  const elements = tryElements(thread, pairs);
  if (elements === undefined) {
    throw new StarlarkError('type', `${name}: got ${typeName(pairs)}, want iterable${iterationHint(pairs)}`);
  }
  thread.work(workPerEntry * elements.length);
  elements.forEach((pair, i) => {
    const parts = tryElements(thread, pair);
    const what = `${name}: dictionary update sequence element #${i}`;
    if (parts === undefined) throw new StarlarkError('type', `${what} is not iterable (${typeName(pair)})`);
    if (parts.length !== 2) throw new StarlarkError('value', `${what} has length ${parts.length}, want 2`);
    dict.set(thread, parts[0] as Value, parts[1] as Value);
  });
}
