/** The string methods that look for text. Indices count UTF-16 code units. */
import { StarlarkError } from '../../errors.ts';
import type { Kwargs } from '../../eval/callable.ts';
import type { Pieces } from '../../eval/pieces.ts';
import { begin, type Begun } from '../../eval/suspend.ts';
import type { Thread } from '../../eval/thread.ts';
import { asString, assertPositional, clampIndex } from '../arguments.ts';
import { countCodePoints } from '../code-points.ts';
import { comparing } from '../costs.ts';
import { firstPlace, isQuickSearch, lastPlace, places, searching } from '../text-search.ts';
import { Tuple } from '../tuple.ts';
import { typeName } from '../type-name.ts';
import type { Value } from '../value.ts';
import { method, method1, type Method } from './method.ts';

export const searchMethods: readonly Method<string>[] = [
  method('count', 'pieces', (thread, text, args, kwargs) => {
    const { sub, start, end } = searchArguments('count', text, args, kwargs);
    const part = start === 0 && end === text.length ? text : text.slice(start, end);
    if (sub === '' || !isQuickSearch(part, sub, 'first')) return begin(thread, countIn(thread, part, sub));
    return countShort(thread, part, sub);
  }),
  affix('endswith', (text, affix) => text.endsWith(affix)),
  finder('find', false, 'first'),
  finder('index', true, 'first'),
  partition('partition', 'first', (text) => new Tuple([text, '', ''])),
  remover('removeprefix', (text, affix) => (text.startsWith(affix) ? text.slice(affix.length) : text)),
  remover('removesuffix', (text, affix) =>
    text.endsWith(affix) ? text.slice(0, text.length - affix.length) : text,
  ),
  finder('rfind', false, 'last'),
  finder('rindex', true, 'last'),
  partition('rpartition', 'last', (text) => new Tuple(['', '', text])),
  affix('startswith', (text, affix) => text.startsWith(affix)),
];

interface Search {
  readonly sub: string;
  readonly start: number;
  readonly end: number;
}

function searchArguments(name: string, text: string, args: readonly Value[], kwargs: Kwargs): Search {
  assertPositional(name, args, kwargs, 1, 3);
  const start = clampIndex(name, 'start', args[1], text.length, 0);
  const end = Math.max(start, clampIndex(name, 'end', args[2], text.length, text.length));
  return { sub: asString(name, 1, args[0] as Value), start, end };
}

type Which = 'first' | 'last';

/** `find` and its kin. */
function finder(name: string, mustFind: boolean, which: Which): Method<string> {
  return method(
    name,
    'pieces',
    (thread, text, args, kwargs) => {
      const { sub, start, end } = searchArguments(name, text, args, kwargs);
      const part = start === 0 && end === text.length ? text : text.slice(start, end);
      return locate(thread, part, sub, which, (at) => (at < 0 ? notFound() : start + at));
    },
    {
      call1: (thread, text, value) => {
        const sub = asString(name, 1, value);
        if (isQuickSearch(text, sub, which)) {
          thread.work(searching(text.length, sub));
          const at = which === 'first' ? text.indexOf(sub) : text.lastIndexOf(sub);
          return at < 0 ? notFound() : at;
        }
        return locate(thread, text, sub, which, (at) => (at < 0 ? notFound() : at));
      },
    },
  );

  function notFound(): number {
    if (mustFind) throw new StarlarkError('value', `${name}: substring not found`);
    return -1;
  }
}

/** Looks for one place of `sub`, the first or the last, and goes on with it; with -1 when there is none. */
function locate(thread: Thread, text: string, sub: string, which: Which, goOn: (at: number) => Value): Begun {
  if (!isQuickSearch(text, sub, which)) return begin(thread, located(thread, text, sub, which, goOn));
  thread.work(searching(text.length, sub));
  return goOn(which === 'first' ? text.indexOf(sub) : text.lastIndexOf(sub));
}

function* located(
  thread: Thread,
  text: string,
  sub: string,
  which: Which,
  goOn: (at: number) => Value,
): Pieces<Value> {
  if (sub === '') return goOn(which === 'first' ? 0 : text.length);
  return goOn(yield* which === 'first' ? firstPlace(thread, text, sub) : lastPlace(thread, text, sub));
}

function* countIn(thread: Thread, text: string, sub: string): Pieces<number> {
  if (sub === '') return (yield* countCodePoints(thread, text)) + 1;
  let count = 0;
  yield* places(thread, text, sub, () => {
    count++;
  });
  return count;
}

function countShort(thread: Thread, text: string, sub: string): number {
  thread.work(searching(text.length, sub));
  let count = 0;
  for (let at = text.indexOf(sub); at >= 0; at = text.indexOf(sub, at + sub.length)) count++;
  thread.work(4 * count);
  return count;
}

/** Pays for telling whether a text begins or ends with another. */
function payAffix(thread: Thread, text: string, affix: string): void {
  if (affix.length <= text.length) thread.work(comparing(affix.length));
}

function remover(name: string, remove: (text: string, affix: string) => string): Method<string> {
  return method1(name, 'paid', (thread, text, value) => {
    const affix = asString(name, 1, value);
    payAffix(thread, text, affix);
    return remove(text, affix);
  });
}

/** `startswith` and `endswith`, which take one affix or a tuple of them. */
function affix(name: string, test: (text: string, affix: string) => boolean): Method<string> {
  const paidTest = (thread: Thread, text: string, affix: string): boolean => {
    payAffix(thread, text, affix);
    return test(text, affix);
  };
  return method(
    name,
    'paid',
    (thread, text, args, kwargs) => {
      assertPositional(name, args, kwargs, 1, 3);
      const start = clampIndex(name, 'start', args[1], text.length, 0);
      const end = clampIndex(name, 'end', args[2], text.length, text.length);
      const part = args.length === 1 ? text : text.slice(start, end);
      return someAffix(thread, name, args[0] as Value, (one) => paidTest(thread, part, one));
    },
    {
      call1: (thread, text, given) => {
        if (typeof given === 'string') return paidTest(thread, text, given);
        return someAffix(thread, name, given, (one) => paidTest(thread, text, one));
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
  thread.work(4 * value.elems.length);
  return value.elems.some((elem, i) => {
    if (typeof elem === 'string') return test(elem);
    throw new StarlarkError('type', `${name}: want string, got ${typeName(elem)}, for element ${i}`);
  });
}

function partition(name: string, which: Which, whole: (text: string) => Tuple): Method<string> {
  return method1(name, 'pieces', (thread, text, separator) => {
    const sub = asString(name, 1, separator);
    if (sub === '') throw new StarlarkError('value', `${name}: empty separator`);
    thread.charge(48 + text.length);
    return locate(thread, text, sub, which, (at) =>
      at < 0 ? whole(text) : new Tuple([text.slice(0, at), sub, text.slice(at + sub.length)]),
    );
  });
}
