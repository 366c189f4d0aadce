/** Characters of a text that may be pairs of UTF-16 code units. */
import { pieces, type Pieces } from '../eval/pieces.ts';
import type { Thread } from '../eval/thread.ts';

/** The code point of a character; U+FFFD for a lone surrogate, which is no code point of text. */
export function codePoint(character: string): number {
  const code = character.codePointAt(0) as number;
  return code >= 0xd800 && code <= 0xdfff ? 0xfffd : code;
}

/** Whether the second half of a pair lies at `at`. */
export function isWithinPair(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800;
}

/** The place before a pair that lies on both sides of `at`; `at` itself otherwise. */
export function wholePair(text: string, at: number): number {
  return isWithinPair(text, at) ? at - 1 : at;
}

/** How many characters `text` has, pairs of surrogates counted as one. */
export function* countCodePoints(thread: Thread, text: string): Pieces<number> {
  let pairs = 0;
  yield* pieces(thread, text.length, 0.5, (from, to) => {
    for (let at = from; at < to; at++) {
      const unit = text.charCodeAt(at);
      if (unit >= 0xdc00 && unit <= 0xdfff && isWithinPair(text, at)) pairs++;
    }
  });
  return text.length - pairs;
}

/** The first `count` characters of `text`: all of it when there are no more. */
export function firstCodePoints(text: string, count: number): string {
  let at = 0;
  for (let n = 0; n < count && at < text.length; n++) at += (text.codePointAt(at) as number) > 0xffff ? 2 : 1;
  return text.slice(0, at);
}
