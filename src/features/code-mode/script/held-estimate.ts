/**
 * What a JSON text will take once it is a value, by the interpreter's own estimate of bytes held: known before anything
 * is made of it, so that a script's account can refuse it first.
 */
import { endOfJsonString } from '../../../lib/json-string-end.ts';

const perElement = 8;
const perEntry = 64;
const perContainer = 48;

/** Bytes that the value of `text` will hold; an upper bound within the estimate's precision. */
export function heldByJson(text: string): number {
  let bytes = text.length + 16;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: // "
        at = endOfJsonString(text, at);
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
