import { Elems } from '../elems.ts';
import { formatBraces } from '../format-braces.ts';
import type { Thread } from '../../eval/thread.ts';
import type { Value } from '../value.ts';
import {
  isAlphabetic,
  isAlphanumeric,
  isDigits,
  isLower,
  isSpace,
  isTitle,
  isUpper,
  toTitle,
} from './characters.ts';
import { method, method0, methodTable, type Method, type MethodTable } from './method.ts';
import { replaceMethod } from './string-replace.ts';
import { searchMethods } from './string-search.ts';
import { splitMethods } from './string-split.ts';

/** The methods of strings. Elements, lengths and indices are UTF-16 code units. */
export const stringMethods: MethodTable<string> = methodTable<string>([
  converter('capitalize', capitalize),
  method0('codepoint_ords', (_thread, text) => new Elems(text, 'codepoint_ords')),
  method0('codepoints', (_thread, text) => new Elems(text, 'codepoints')),
  method0('elem_ords', (_thread, text) => new Elems(text, 'elem_ords')),
  method0('elems', (_thread, text) => new Elems(text, 'elems')),
  method('format', (thread, text, args, kwargs) => formatBraces(thread, text, args, kwargs)),
  predicate('isalnum', isAlphanumeric),
  predicate('isalpha', isAlphabetic),
  predicate('isdigit', isDigits),
  predicate('islower', isLower),
  predicate('isspace', isAllSpace),
  predicate('istitle', isTitle),
  predicate('isupper', isUpper),
  converter('lower', (text) => text.toLowerCase()),
  method0('title', (thread, text) => {
    thread.work(8 * text.length);
    thread.charge(16 + text.length);
    return title(text);
  }),
  converter('upper', (text) => text.toUpperCase()),
  replaceMethod,
  ...searchMethods,
  ...splitMethods,
]);

function predicate(name: string, test: (text: string) => boolean): Method<string> {
  return method0(name, (thread: Thread, text: string): Value => {
    thread.work(text.length);
    return test(text);
  });
}

function converter(name: string, convert: (text: string) => string): Method<string> {
  return method0(name, (thread, text) => {
    thread.work(text.length);
    thread.charge(16 + text.length);
    return convert(text);
  });
}

function isAllSpace(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (!isSpace(text.charCodeAt(i))) return false;
  return text !== '';
}

function capitalize(text: string): string {
  const [first] = text;
  return first === undefined ? '' : toTitle(first) + text.slice(first.length).toLowerCase();
}

/** A word is a run of letters: each starts with a capital and goes on in lower case. */
function title(text: string): string {
  return titleAscii(text) ?? text.replace(/\p{L}+/gu, (word) => capitalize(word));
}

/** As {@link title} where all of the text is ASCII, else undefined. */
function titleAscii(text: string): string | undefined {
  let result = '';
  let from = 0;
  let isInWord = false;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit > 0x7f) return undefined;
    const lower = unit | 0x20;
    const isLetter = lower >= 0x61 && lower <= 0x7a;
    if (isLetter && isInWord && unit !== lower) return titleMixed(text, at);
    if (isLetter && !isInWord && unit === lower) {
      result += text.slice(from, at) + String.fromCharCode(unit - 32);
      from = at + 1;
    }
    isInWord = isLetter;
  }
  return from === 0 ? text : result + text.slice(from);
}

/** As {@link titleAscii} for a text with a capital within a word, at `at`: all before is ASCII. */
function titleMixed(text: string, at: number): string | undefined {
  for (let i = at; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return undefined;
  return titleAscii(text.toLowerCase());
}
