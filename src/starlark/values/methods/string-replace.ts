/** The string method that puts one text in place of another. */
import type { Thread } from '../../eval/thread.ts';
import { asIndex, asString, unpack } from '../arguments.ts';
import { searchFor, shortSeparator, type TextSearch } from '../text-search.ts';
import type { Value } from '../value.ts';
import { method, type Method } from './method.ts';

export const replaceMethod: Method<string> = method(
  'replace',
  (thread, text, args, kwargs) => {
    const [old, replacement, count] = unpack('replace', args, kwargs, ['old', 'new', 'count'], 2);
    const times = count === undefined ? -1 : asIndex('replace', 3, count);
    return replaceValues(thread, text, old as Value, replacement as Value, times);
  },
  { call2: (thread, text, old, replacement) => replaceValues(thread, text, old, replacement, -1) },
);

function replaceValues(thread: Thread, text: string, old: Value, replacement: Value, count: number): string {
  return replace(thread, text, asString('replace', 1, old), asString('replace', 2, replacement), count);
}

function replace(thread: Thread, text: string, old: string, replacement: string, count: number): string {
  if (count === 0) return text;
  thread.work(text.length >>> 3);
  if (count < 0 && old !== '' && text.length * (1 + replacement.length / old.length) < 65_536) {
    return replaceShort(thread, text, old, replacement);
  }
  if (old === '') return replaceBetween(thread, text, replacement, count);
  const search = searchFor(thread, text, old);
  const times = occurrences(old, count, search);
  if (times === 0) return text;
  const length = text.length + times * (replacement.length - old.length);
  thread.charge(16 + length);
  if (count < 0 && old.length <= shortSeparator) return text.split(old).join(replacement);
  let result = '';
  let from = 0;
  for (let n = 0; n < times; n++) {
    const at = search.first(from);
    result += text.slice(from, at) + replacement;
    from = at + old.length;
  }
  return result + text.slice(from);
}

/** As {@link replace}, for what is so short that its result may be paid for once it is there. */
function replaceShort(thread: Thread, text: string, old: string, replacement: string): string {
  let at = text.indexOf(old);
  if (at < 0) return text;
  let result = '';
  let from = 0;
  for (; at >= 0; at = text.indexOf(old, from)) {
    result += text.slice(from, at) + replacement;
    from = at + old.length;
  }
  result += text.slice(from);
  thread.charge(16 + result.length);
  return result;
}

/** As {@link replace} for an empty text, which is before each character and at the end. */
function replaceBetween(thread: Thread, text: string, replacement: string, count: number): string {
  thread.work(8 * text.length);
  const characters = Array.from(text);
  const times = count < 0 ? characters.length + 1 : Math.min(count, characters.length + 1);
  thread.charge(16 + text.length + times * replacement.length);
  return interleave(text, characters, replacement, times);
}

function occurrences(old: string, limit: number, search: TextSearch): number {
  let times = 0;
  for (let at = search.first(0); at >= 0 && times !== limit; at = search.first(at + old.length)) times++;
  return times;
}

/** The replacement before each of the first characters, and at the end if there are `times` left for it. */
function interleave(text: string, characters: readonly string[], replacement: string, times: number): string {
  if (characters.length === 0) return replacement;
  if (times > characters.length) return replacement + characters.join(replacement) + replacement;
  const replaced = characters.slice(0, times).join(replacement);
  const rest = replaced.length - (times - 1) * replacement.length;
  return replacement + replaced + text.slice(rest);
}
