/** Puts a mark in the place of every secret in a text. */
export type Redact = (text: string) => string;

/** Shorter values are no secrets worth the name, and would be found inside other words by chance. */
export const shortestSecret = 6;

const mark = '[redacted]';

/**
 * Makes a function that knows these secrets in every form in which they are sent or quoted: as they are, in base64, alone or
 * within something longer, in hexadecimal and in a URL, and each of these in JSON, however often it was put into another text of JSON, and whatever the writer escapes.
 */
export function createRedact(secrets: Iterable<string>): Redact {
  const forms = [...secrets].filter((secret) => secret !== '').flatMap(formsOf);
  const plain = alternatives(forms);
  const folded = alternatives(forms.filter(isEscapable).map((form) => fold(form).text));
  if (plain === undefined) return (text) => text;
  return (text) => {
    const redacted = text.replace(plain, mark);
    return folded !== undefined && redacted.includes('\\') ? redactFolded(redacted, folded) : redacted;
  };
}

function formsOf(secret: string): string[] {
  const inUrl = encodeURIComponent(secret.toWellFormed());
  const bytes = Buffer.from(secret);
  const base64 = bytes.toString('base64');
  return [
    secret,
    inUrl,
    inUrl.replaceAll(/%../g, (escaped) => escaped.toLowerCase()),
    inUrl.replaceAll('%20', '+'),
    base64,
    base64.replace(/=+$/, ''),
    bytes.toString('base64url'),
    ...(bytes.length < shortestSecret ? [] : [bytes.toString('hex'), bytes.toString('hex').toUpperCase()]),
    ...withinBase64(bytes, 'base64'),
    ...withinBase64(bytes, 'base64url'),
  ];
}

/** Fewer digits could stand in any text by chance. */
const fewestDigits = 7;

/**
 * How a secret looks in the middle of what was encoded with it, as a password behind the user's name: the digits that hold
 * its bits alone, for each of the three ways in which groups of three bytes can fall.
 */
function withinBase64(bytes: Buffer, encoding: 'base64' | 'base64url'): string[] {
  const found = [0, 1, 2].map((before) => {
    const bits = (before + bytes.length) * 8;
    const digits = Buffer.concat([Buffer.alloc(before), bytes]).toString(encoding);
    return digits.slice(Math.ceil((before * 8) / 6), Math.floor(bits / 6));
  });
  return found.filter(({ length }) => length >= fewestDigits);
}

/** A longer one first, so that of two words of which one begins the other nothing is left over. */
function alternatives(words: readonly string[]): RegExp | undefined {
  const distinct = [...new Set(words)].filter((word) => word !== '');
  if (distinct.length === 0) return undefined;
  const longestFirst = distinct.toSorted((one, other) => other.length - one.length);
  return new RegExp(longestFirst.map(escape).join('|'), 'g');
}

function escape(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/**
 * Whether some writer of JSON escapes something in it. All must escape `"`, `\` and control characters; some also escape `/`,
 * others `&`, `<`, `>` and the like, others again all that is not ASCII.
 */
function isEscapable(text: string): boolean {
  return /[^A-Za-z0-9 ._~-]/.test(text);
}

/** A text without what JSON's escaping adds, and where each of its units stands in the text that it was made of. */
interface Folded {
  readonly text: string;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/**
 * Undoes JSON's escaping, once or many times over, without asking how often: each backslash doubles with each time, so runs
 * of them are dropped whole, and control characters with them. What was escaped folds to the same as what was not.
 */
function fold(text: string): Folded {
  let folded = '';
  const starts: number[] = [];
  const ends: number[] = [];
  const keep = (unit: string, start: number, end: number): void => {
    if (unit === '\\' || shortEscapes.has(unit)) return;
    folded += unit;
    starts.push(start);
    ends.push(end);
  };
  for (let at = 0; at < text.length;) {
    const start = at;
    while (text[at] === '\\') at++;
    const unit = text[at] ?? '';
    const digits = start < at && unit === 'u' ? text.slice(at + 1, at + 5) : '';
    if (/^[0-9a-f]{4}$/i.test(digits)) {
      keep(String.fromCharCode(Number.parseInt(digits, 16)), start, at + 5);
      at += 5;
    } else {
      const isControl = start < at && /^[bfnrt]$/.test(unit);
      if (unit !== '' && !isControl) keep(unit, start, at + 1);
      at += 1;
    }
  }
  return { text: folded, starts, ends };
}

const shortEscapes: ReadonlySet<string> = new Set('\b\f\n\r\t');

function redactFolded(text: string, pattern: RegExp): string {
  const folded = fold(text);
  let redacted = '';
  let done = 0;
  for (const { index, 0: found } of folded.text.matchAll(pattern)) {
    redacted += text.slice(done, folded.starts[index]) + mark;
    done = folded.ends[index + found.length - 1] ?? text.length;
  }
  return redacted + text.slice(done);
}
