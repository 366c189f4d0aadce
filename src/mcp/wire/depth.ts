import { endOfJsonString } from '../../lib/json-string-end.ts';

const quote = 34;

/**
 * True when arrays and objects in a JSON text nest deeper than `maxDepth`. Reads the text once without building
 * anything, so a hostile text costs no more than its length. A text that is not JSON gives either answer.
 * @param onString told where the quotes of each string are
 */
export function exceedsDepth(
  text: string,
  maxDepth: number,
  onString?: (open: number, close: number) => void,
): boolean {
  if (text.length <= maxDepth) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 91: // [
      case 123: // {
        if (++depth > maxDepth) return true;
        break;
      case 93: // ]
      case 125: // }
        depth--;
        break;
      case quote: {
        const close = endOfJsonString(text, at);
        onString?.(at, close);
        at = close;
      }
    }
  }
  return false;
}
