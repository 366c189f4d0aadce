import { inPieces, pieces, type Pieces } from '../../eval/pieces.ts';
import { begin, type Begun } from '../../eval/suspend.ts';
import { wholePair } from '../code-points.ts';
import { copying, scanning } from '../costs.ts';
import { Elems } from '../elems.ts';
import { formatBraces } from '../format-braces.ts';
import type { Thread } from '../../eval/thread.ts';
import {
  allSpace,
  alphabetic,
  alphanumeric,
  digits,
  lowerCase,
  type Predicate,
  titleCase,
  toTitle,
  upperCase,
} from './characters.ts';
import { method, method0, methodTable, type Method, type MethodTable } from './method.ts';
import { replaceMethod } from './string-replace.ts';
import { searchMethods } from './string-search.ts';
import { splitMethods } from './string-split.ts';
import { stripMethods } from './string-strip.ts';

/** The methods of strings. Elements, lengths and indices are UTF-16 code units. */
export const stringMethods: MethodTable<string> = methodTable<string>([
  method0('capitalize', 'paid', (thread, text) => {
    thread.work(scanning(text.length));
    thread.charge(16 + text.length);
    return capitalize(text);
  }),
  method0('codepoint_ords', 'step', (_thread, text) => new Elems(text, 'codepoint_ords')),
  method0('codepoints', 'step', (_thread, text) => new Elems(text, 'codepoints')),
  method0('elem_ords', 'step', (_thread, text) => new Elems(text, 'elem_ords')),
  method0('elems', 'step', (_thread, text) => new Elems(text, 'elems')),
  method('format', 'pieces', (thread, text, args, kwargs) => formatBraces(thread, text, args, kwargs)),
  predicate('isalnum', alphanumeric),
  predicate('isalpha', alphabetic),
  predicate('isdigit', digits),
  predicate('islower', lowerCase),
  predicate('isspace', allSpace),
  predicate('istitle', titleCase),
  predicate('isupper', upperCase),
  method0('lower', 'pieces', (thread, text) => {
    if (text.length > pieceLength) return convertMuch(thread, text, (part) => part.toLowerCase());
    payConverting(thread, text);
    return text.toLowerCase();
  }),
  method0('title', 'paid', (thread, text) => {
    thread.work(perTitled * text.length);
    thread.charge(16 + text.length);
    return title(text);
  }),
  method0('upper', 'pieces', (thread, text) => {
    if (text.length > pieceLength) return convertMuch(thread, text, (part) => part.toUpperCase());
    payConverting(thread, text);
    return text.toUpperCase();
  }),
  replaceMethod,
  ...searchMethods,
  ...splitMethods,
  ...stripMethods,
]);

/** Texts up to this long are looked at, or converted, at once; longer ones in pieces of this length. */
const pieceLength = 2 ** 12;
/** Asking what a character is, and giving it another case within its word: in elements. */
const perCharacter = 4;
const perTitled = 4;

function predicate(name: string, make: () => Predicate): Method<string> {
  return method0(name, 'pieces', (thread, text): Begun => {
    if (text === '') return false;
    const test = make();
    if (text.length <= pieceLength) {
      thread.work(perCharacter * text.length);
      return test.accept(text) && test.holds;
    }
    let holds = true;
    const look = (from: number, to: number): boolean => {
      holds = test.accept(text.slice(wholePair(text, from), wholePair(text, to)));
      return !holds;
    };
    return inPieces(thread, text.length, perCharacter, look, () => holds && test.holds);
  });
}

function payConverting(thread: Thread, text: string): void {
  thread.charge(16 + text.length);
  thread.work(scanning(text.length));
}

function convertMuch(thread: Thread, text: string, convert: (text: string) => string): Begun {
  if (text.includes(finalSigma)) {
    payConverting(thread, text);
    return convert(text);
  }
  thread.charge(16 + text.length);
  return begin(thread, convertLong(thread, text, convert));
}

/** The one letter whose case depends on the letters around it, so that its text cannot be cut. */
const finalSigma = '\u03a3';

function* convertLong(thread: Thread, text: string, convert: (text: string) => string): Pieces<string> {
  const converted: string[] = [];
  thread.make(copying(text.length));
  yield* pieces(thread, text.length, 0.25, (from, to) => {
    converted.push(convert(text.slice(wholePair(text, from), wholePair(text, to))));
  });
  return converted.join('');
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
