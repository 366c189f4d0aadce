/** UTF-8 by hand, because the language knows no host: a broken sequence becomes U+FFFD, a lone surrogate too. */

/** Writes the encoding of a part of `text` at a place of `data`. Returns the place behind it. */
export function writeUtf8(data: Uint8Array, start: number, text: string, from: number, to: number): number {
  let at = start;
  for (let i = from; i < to; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      data[at++] = unit;
    } else if (unit < 0x800) {
      data[at++] = 0xc0 | (unit >> 6);
      data[at++] = 0x80 | (unit & 63);
    } else {
      const code = text.codePointAt(i) as number;
      if (code > 0xffff) i++;
      at = writeLong(data, at, code);
    }
  }
  return at;
}

/** A code point of three bytes or four; half of a pair becomes U+FFFD. */
function writeLong(data: Uint8Array, start: number, given: number): number {
  let at = start;
  const code = given >= 0xd800 && given <= 0xdfff ? 0xfffd : given;
  if (code < 0x10000) {
    data[at++] = 0xe0 | (code >> 12);
  } else {
    data[at++] = 0xf0 | (code >> 18);
    data[at++] = 0x80 | ((code >> 12) & 63);
  }
  data[at++] = 0x80 | ((code >> 6) & 63);
  data[at++] = 0x80 | (code & 63);
  return at;
}

/** How many bytes the UTF-8 encoding of `text` takes; a lone surrogate counts as U+FFFD, three. */
export function utf8Length(text: string): number {
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      length += 1;
    } else if (unit < 0x800) {
      length += 2;
    } else if (unit >= 0xd800 && unit < 0xdc00 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      length += 4;
      i++;
    } else {
      length += 3;
    }
  }
  return length;
}

/** The text that `data` encodes; each byte that is part of no valid sequence reads as U+FFFD. */
export function decodeUtf8(data: Uint8Array): string {
  const pieces: string[] = [];
  let codes: number[] = [];
  let at = 0;
  while (at < data.length) {
    const lead = data[at] as number;
    const { code, length } = lead < 0x80 ? { code: lead, length: 1 } : decodeOne(data, at);
    codes.push(code);
    at += length;
    if (codes.length === 4096) {
      pieces.push(String.fromCodePoint(...codes));
      codes = [];
    }
  }
  pieces.push(String.fromCodePoint(...codes));
  return pieces.join('');
}

/** The beginning of the sequence that lies on both sides of `at`; `at` itself where there is none. */
export function wholeSequences(data: Uint8Array, at: number): number {
  for (let start = at - 1; start >= 0 && start >= at - 3; start--) {
    const byte = data[start] as number;
    if (byte >= 0xc0) return decodeOne(data, start).length > at - start ? start : at;
    if (byte < 0x80) return at;
  }
  return at;
}

/** The code point at `at` and how many bytes it takes; U+FFFD and 1 where there is no valid sequence. */
export function decodeOne(data: Uint8Array, at: number): { code: number; length: number } {
  const lead = data[at] as number;
  if (lead < 0x80) return { code: lead, length: 1 };
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || at + length > data.length) return { code: 0xfffd, length: 1 };
  let code = lead & (0xff >> (length + 1));
  for (let i = 1; i < length; i++) {
    const next = data[at + i] as number;
    if ((next & 0xc0) !== 0x80) return { code: 0xfffd, length: 1 };
    code = (code << 6) | (next & 63);
  }
  const smallest = length === 4 ? 0x10000 : length === 3 ? 0x800 : 0x80;
  if (code < smallest || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
    return { code: 0xfffd, length: 1 };
  return { code, length };
}
