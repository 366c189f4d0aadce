/** The string methods that take characters off the ends of a text. */
import type { Thread } from '../../eval/thread.ts';
import { asString, assertPositional } from '../arguments.ts';
import { isSpace } from './characters.ts';
import { method, type Method } from './method.ts';

export const stripMethods: readonly Method<string>[] = [
  stripper('lstrip', true, false),
  stripper('rstrip', false, true),
  stripper('strip', true, true),
];

function stripper(name: string, left: boolean, right: boolean): Method<string> {
  return method(
    name,
    'paid',
    (thread, text, args, kwargs) => {
      assertPositional(name, args, kwargs, 0, 1);
      const cutset = args[0] === undefined || args[0] === null ? '' : asString(name, 1, args[0]);
      if (cutset === '') return stripSpace(thread, text, left, right);
      thread.work(perCharacter * cutset.length);
      return stripSet(thread, text, new Set(Array.from(cutset)), left, right);
    },
    { call0: (thread, text) => stripSpace(thread, text, left, right) },
  );
}

/** So many units are looked at before the next are paid for. */
const paidUnits = 4096;
/** Taking a character out of a text, and looking for it in a set or putting it there: in elements. */
const perCharacter = 12;

function stripSpace(thread: Thread, text: string, left: boolean, right: boolean): string {
  let start = 0;
  let end = text.length;
  if (left) {
    while (start < end && isSpace(text.charCodeAt(start)))
      if (++start % paidUnits === 0) thread.work(paidUnits / 2);
  }
  if (right) {
    while (end > start && isSpace(text.charCodeAt(end - 1)))
      if (--end % paidUnits === 0) thread.work(paidUnits / 2);
  }
  return text.slice(start, end);
}

function stripSet(
  thread: Thread,
  text: string,
  cuts: ReadonlySet<string>,
  left: boolean,
  right: boolean,
): string {
  let start = 0;
  let end = text.length;
  while (left && start < end) {
    thread.work(perCharacter);
    const character = String.fromCodePoint(text.codePointAt(start) as number);
    if (!cuts.has(character)) break;
    start += character.length;
  }
  while (right && end > start) {
    thread.work(perCharacter);
    const pair = text.slice(Math.max(start, end - 2), end);
    const character =
      pair.length === 2 && (pair.codePointAt(0) as number) > 0xffff ? pair : text.charAt(end - 1);
    if (!cuts.has(character)) break;
    end -= character.length;
  }
  return text.slice(start, end);
}
