const backslash = 92;

/**
 * Where the string that opens at `start` of a JSON text closes; the text's length when it does not. Leaps from quote to
 * quote, which over long strings costs a fraction of looking at every character.
 */
export function endOfJsonString(text: string, start: number): number {
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
