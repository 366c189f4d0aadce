import { decodeOne } from './utf8.ts';

const named: ReadonlyMap<number, string> = new Map([
  [7, '\\a'],
  [8, '\\b'],
  [9, '\\t'],
  [10, '\\n'],
  [11, '\\v'],
  [12, '\\f'],
  [13, '\\r'],
  [34, '\\"'],
  [92, '\\\\'],
]);

/** The string literal that denotes `text`; what cannot be printed is escaped, a lone surrogate as `\udXXX`. */
export function quote(text: string): string {
  return `"${escapeText(text)}"`;
}

/** The same without quotes. */
export function escapeText(text: string): string {
  return isPlain(text) ? text : text.replace(/["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, escape);
}

/** Longer texts are shown in part. */
const mostShown = 100;

/** As {@link quote}, but only the beginning of what is long: for messages. */
export function quoteShort(text: string): string {
  return text.length <= mostShown ? quote(text) : `${quote(text.slice(0, mostShown))}…`;
}

/** The beginning of what is long, without quotes. */
export function beginningOf(text: string): string {
  return text.length <= mostShown ? text : `${text.slice(0, mostShown)}…`;
}

function isPlain(text: string): boolean {
  if (text.length > 40) return !/["\\]|[^ -~]/.test(text);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 32 || unit > 126 || unit === 34 || unit === 92) return false;
  }
  return true;
}

function escape(character: string): string {
  const code = character.codePointAt(0) as number;
  const short = named.get(code);
  if (short !== undefined) return short;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}

/** What is between the quotes of the bytes literal for `data`: text where it is valid UTF-8, else `\xNN`. */
export function escapeBytes(data: Uint8Array): string {
  let text = '';
  for (let at = 0; at < data.length;) {
    const { code, length } = decodeOne(data, at);
    if (code === 0xfffd && length === 1) text += `\\x${(data[at] as number).toString(16).padStart(2, '0')}`;
    else text += escapeText(String.fromCodePoint(code));
    at += length;
  }
  return text;
}
