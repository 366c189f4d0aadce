/**
 * Kinds of token. A punctuator or keyword is its own kind; the rest are named in lower case with `@`, so that no
 * kind can be mistaken for a word of the language.
 */
export type TokenKind = string;

export const endOfFile = '@end of file';
export const newline = '@end of line';
export const indent = '@indent';
export const outdent = '@unindent';
export const identifier = '@name';
export const intLiteral = '@int';
export const floatLiteral = '@float';
export const stringLiteral = '@string';
export const bytesLiteral = '@bytes';
export const fStringLiteral = '@f-string';

/** Each keyword to itself: the scanner's slice of the text becomes the one string that kinds are compared with. */
const keywords: ReadonlyMap<string, string> = new Map(
  'and break continue def elif else for if in lambda load not or pass return while'
    .split(' ')
    .map((word) => [word, word]),
);

/** Words that are no names in Starlark because the specification keeps them for later. */
const kept: ReadonlySet<string> = new Set(
  'as assert async await class del except finally from global import is nonlocal raise try with yield'.split(
    ' ',
  ),
);

/** The kind of a keyword's token; undefined when the word is none. */
export function keywordOf(word: string): TokenKind | undefined {
  return keywords.get(word);
}

export function isKept(word: string): boolean {
  return kept.has(word);
}

/** Whether the word is a keyword, or kept for later: no variable may have this name. */
export function isReserved(word: string): boolean {
  return keywords.has(word) || kept.has(word);
}

/** Whether the text could be a variable's name, reserved words aside. */
export function isIdentifier(text: string): boolean {
  return /^[\p{L}_][\p{L}\p{Nd}_]*$/u.test(text);
}

/** How a token is called in an error message. */
export function describeKind(kind: TokenKind): string {
  return kind.startsWith('@') && kind.length > 1 ? kind.slice(1) : `'${kind}'`;
}
