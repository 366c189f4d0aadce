/** Characters that stand in a program by mistake, and what was meant by them. */
const lookalikes: ReadonlyMap<string, string> = new Map([
  ['!', "write 'not x'"],
  ['?', "write 'a if condition else b'"],
  ['`', 'leave out the ``` around the program; a string is written with " or \''],
  ['$', 'a name has only letters, digits and _'],
  ['\u201c', 'write a straight quote: "'],
  ['\u201d', 'write a straight quote: "'],
  ['\u2018', "write a straight quote: '"],
  ['\u2019', "write a straight quote: '"],
  ['\u2013', "write '-'"],
  ['\u2014', "write '-'"],
  ['\u2212', "write '-'"],
  ['\u2264', "write '<='"],
  ['\u2265', "write '>='"],
  ['\u2260', "write '!='"],
  ['\u00d7', "write '*'"],
  ['\u00f7', "write '/'"],
]);

/** What to write instead of a character that no program can have outside of strings and comments. */
export function lookalikeHint(character: string): string | undefined {
  if (/\p{Z}/u.test(character)) return 'write an ordinary space';
  return lookalikes.get(character) ?? (isInvisible(character) ? 'delete it, it cannot be seen' : undefined);
}

/** The character in quotes, or by its number where there is nothing to see. */
export function shownCharacter(character: string): string {
  if (!isInvisible(character)) return JSON.stringify(character);
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
}

function isInvisible(character: string): boolean {
  return /[\p{Z}\p{C}]/u.test(character);
}
