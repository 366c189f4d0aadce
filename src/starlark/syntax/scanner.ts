import { bytesEscapes, stringEscapes, unescape } from './escapes.ts';
import { type FStringPiece, scanFString } from './f-string.ts';
import { SyntaxFault } from './fault.ts';
import { lookalikeHint, shownCharacter } from './lookalikes.ts';
import * as token from './token.ts';

/**
 * Cuts source text into tokens, one at a time: `next()` moves on, and the fields then describe the current token.
 *
 * Line breaks count only outside of brackets. Indentation is turned into `indent` and `outdent` tokens, one
 * `outdent` for every block that ends. A scanner can be set on a stretch of the text, for expressions inside
 * f-strings; positions are those of the whole text.
 */
export class Scanner {
  readonly text: string;
  readonly end: number;
  kind: token.TokenKind = token.newline;
  /** Offsets of the current token; `previousEnd` is where the one before it ended. */
  start = 0;
  stop: number;
  previousEnd = 0;
  /** What the token stands for: a name or keyword, a literal's value, an f-string's pieces. */
  value: string | number | bigint | Uint8Array | readonly FStringPiece[] = '';

  #at: number;
  #depth: number;
  #atLineStart: boolean;
  #pendingOutdents = 0;
  readonly #fStrings: boolean;
  readonly #indents: number[] = [0];

  constructor(text: string, options: { fStrings: boolean; within?: { start: number; end: number } }) {
    this.text = text;
    this.#fStrings = options.fStrings;
    this.#at = options.within?.start ?? 0;
    this.end = options.within?.end ?? text.length;
    this.stop = this.#at;
    this.#depth = options.within === undefined ? 0 : 1;
    this.#atLineStart = options.within === undefined;
    if (text.charCodeAt(0) === 0xfeff && this.#at === 0) this.#at = 1;
  }

  /** Moves to the next token. At the end of the text it stays on `endOfFile`. */
  next(): void {
    this.previousEnd = this.stop;
    if (this.#pendingOutdents > 0) {
      this.#pendingOutdents--;
      return this.#emit(token.outdent, this.#at);
    }
    if (this.#atLineStart) {
      if (this.#readIndentation()) return;
    }
    this.#skipBlanks();
    this.start = this.#at;
    if (this.#at >= this.end) return this.#scanEnd();
    this.#scanToken(this.text.charCodeAt(this.#at));
  }

  /**
   * After a syntax error: goes to the end of the line that the current token is on, and of those after it that seem to
   * belong to brackets that are still open, passing over whatever else is wrong there.
   */
  skipLine(): void {
    let open = this.#depth;
    for (;;) {
      while (this.kind !== token.newline && this.kind !== token.endOfFile) open += this.#skipToken();
      if (this.kind === token.endOfFile || open <= 0 || !this.#isWithinBrackets()) break;
      open += this.#skipToken();
    }
    this.#depth = 0;
  }

  /** Passes over one token, whatever it is; returns by how many brackets more are open after it. */
  #skipToken(): number {
    this.#depth = 0;
    this.#atLineStart = false;
    try {
      this.next();
    } catch (error) {
      if (!(error instanceof SyntaxFault)) throw error;
      this.#at = Math.max(this.#at, Math.min(error.end, this.end));
    }
    return '([{'.includes(this.kind) ? 1 : ')]}'.includes(this.kind) ? -1 : 0;
  }

  /** At the end of a line with open brackets: whether the next one goes on with them, and is no statement at the left. */
  #isWithinBrackets(): boolean {
    return /^(?:[ \t\r]*\n)*[ \t]*[ \t)\]}#]/u.test(this.text.slice(this.#at, this.#at + 1000));
  }

  #emit(kind: token.TokenKind, stop: number): void {
    this.kind = kind;
    this.stop = stop;
    this.#at = stop;
    if (kind === token.outdent) this.start = stop;
  }

  /** At the start of a line: compares its indentation with the open blocks. True when that made a token. */
  #readIndentation(): boolean {
    const column = this.#measureIndentation();
    if (column < 0) return false;
    this.#atLineStart = false;
    this.start = this.#at;
    const current = this.#indents.at(-1)!;
    if (column > current) {
      this.#indents.push(column);
      this.#emit(token.indent, this.#at);
      return true;
    }
    if (column === current) return false;
    while (this.#indents.at(-1)! > column) {
      this.#indents.pop();
      this.#pendingOutdents++;
    }
    if (this.#indents.at(-1) !== column) {
      this.#indents.push(column);
      throw new SyntaxFault(
        'this line is indented less than its block, but matches no outer one',
        this.#at,
        this.#at + 1,
      );
    }
    this.#pendingOutdents--;
    this.#emit(token.outdent, this.#at);
    return true;
  }

  /** Skips blank and comment lines; returns the column of the first line that holds a token, or -1 at the end. */
  #measureIndentation(): number {
    let column = 0;
    for (;;) {
      if (this.#at >= this.end) return -1;
      const code = this.text.charCodeAt(this.#at);
      if (code === 32) column++;
      else if (code === 9) column += 8 - (column % 8);
      else if (code === 10) column = 0;
      else if (code === 35) {
        this.#skipComment();
        continue;
      } else if (code !== 13) return column;
      this.#at++;
    }
  }

  #skipComment(): void {
    const lineEnd = this.text.indexOf('\n', this.#at);
    this.#at = lineEnd < 0 || lineEnd > this.end ? this.end : lineEnd;
  }

  /** Skips spaces, comments, joined lines and, inside brackets, line breaks. */
  #skipBlanks(): void {
    for (; this.#at < this.end; this.#at++) {
      const code = this.text.charCodeAt(this.#at);
      if (code === 32 || code === 9 || code === 13) continue;
      if (code === 10 && this.#depth > 0) continue;
      if (code === 92 && this.#joinsLines()) continue;
      if (code !== 35) return;
      this.#skipComment();
      this.#at--;
    }
  }

  /** At a backslash: true, and on its line break, when it joins this line with the next. */
  #joinsLines(): boolean {
    const after = this.text.charCodeAt(this.#at + 1);
    if (after === 10) this.#at++;
    else if (after === 13 && this.text.charCodeAt(this.#at + 2) === 10) this.#at += 2;
    else return false;
    return true;
  }

  /** The end of the text closes the last line and every open block. */
  #scanEnd(): void {
    this.start = this.end;
    this.#at = this.end;
    if (
      this.#depth === 0 &&
      this.kind !== token.newline &&
      this.kind !== token.outdent &&
      this.kind !== token.endOfFile
    ) {
      this.#atLineStart = true;
      return this.#emit(token.newline, this.end);
    }
    if (this.#indents.length > 1) {
      this.#indents.pop();
      return this.#emit(token.outdent, this.end);
    }
    this.#emit(token.endOfFile, this.end);
  }

  #scanToken(code: number): void {
    if (code === 10) {
      this.#atLineStart = true;
      return this.#emit(token.newline, this.#at + 1);
    }
    if (isNameStart(code)) return this.#scanWord();
    if (isDigit(code) || (code === 46 && isDigit(this.text.charCodeAt(this.#at + 1))))
      return this.#scanNumber();
    if (code === 34 || code === 39) return this.#scanString(this.#at, '');
    this.#scanPunctuator(code);
  }

  #scanWord(): void {
    const { text } = this;
    let at = this.#at + 1;
    while (isNamePart(text.charCodeAt(at)) && at < this.end) at++;
    const word = text.slice(this.#at, at);
    const following = text.charCodeAt(at);
    if ((following === 34 || following === 39) && at < this.end && /^(?:r|b|rb|br|f|fr|rf)$/i.test(word)) {
      return this.#scanString(at, word);
    }
    const keyword = token.keywordOf(word);
    if (keyword === undefined && !isAscii(word) && !token.isIdentifier(word)) this.#refuseCharacterIn(word);
    this.value = word;
    this.#emit(keyword ?? token.identifier, at);
  }

  /** The usual case of a number, a few decimal digits: read without the care that others need. */
  #scanShortInt(): boolean {
    const { text } = this;
    const first = text.charCodeAt(this.#at);
    let value = 0;
    let at = this.#at;
    for (; at < this.end && isDigit(text.charCodeAt(at)); at++) value = value * 10 + text.charCodeAt(at) - 48;
    const length = at - this.#at;
    const following = text.charCodeAt(at);
    const goesOn = at < this.end && (following === 46 || isNamePart(following));
    if (goesOn || length === 0 || length > 15 || (first === 48 && length > 1)) return false;
    this.value = value;
    this.#emit(token.intLiteral, at);
    return true;
  }

  #scanNumber(): void {
    if (this.#scanShortInt()) return;
    const { text } = this;
    number.lastIndex = this.#at;
    const match = number.exec(text)!;
    const literal = match[0];
    const stop = this.#at + literal.length;
    const following = text.charCodeAt(stop);
    if (following === 95 && isDigit(text.charCodeAt(stop + 1)))
      this.#fault('a number has no underscores in Starlark', stop + 1);
    if (/^0[0-9]/.test(literal) && !match[1]) {
      if (!/^0+$/.test(literal))
        this.#fault(`obsolete form of octal literal; use 0o${literal.replace(/^0+/, '')}`, stop);
    }
    if (/^0[xXoObB]$/.test(literal)) this.#fault(`invalid number '${literal}': digits must follow`, stop);
    if (match[1]) {
      this.value = Number(literal);
      if (this.value === Infinity) this.#fault('floating-point literal too large', stop);
      return this.#emit(token.floatLiteral, stop);
    }
    if (literal.length > maxIntDigits) {
      this.#fault(`an int of ${literal.length} digits is too long to be written out`, stop);
    }
    const value = Number(literal);
    this.value = Number.isSafeInteger(value) ? value : BigInt(literal);
    this.#emit(token.intLiteral, stop);
  }

  #scanString(quoteAt: number, prefix: string): void {
    const modes = prefix.toLowerCase();
    if (modes.includes('f')) return this.#scanFStringToken(quoteAt, modes.includes('r'));
    const { text } = this;
    const quote = text.charAt(quoteAt);
    const triple = text.startsWith(quote.repeat(3), quoteAt);
    const bodyStart = quoteAt + (triple ? 3 : 1);
    const bodyEnd = this.#findStringEnd(bodyStart, quote, triple);
    const stop = bodyEnd + (triple ? 3 : 1);
    const body = text.slice(bodyStart, bodyEnd);
    const raw = modes.includes('r');
    this.#emit(fault, stop);
    if (modes.includes('b')) {
      this.value = bytesEscapes(body, bodyStart, raw);
      return this.#emit(token.bytesLiteral, stop);
    }
    this.value =
      body.includes('\r') || (!raw && body.includes('\\'))
        ? unescape(body, bodyStart, raw, stringEscapes)
        : body;
    this.#emit(token.stringLiteral, stop);
  }

  #findStringEnd(from: number, quote: string, triple: boolean): number {
    const code = quote.charCodeAt(0);
    for (let at = from; at < this.end; at++) {
      const here = this.text.charCodeAt(at);
      if (here === 92) at += this.text.startsWith('\r\n', at + 1) ? 2 : 1;
      else if (here === code && (!triple || this.text.startsWith(quote.repeat(3), at))) return at;
      else if (here === 10 && !triple) this.#fault(`this string is not closed: ${quote} is missing`, at);
    }
    return this.#fault(`this string is not closed: ${triple ? quote.repeat(3) : quote} is missing`, this.end);
  }

  #scanFStringToken(quoteAt: number, raw: boolean): void {
    if (!this.#fStrings) {
      this.#fault('f-strings are not part of Starlark; write "…".format(…) or "…" % (…)', quoteAt + 1);
    }
    this.#emit(fault, quoteAt + 1);
    const scanned = scanFString(this.text, { quoteAt, raw, end: this.end });
    this.value = scanned.pieces;
    this.#emit(token.fStringLiteral, scanned.stop);
  }

  #scanPunctuator(code: number): void {
    const { text } = this;
    const punctuator = punctuatorAt(text, this.#at, code);
    if (punctuator === undefined) this.#refuseCharacter();
    if (code === 40 || code === 91 || code === 123) this.#depth++;
    else if (code === 41 || code === 93 || code === 125) this.#depth = Math.max(0, this.#depth - 1);
    this.#emit(punctuator, this.#at + punctuator.length);
  }

  /** Refuses the first character of what looked like a name that no name can have. */
  #refuseCharacterIn(word: string): never {
    for (const character of word) {
      if (!token.isIdentifier(`_${character}`)) break;
      this.#at += character.length;
    }
    this.start = this.#at;
    this.#refuseCharacter();
  }

  #refuseCharacter(): never {
    const character = String.fromCodePoint(this.text.codePointAt(this.#at)!);
    const hint = lookalikeHint(character);
    const message = `unexpected character ${shownCharacter(character)}${hint === undefined ? '' : `; ${hint}`}`;
    this.#fault(message, this.#at + character.length);
  }

  /** Reports the text from the token's start to `stop`, and goes on after it. */
  #fault(message: string, stop: number): never {
    this.#emit(fault, stop);
    throw new SyntaxFault(message, this.start, stop);
  }
}

/** A number's text; where it has a part or an exponent, the first group holds it. */
const number =
  /0[xX][0-9a-fA-F]*|0[oO][0-7]*|0[bB][01]*|(\d+\.\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)|\d+/y;

/** Longer ints can be made by arithmetic, up to a bound of their own; nobody writes them out. */
const maxIntDigits = 100_000;

/** The kind of a token that could not be read. */
const fault = '@fault';

const punctuators: readonly string[] = (
  '+ - * / // % ** & | ^ << >> ~ < > <= >= == != = += -= *= /= //= %= &= |= ^= <<= >>= ' +
  '. , ; : ( ) [ ] { } := -> @'
).split(' ');

/** Punctuators by their first character, longest first. */
const punctuatorsByCode: readonly (readonly string[])[] = Array.from({ length: 128 }, (_, code) =>
  punctuators
    .filter((punctuator) => punctuator.charCodeAt(0) === code)
    .sort((one, other) => other.length - one.length),
);

/** The longest punctuator here; undefined when there is none. */
function punctuatorAt(text: string, at: number, code: number): string | undefined {
  const candidates = punctuatorsByCode[code];
  if (candidates === undefined) return undefined;
  for (const candidate of candidates) {
    if (candidate.length === 1 || text.startsWith(candidate, at)) return candidate;
  }
  return undefined;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isNameStart(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code > 127;
}

function isNamePart(code: number): boolean {
  return isNameStart(code) || isDigit(code);
}

function isAscii(word: string): boolean {
  for (let at = 0; at < word.length; at++) if (word.charCodeAt(at) > 127) return false;
  return true;
}
