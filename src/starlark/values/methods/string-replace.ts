/** The string method that puts one text in place of another. */
import { pieces, type Pieces } from '../../eval/pieces.ts';
import { begin, type Begun } from '../../eval/suspend.ts';
import type { Thread } from '../../eval/thread.ts';
import { asIndex, asString, unpack } from '../arguments.ts';
import { isWithinPair } from '../code-points.ts';
import { copying, scanning } from '../costs.ts';
import { TextBuilder } from '../text-builder.ts';
import { places } from '../text-search.ts';
import type { Value } from '../value.ts';
import { method, type Method } from './method.ts';

export const replaceMethod: Method<string> = method(
  'replace',
  'pieces',
  (thread, text, args, kwargs) => {
    const [old, replacement, count] = unpack('replace', args, kwargs, ['old', 'new', 'count'], 2);
    const times = count === undefined ? -1 : asIndex('replace', 3, count);
    return replaceValues(thread, text, old as Value, replacement as Value, times);
  },
  { call2: (thread, text, old, replacement) => replaceValues(thread, text, old, replacement, -1) },
);

function replaceValues(thread: Thread, text: string, old: Value, replacement: Value, count: number): Begun {
  return replace(thread, text, asString('replace', 1, old), asString('replace', 2, replacement), count);
}

/** A text that cannot become longer than this is replaced in at once. */
const shortResult = 2 ** 14;
/** Adding what lies between two places and what stands for one: in elements. */
const perPlace = 8;

function replace(thread: Thread, text: string, old: string, replacement: string, count: number): Begun {
  if (count === 0) return text;
  if (old === '') return begin(thread, replaceBetween(thread, text, replacement, count));
  if (count < 0 && text.length * (1 + replacement.length / old.length) < shortResult)
    return replaceShort(thread, text, old, replacement);
  return begin(thread, replaceLong(thread, text, old, replacement, count));
}

/** For what is so short that its result may be paid for once it is there. */
function replaceShort(thread: Thread, text: string, old: string, replacement: string): string {
  thread.work(scanning(text.length));
  let at = text.indexOf(old);
  if (at < 0) return text;
  let result = '';
  let from = 0;
  let times = 0;
  for (; at >= 0; at = text.indexOf(old, from)) {
    result += text.slice(from, at) + replacement;
    from = at + old.length;
    times++;
  }
  result += text.slice(from);
  thread.work(perPlace * times);
  thread.charge(16 + result.length);
  return result;
}

function* replaceLong(
  thread: Thread,
  text: string,
  old: string,
  replacement: string,
  count: number,
): Pieces<string> {
  const out = new TextBuilder(thread);
  let from = 0;
  let times = 0;
  yield* places(thread, text, old, (at) => {
    thread.work(perPlace);
    out.add(text.slice(from, at));
    out.add(replacement);
    from = at + old.length;
    return ++times === count;
  });
  if (times === 0) return text;
  out.add(text.slice(from));
  return out.finish();
}

/** For an empty text, which is before each character and at the end. */
function* replaceBetween(thread: Thread, text: string, replacement: string, count: number): Pieces<string> {
  const out = new TextBuilder(thread);
  let from = 0;
  let times = 0;
  yield* pieces(thread, text.length + 1, perPlace, (start, end) => {
    for (let at = start; at < end; at++) {
      if (isWithinPair(text, at)) continue;
      out.add(text.slice(from, at));
      out.add(replacement);
      from = at;
      if (++times === count) return true;
    }
    return false;
  });
  thread.work(copying(text.length - from));
  out.add(text.slice(from));
  return out.finish();
}
