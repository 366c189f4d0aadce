/** What kind of character a code unit or a text consists of, by Unicode. */

/** Unicode white space; all of it lies in the basic plane. */
export function isSpace(unit: number): boolean {
  if (unit <= 32) return unit === 32 || (unit >= 9 && unit <= 13);
  if (unit < 0x85) return false;
  return (
    unit === 0x85 ||
    unit === 0xa0 ||
    unit === 0x1680 ||
    (unit >= 0x2000 && unit <= 0x200a) ||
    unit === 0x2028 ||
    unit === 0x2029 ||
    unit === 0x202f ||
    unit === 0x205f ||
    unit === 0x3000
  );
}

export function isAlphanumeric(text: string): boolean {
  return /^[\p{L}\p{Nd}]+$/u.test(text);
}

export function isAlphabetic(text: string): boolean {
  return /^\p{L}+$/u.test(text);
}

export function isDigits(text: string): boolean {
  return /^\p{Nd}+$/u.test(text);
}

/** True when there is a letter with case and `text` is what lower-casing makes of it. */
export function isLower(text: string): boolean {
  return hasCase(text) && text.toLowerCase() === text;
}

export function isUpper(text: string): boolean {
  return hasCase(text) && !/[\p{Ll}\p{Lt}]/u.test(text) && text.toUpperCase() === text;
}

function hasCase(text: string): boolean {
  return /[\p{Lu}\p{Ll}\p{Lt}]/u.test(text);
}

/** True when there is a letter with case, and those that begin a word, and only those, are upper or title case. */
export function isTitle(text: string): boolean {
  let cased = false;
  let inWord = false;
  for (const character of text) {
    const letterCase = caseOf(character);
    if (letterCase !== 'none') {
      const isCapital = letterCase === 'capital';
      if (isCapital === inWord || (isCapital && toTitle(character) !== character)) return false;
      cased = true;
      inWord = true;
    } else {
      inWord = false;
    }
  }
  return cased;
}

function caseOf(character: string): 'capital' | 'small' | 'none' {
  const unit = character.charCodeAt(0);
  if (unit < 0x80) {
    if (unit >= 0x61 && unit <= 0x7a) return 'small';
    return unit >= 0x41 && unit <= 0x5a ? 'capital' : 'none';
  }
  if (/[\p{Lu}\p{Lt}]/u.test(character)) return 'capital';
  return /\p{Ll}/u.test(character) ? 'small' : 'none';
}

/** The letters whose title case differs from upper case: `dž` is written `Dž` at the start of a word. */
const titleLetters: ReadonlyMap<string, string> = new Map(
  ['\u01c4\u01c5\u01c6', '\u01c7\u01c8\u01c9', '\u01ca\u01cb\u01cc', '\u01f1\u01f2\u01f3'].flatMap((forms) =>
    Array.from(forms, (form): [string, string] => [form, forms.charAt(1)]),
  ),
);

/** One character in title case. */
export function toTitle(character: string): string {
  return titleLetters.get(character) ?? character.toUpperCase();
}
