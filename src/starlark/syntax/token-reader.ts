import type * as ast from './ast.ts';
import { SyntaxFault } from './fault.ts';
import { describeToken, operatorHint } from './hints.ts';
import type { Scanner } from './scanner.ts';
import * as token from './token.ts';

/** Brackets and operators nested deeper than this are refused; real programs stay below 20. */
const maxNesting = 200;

/** Looks at one token after the other, and says what is wrong with it. All parts of the parser build on it. */
export abstract class TokenReader {
  readonly scanner: Scanner;
  #nesting: number;

  /** @param nesting how deeply nested the reader begins, within an f-string */
  constructor(scanner: Scanner, nesting: number = 0) {
    this.scanner = scanner;
    this.#nesting = nesting;
  }

  protected get nesting(): number {
    return this.#nesting;
  }

  /** Begins something within something else, which {@link leave} ends. */
  protected enter(): void {
    if (++this.#nesting > maxNesting)
      this.faultHere('this expression is nested too deeply; give its parts names');
  }

  protected leave(): void {
    this.#nesting--;
  }

  /** Forgets how deeply nested the reader was, after an error that was caught outside of all expressions. */
  resetNesting(): void {
    this.#nesting = 0;
  }

  /** A name; `what` says for a message what it would be the name of. */
  parseName(what: string): ast.Name {
    const { scanner } = this;
    if (scanner.kind !== token.identifier) this.faultExpected(what);
    const name = scanner.value as string;
    if (token.isKept(name)) this.faultHere(`'${name}' cannot be a name: Starlark keeps this word for later`);
    const node: ast.Name = { kind: 'Name', start: scanner.start, end: scanner.stop, name, binding: null };
    scanner.next();
    return node;
  }

  /** Whether the current token is of this kind. */
  is(kind: token.TokenKind): boolean {
    return this.scanner.kind === kind;
  }

  /** Moves on if the current token is of this kind. */
  accept(kind: token.TokenKind): boolean {
    if (this.scanner.kind !== kind) return false;
    this.scanner.next();
    return true;
  }

  /** Moves on over a token that must be here; returns where it ended. */
  expect(kind: token.TokenKind): number {
    if (this.scanner.kind !== kind) this.faultExpected(token.describeKind(kind));
    const { stop } = this.scanner;
    this.scanner.next();
    return stop;
  }

  faultExpected(what: string): never {
    const hint = operatorHint(this.scanner);
    return this.faultHere(hint ?? `expected ${what}, found ${describeToken(this.scanner)}`);
  }

  faultHere(message: string): never {
    throw new SyntaxFault(message, this.scanner.start, this.scanner.stop);
  }

  fault(message: string, node: ast.Node): never {
    throw new SyntaxFault(message, node.start, node.end);
  }
}
