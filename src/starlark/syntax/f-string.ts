import { stringEscapes, unescape } from './escapes.ts';
import { SyntaxFault } from './fault.ts';

/**
 * One piece of an f-string: text, or a field. A field's expression is still text here, from `start` to `end`;
 * `spec` holds the pieces after its colon, and `shown` is the text that `{x = }` writes before the value.
 */
export type FStringPiece = string | FStringField;

export interface FStringField {
  readonly start: number;
  readonly end: number;
  readonly conversion: 'r' | 's' | null;
  readonly spec: readonly FStringPiece[];
  readonly shown: string;
}

/** How many f-strings may stand within each other, each of which is read once more for every one around it. */
const maxDepth = 10;

/** Finds an f-string's pieces and its end. @throws SyntaxFault */
export function scanFString(
  text: string,
  options: { quoteAt: number; raw: boolean; end: number; depth?: number },
): { pieces: readonly FStringPiece[]; stop: number } {
  const character = text.charAt(options.quoteAt);
  const quote = text.startsWith(character.repeat(3), options.quoteAt) ? character.repeat(3) : character;
  const reader = new FStringReader(text, { ...options, quote });
  const pieces = reader.readPieces(false);
  return { pieces, stop: reader.at + quote.length };
}

class FStringReader {
  at: number;
  readonly #text: string;
  readonly #end: number;
  readonly #quote: string;
  readonly #raw: boolean;
  #depth: number;
  readonly #start: number;

  constructor(
    text: string,
    options: { quoteAt: number; raw: boolean; end: number; quote: string; depth?: number },
  ) {
    this.#text = text;
    this.#depth = options.depth ?? 1;
    this.#end = options.end;
    this.#quote = options.quote;
    this.#raw = options.raw;
    this.#start = options.quoteAt;
    this.at = options.quoteAt + options.quote.length;
  }

  /** Reads text and fields up to the closing quote, or in a format spec up to its `}`. */
  readPieces(inSpec: boolean): FStringPiece[] {
    const pieces: FStringPiece[] = [];
    for (;;) {
      const from = this.at;
      this.#skipText(inSpec);
      if (this.at > from) pieces.push(this.#literal(from, this.at));
      if (inSpec ? this.#here() === '}' : this.#text.startsWith(this.#quote, this.at)) return pieces;
      if (this.#here() === '}') this.#fault("single '}' in f-string; write }} for a brace", this.at);
      pieces.push(this.#readField());
    }
  }

  #here(): string {
    return this.#text.charAt(this.at);
  }

  #skipText(inSpec: boolean): void {
    for (; ; this.at++) {
      if (this.at >= this.#end || (this.#here() === '\n' && this.#quote.length === 1)) this.#unclosed();
      if (this.#text.startsWith(this.#quote, this.at)) {
        if (inSpec) this.#fault("this field is not closed: '}' is missing", this.at);
        return;
      }
      const character = this.#here();
      if (character === '\\') this.at++;
      else if (character === '{' || character === '}') {
        if (inSpec || this.#text.charAt(this.at + 1) !== character) return;
        this.at++;
      }
    }
  }

  #literal(from: number, to: number): string {
    const body = this.#text.slice(from, to).replace(/\{\{|\}\}/g, (braces) => braces.charAt(0));
    return unescape(body, from, this.#raw, stringEscapes);
  }

  /** At a `{`: reads up to and over the matching `}`. */
  #readField(): FStringField {
    const open = this.at++;
    const start = this.at;
    this.#skipExpression();
    let end = this.at;
    let shown = '';
    if (this.#here() === '=') {
      this.at++;
      while (this.#here() === ' ') this.at++;
      shown = this.#text.slice(start, this.at);
    }
    if (this.#text.slice(start, end).trim() === '')
      this.#fault('an f-string field needs an expression', open);
    let conversion = this.#readConversion();
    let spec: FStringPiece[] = [];
    if (this.#here() === ':') {
      this.at++;
      this.#assertDepth(++this.#depth);
      spec = this.readPieces(true);
      this.#depth--;
    } else if (shown !== '' && conversion === null) conversion = 'r';
    if (this.#here() !== '}') this.#fault("this field is not closed: '}' is missing", open);
    this.at++;
    while (end > start && /\s/.test(this.#text.charAt(end - 1))) end--;
    return { start, end, conversion, spec, shown };
  }

  #readConversion(): 'r' | 's' | null {
    if (this.#here() !== '!') return null;
    const letter = this.#text.charAt(this.at + 1);
    if (letter !== 'r' && letter !== 's')
      this.#fault('only !r and !s can follow an expression in an f-string', this.at);
    this.at += 2;
    return letter;
  }

  /** Skips an expression: brackets and strings within it are passed over whole. */
  #skipExpression(): void {
    let depth = 0;
    for (; ; this.at++) {
      if (this.at >= this.#end || (this.#here() === '\n' && this.#quote.length === 1)) this.#unclosed();
      const character = this.#here();
      if (character === '"' || character === "'") this.#skipNestedString(character);
      else if ('([{'.includes(character)) depth++;
      else if (depth > 0 && ')]}'.includes(character)) depth--;
      else if (depth === 0 && this.#endsExpression(character)) return;
      else if (character === '\\')
        this.#fault('an expression in an f-string cannot hold a backslash', this.at);
    }
  }

  #endsExpression(character: string): boolean {
    if (character === '}' || character === ':') return true;
    const after = this.#text.charAt(this.at + 1);
    if (character === '!') return after !== '=';
    return character === '=' && after !== '=' && !'=!<>'.includes(this.#text.charAt(this.at - 1));
  }

  #skipNestedString(character: string): void {
    if (
      character === this.#quote.charAt(0) &&
      this.#text.startsWith(this.#quote, this.at) &&
      !this.#closesOnLine(character)
    ) {
      this.#fault("this field is not closed: '}' is missing", this.at);
    }
    const prefix = this.#prefix();
    if (/f/i.test(prefix)) {
      const raw = /r/i.test(prefix);
      const depth = this.#depth + 1;
      this.#assertDepth(depth);
      this.at = scanFString(this.#text, { quoteAt: this.at, raw, end: this.#end, depth }).stop - 1;
    } else this.#skipPlainString(character);
  }

  /** The letters before a string within a field that say of what kind it is. */
  #prefix(): string {
    if (!'rbf'.includes(this.#text.charAt(this.at - 1).toLowerCase())) return '';
    const before = this.#text.slice(Math.max(0, this.at - 3), this.at);
    return /(?<![\p{L}\p{Nd}_])[rbf]{1,2}$/iu.exec(before)?.[0] ?? '';
  }

  #skipPlainString(character: string): void {
    const quote = this.#text.startsWith(character.repeat(3), this.at) ? character.repeat(3) : character;
    for (this.at += quote.length; !this.#text.startsWith(quote, this.at); this.at++) {
      if (this.at >= this.#end) this.#unclosed();
      if (this.#here() === '\\') this.at++;
    }
    this.at += quote.length - 1;
  }

  #closesOnLine(character: string): boolean {
    const close = this.#text.indexOf(character, this.at + 1);
    return close >= 0 && (this.#quote.length === 3 || !this.#text.slice(this.at, close).includes('\n'));
  }

  /** @throws SyntaxFault for the rest of the line, which is as deep or deeper and not worth looking at */
  #assertDepth(depth: number): void {
    if (depth <= maxDepth) return;
    const lineEnd = this.#text.indexOf('\n', this.at);
    const stop = lineEnd < 0 ? this.#end : Math.min(lineEnd, this.#end);
    throw new SyntaxFault('f-strings are nested too deeply; give their parts names', this.at, stop);
  }

  #unclosed(): never {
    return this.#fault(`this f-string is not closed: ${this.#quote} is missing`, this.#start);
  }

  #fault(message: string, at: number): never {
    throw new SyntaxFault(message, at, Math.max(at + 1, Math.min(this.at, this.#end)));
  }
}
