/**
 * What a JSON text will take once it is a value, by the interpreter's own estimate of bytes held: known before anything
 * is made of it, so that a script's account can refuse it first.
 */

const perElement = 8;
const perEntry = 64;
const perContainer = 48;

/** Bytes that the value of `text` will hold; an upper bound within the estimate's precision. */
export function heldByJson(text: string): number {
  let bytes = text.length + 16;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: // "
        at = endOfString(text, at);
        bytes += 16;
        break;
      case 0x2c: // ,
        bytes += perElement;
        break;
      case 0x3a: // :
        bytes += perEntry;
        break;
      case 0x5b: // [
      case 0x7b: // {
        bytes += perContainer;
    }
  }
  return bytes;
}

function endOfString(text: string, start: number): number {
  let end = start;
  do {
    end = text.indexOf('"', end + 1);
    if (end === -1) return text.length;
  } while (isEscaped(text, end));
  return end;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes++;
  return backslashes % 2 === 1;
}
