/** The string methods that look for text. Indices count UTF-16 code units. */
import { StarlarkError } from '../../errors.ts';
import type { Kwargs } from '../../eval/callable.ts';
import type { Thread } from '../../eval/thread.ts';
import { asString, assertPositional, clampIndex } from '../arguments.ts';
import { firstIndex, lastIndex, searchFor } from '../text-search.ts';
import { Tuple } from '../tuple.ts';
import { typeName } from '../type-name.ts';
import type { Value } from '../value.ts';
import { method, method1, type Method } from './method.ts';

export const searchMethods: readonly Method<string>[] = [
  method('count', (thread, text, args, kwargs) => {
    const { sub, start, end } = searchArguments(thread, 'count', text, args, kwargs);
    thread.work(end - start);
    return countIn(thread, text.slice(start, end), sub);
  }),
  affix('endswith', (text, affix) => text.endsWith(affix)),
  finder('find', false, firstIndex),
  finder('index', true, firstIndex),
  partition('partition', firstIndex, (text) => new Tuple([text, '', ''])),
  method1('removeprefix', (_thread, text, prefix) => {
    const affix = asString('removeprefix', 1, prefix);
    return text.startsWith(affix) ? text.slice(affix.length) : text;
  }),
  method1('removesuffix', (_thread, text, suffix) => {
    const affix = asString('removesuffix', 1, suffix);
    return text.endsWith(affix) ? text.slice(0, text.length - affix.length) : text;
  }),
  finder('rfind', false, lastIndex),
  finder('rindex', true, lastIndex),
  partition('rpartition', lastIndex, (text) => new Tuple(['', '', text])),
  affix('startswith', (text, affix) => text.startsWith(affix)),
];

interface Search {
  readonly sub: string;
  readonly start: number;
  readonly end: number;
}

function searchArguments(
  thread: Thread,
  name: string,
  text: string,
  args: readonly Value[],
  kwargs: Kwargs,
): Search {
  assertPositional(name, args, kwargs, 1, 3);
  const start = clampIndex(name, 'start', args[1], text.length, 0);
  const end = Math.max(start, clampIndex(name, 'end', args[2], text.length, text.length));
  thread.work((end - start) >>> 3);
  return { sub: asString(name, 1, args[0] as Value), start, end };
}

/** `find` and its kin: `locate` answers within the part of the text that is searched. */
function finder(name: string, mustFind: boolean, locate: typeof firstIndex): Method<string> {
  return method(
    name,
    (thread, text, args, kwargs) => {
      const { sub, start, end } = searchArguments(thread, name, text, args, kwargs);
      const part = start === 0 && end === text.length ? text : text.slice(start, end);
      const at = locate(thread, part, sub);
      return at < 0 ? notFound() : start + at;
    },
    {
      call1: (thread, text, sub) => {
        thread.work(text.length >>> 3);
        const at = locate(thread, text, asString(name, 1, sub));
        return at < 0 ? notFound() : at;
      },
    },
  );

  function notFound(): number {
    if (mustFind) throw new StarlarkError('value', `${name}: substring not found`);
    return -1;
  }
}

function countIn(thread: Thread, text: string, sub: string): number {
  if (sub === '') return Array.from(text).length + 1;
  if (sub.length === 1) return countUnit(text, sub);
  let count = 0;
  const search = searchFor(thread, text, sub);
  for (let at = search.first(0); at >= 0; at = search.first(at + sub.length)) count++;
  return count;
}

/** JavaScript's own search is the quickest where there is little to find, looking at each unit where there is much. */
function countUnit(text: string, unit: string): number {
  let count = 0;
  let at = text.indexOf(unit);
  for (; at >= 0; at = text.indexOf(unit, at + 1)) {
    count++;
    if (count > 32 && at < 4 * count) break;
  }
  if (at < 0) return count;
  const wanted = unit.charCodeAt(0);
  for (let i = at + 1; i < text.length; i++) if (text.charCodeAt(i) === wanted) count++;
  return count;
}

/** `startswith` and `endswith`, which take one affix or a tuple of them. */
function affix(name: string, test: (text: string, affix: string) => boolean): Method<string> {
  return method(
    name,
    (thread, text, args, kwargs) => {
      assertPositional(name, args, kwargs, 1, 3);
      const start = clampIndex(name, 'start', args[1], text.length, 0);
      const end = clampIndex(name, 'end', args[2], text.length, text.length);
      const part = args.length === 1 ? text : text.slice(start, end);
      return someAffix(thread, name, args[0] as Value, (one) => test(part, one));
    },
    {
      call1: (thread, text, given) => {
        if (typeof given === 'string') return test(text, given);
        return someAffix(thread, name, given, (one) => test(text, one));
      },
    },
  );
}

/** Whether the text given, or one of a tuple of them, is what `test` asks for. Those after it are not looked at. */
function someAffix(thread: Thread, name: string, value: Value, test: (affix: string) => boolean): boolean {
  if (typeof value === 'string') return test(value);
  if (!(value instanceof Tuple)) {
    throw new StarlarkError('type', `${name}: got ${typeName(value)}, want string or tuple of string`);
  }
  thread.work(value.elems.length);
  return value.elems.some((elem, i) => {
    if (typeof elem === 'string') return test(elem);
    throw new StarlarkError('type', `${name}: want string, got ${typeName(elem)}, for element ${i}`);
  });
}

function partition(name: string, locate: typeof firstIndex, whole: (text: string) => Tuple): Method<string> {
  return method1(name, (thread, text, separator) => {
    const sub = asString(name, 1, separator);
    if (sub === '') throw new StarlarkError('value', `${name}: empty separator`);
    thread.work(text.length >>> 3);
    thread.charge(48 + text.length);
    const at = locate(thread, text, sub);
    return at < 0 ? whole(text) : new Tuple([text.slice(0, at), sub, text.slice(at + sub.length)]);
  });
}
