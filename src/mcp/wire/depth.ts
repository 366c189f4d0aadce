const quote = 34;
const backslash = 92;

/**
 * True when arrays and objects in a JSON text nest deeper than `maxDepth`. Reads the text once without building
 * anything, so a hostile text costs no more than its length. A text that is not JSON gives either answer.
 */
export function exceedsDepth(text: string, maxDepth: number): boolean {
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
      case quote:
        at = endOfString(text, at);
    }
  }
  return false;
}

/** Where the string that opens at `start` closes; the end of the text when it does not. */
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
  while (text.charCodeAt(at - 1 - backslashes) === backslash) backslashes++;
  return backslashes % 2 === 1;
}
