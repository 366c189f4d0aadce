import { SyntaxFault } from './fault.ts';

/** What a numeric escape may stand for, and how it is appended. */
type Dialect = 'string' | 'bytes';

export const stringEscapes: Dialect = 'string';

const simple: ReadonlyMap<string, string> = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
  ['\n', ''],
]);

/**
 * The text that a literal's body stands for: escapes replaced (unless raw), line breaks as `\n`.
 * @param at offset of the body in the source, for errors
 */
export function unescape(body: string, at: number, raw: boolean, dialect: Dialect): string {
  return body.replace(escape, (match, offset: number) => {
    if (match === '\r\n' || match === '\r') return '\n';
    if (raw) return match.replace(/\r\n?/g, '\n');
    return expand(match, at + offset, dialect);
  });
}

const escape = /\r\n?|\\(?:[0-7]{1,3}|x[0-9a-fA-F]{0,2}|u[0-9a-fA-F]{0,4}|U[0-9a-fA-F]{0,8}|\r\n|[^])/g;

function expand(match: string, at: number, dialect: Dialect): string {
  const letter = match === '\\\r\n' ? '\n' : match.charAt(1);
  const plain = simple.get(letter);
  if (plain !== undefined) return plain;
  const fault = (message: string): never => {
    throw new SyntaxFault(message, at, at + match.length);
  };
  if (/[0-7]/.test(letter)) return byteEscape(match, parseInt(match.slice(1), 8), dialect, fault);
  const digits = { x: 2, u: 4, U: 8 }[letter];
  if (digits === undefined) return fault(`invalid escape sequence ${match}; write \\\\ for a backslash`);
  if (match.length !== digits + 2)
    return fault(`truncated escape sequence ${match}: ${digits} hex digits must follow`);
  const code = parseInt(match.slice(2), 16);
  if (letter === 'x') return byteEscape(match, code, dialect, fault);
  if (code > 0x10ffff) return fault(`code point out of range: ${match} (max \\U0010ffff)`);
  if (code >= 0xd800 && code <= 0xdfff)
    return fault(`invalid Unicode code point ${match}: half of a surrogate pair`);
  return String.fromCodePoint(code);
}

function byteEscape(
  match: string,
  code: number,
  dialect: Dialect,
  fault: (message: string) => never,
): string {
  if (code > 0xff) return fault(`invalid escape sequence ${match}: at most \\377`);
  if (dialect === 'string' && code > 0x7f) {
    const hex = code.toString(16).toUpperCase().padStart(4, '0');
    return fault(`non-ASCII escape ${match}; use \\u${hex} for the character U+${hex}`);
  }
  return dialect === 'bytes' ? String.fromCharCode(byteMark + code) : String.fromCharCode(code);
}

/** Bytes given by number pass through `unescape` as code units from here on, apart from all text. */
const byteMark = 0xdc00;

/** The bytes that a bytes literal's body stands for: its text as UTF-8, and bytes given by number. */
export function bytesEscapes(body: string, at: number, raw: boolean): Uint8Array {
  const bytes: number[] = [];
  for (const character of unescape(body, at, raw, 'bytes')) {
    const code = character.codePointAt(0)!;
    if (code >= byteMark && code <= byteMark + 0xff) bytes.push(code - byteMark);
    else pushUtf8(bytes, code);
  }
  return Uint8Array.from(bytes);
}

function pushUtf8(bytes: number[], code: number): void {
  if (code < 0x80) bytes.push(code);
  else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 0x3f));
  else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
  else {
    bytes.push(
      0xf0 | (code >> 18),
      0x80 | ((code >> 12) & 0x3f),
      0x80 | ((code >> 6) & 0x3f),
      0x80 | (code & 0x3f),
    );
  }
}
