/**
 * Parses JSON that may have comments and trailing commas, as editors write it in their settings.
 * @throws SyntaxError when it is no JSON beside those
 */
export function parseJsonc(text: string): unknown {
  return JSON.parse(withoutTrailingCommas(withoutComments(text)));
}

/** A whole string literal, so that nothing inside one is taken for something else. */
const literal = String.raw`"(?:[^"\\]|\\.)*"`;

function withoutComments(text: string): string {
  const comment = new RegExp(String.raw`(${literal})|//[^\n]*|/\*[\s\S]*?\*/`, 'g');
  return text.replace(/^\uFEFF/, '').replace(comment, (_, kept: string | undefined) => kept ?? ' ');
}

function withoutTrailingCommas(text: string): string {
  const comma = new RegExp(String.raw`(${literal})|,(?=\s*[}\]])`, 'g');
  return text.replace(comma, (_, kept: string | undefined) => kept ?? '');
}
