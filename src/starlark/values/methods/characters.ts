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

/** A question about a text, asked of one part of it after the other. */
export interface Predicate {
  /** Takes a part into account. False when the answer is no, whatever follows. */
  accept(part: string): boolean;
  /** The answer, once all parts were accepted; there is at least one character. */
  readonly holds: boolean;
}

/** Whether each part matches. */
function matching(pattern: RegExp): () => Predicate {
  return () => ({ accept: (part) => pattern.test(part), holds: true });
}

export const alphanumeric: () => Predicate = matching(/^[\p{L}\p{Nd}]+$/u);
export const alphabetic: () => Predicate = matching(/^\p{L}+$/u);
export const digits: () => Predicate = matching(/^\p{Nd}+$/u);

export function allSpace(): Predicate {
  return {
    holds: true,
    accept(part) {
      for (let i = 0; i < part.length; i++) if (!isSpace(part.charCodeAt(i))) return false;
      return true;
    },
  };
}

/** True when there is a letter with case and the text is what lower-casing makes of it. */
export function lowerCase(): Predicate {
  return cased((part) => part.toLowerCase() === part);
}

export function upperCase(): Predicate {
  return cased((part) => !/[\p{Ll}\p{Lt}]/u.test(part) && part.toUpperCase() === part);
}

function cased(accepts: (part: string) => boolean): Predicate {
  let hasCase = false;
  return {
    accept(part) {
      hasCase ||= /[\p{Lu}\p{Ll}\p{Lt}]/u.test(part);
      return accepts(part);
    },
    get holds() {
      return hasCase;
    },
  };
}

/** True when there is a letter with case, and those that begin a word, and only those, are upper or title case. */
export function titleCase(): Predicate {
  let isCased = false;
  let inWord = false;
  const accepts = (character: string): boolean => {
    const letterCase = caseOf(character);
    const isLetter = letterCase !== 'none';
    const isCapital = letterCase === 'capital';
    if (isLetter && (isCapital === inWord || (isCapital && toTitle(character) !== character))) return false;
    isCased ||= isLetter;
    inWord = isLetter;
    return true;
  };
  return {
    accept(part) {
      for (const character of part) if (!accepts(character)) return false;
      return true;
    },
    get holds() {
      return isCased;
    },
  };
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
