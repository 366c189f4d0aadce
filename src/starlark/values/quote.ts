import type { Bytes } from './bytes.ts';
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
  if (isPlain(text)) return `"${text}"`;
  return `"${text.replace(/["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, escape)}"`;
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

/** The bytes literal that denotes `bytes`: text where it is valid UTF-8, else `\xNN`. */
export function quoteBytes({ data }: Bytes): string {
  const pieces: string[] = [];
  let text = '';
  let at = 0;
  while (at < data.length) {
    const { code, length } = decodeOne(data, at);
    if (code === 0xfffd && length === 1) text += `\\x${(data[at] as number).toString(16).padStart(2, '0')}`;
    else text += quote(String.fromCodePoint(code)).slice(1, -1);
    at += length;
    if (text.length > 4096) {
      pieces.push(text);
      text = '';
    }
  }
  return `b"${pieces.join('')}${text}"`;
}
