import type * as ast from './ast.ts';
import type { FStringPiece } from './f-string.ts';
import { SyntaxFault } from './fault.ts';
import {
  describeExpression,
  describeToken,
  keywordHint,
  operatorHint,
  reservedKeywordHint,
} from './hints.ts';
import { Scanner } from './scanner.ts';
import * as token from './token.ts';

/** Binding strength of binary operators, as in grammar.txt; `not` sits between `and` and the comparisons. */
const precedences: ReadonlyMap<string, number> = new Map([
  ['or', 1],
  ['and', 2],
  ['==', 4],
  ['!=', 4],
  ['<', 4],
  ['>', 4],
  ['<=', 4],
  ['>=', 4],
  ['in', 4],
  ['not', 4],
  ['|', 5],
  ['^', 6],
  ['&', 7],
  ['<<', 8],
  ['>>', 8],
  ['+', 9],
  ['-', 9],
  ['*', 10],
  ['/', 10],
  ['//', 10],
  ['%', 10],
]);
const notPrecedence = 3;
const comparisonPrecedence = 4;

/** Brackets and operators nested deeper than this are refused; real programs stay below 20. */
const maxNesting = 200;

/**
 * Reads expressions: recursive descent, with precedence climbing for binary operators. One class, and so one long file,
 * since nearly every rule of the grammar comes back to {@link ExpressionParser.parseTest}.
 */
export class ExpressionParser {
  readonly scanner: Scanner;
  readonly #fStrings: boolean;
  #nesting = 0;

  constructor(scanner: Scanner, options: { fStrings: boolean }) {
    this.scanner = scanner;
    this.#fStrings = options.fStrings;
  }

  /** One expression, or several with commas between them, which make a tuple. */
  parseExpressions(options: { inParens: boolean } = { inParens: false }): ast.Expression {
    const { start } = this.scanner;
    const first = this.parseTest();
    if (this.scanner.kind !== ',') return first;
    const items = [first];
    while (this.accept(',')) {
      if (options.inParens && this.is(')')) break;
      if (!options.inParens && this.#endsList()) this.#refuseTrailingComma();
      items.push(this.parseTest());
    }
    return { kind: 'Tuple', start, end: this.scanner.previousEnd, items };
  }

  /** One expression, conditional and lambda included. */
  parseTest(): ast.Expression {
    if (++this.#nesting > maxNesting)
      this.faultHere('this expression is nested too deeply; give its parts names');
    const expression = this.scanner.kind === 'lambda' ? this.#parseLambda() : this.#parseConditional();
    this.#nesting--;
    return expression;
  }

  /** The variables of a `for`: an operand, or several with commas. */
  parseLoopTarget(): ast.Target {
    const { start } = this.scanner;
    const first = this.#parsePrimary();
    if (this.scanner.kind !== ',') return this.toTarget(first);
    const items = [first];
    while (this.accept(',')) {
      if (this.is('in')) this.#refuseTrailingComma();
      items.push(this.#parsePrimary());
    }
    return this.toTarget({ kind: 'Tuple', start, end: this.scanner.previousEnd, items });
  }

  /** Checks that an expression can be assigned to. */
  toTarget(expression: ast.Expression): ast.Target {
    switch (expression.kind) {
      case 'Name':
      case 'Index':
      case 'Attribute':
        return expression;
      case 'Tuple':
      case 'List':
        expression.items.forEach((item) => this.toTarget(item));
        return expression;
      default:
        return this.fault(`cannot assign to ${describeExpression(expression)}`, expression);
    }
  }

  parseName(what: string): ast.Name {
    const { scanner } = this;
    if (scanner.kind !== token.identifier) this.faultExpected(what);
    const name = scanner.value as string;
    if (token.isKept(name)) this.faultHere(`'${name}' cannot be a name: Starlark keeps this word for later`);
    const node: ast.Name = { kind: 'Name', start: scanner.start, end: scanner.stop, name, binding: null };
    scanner.next();
    return node;
  }

  parseParams(close: string): ast.Param[] {
    const params: ast.Param[] = [];
    while (this.scanner.kind !== close) {
      params.push(this.#parseParam());
      if (this.scanner.kind === ':' && close === ')') {
        this.faultHere('Starlark has no type annotations; leave out the colon and the type');
      }
      if (!this.accept(',')) break;
      if (close === ':' && this.is(':')) this.faultExpected("a parameter's name");
    }
    return params;
  }

  /** Forgets how deeply nested the reader was, after an error that was caught outside of all expressions. */
  resetNesting(): void {
    this.#nesting = 0;
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

  /** Whether nothing can follow the comma that was just read. */
  #endsList(): boolean {
    const { kind } = this.scanner;
    return (
      kind === token.newline ||
      kind === token.endOfFile ||
      kind === ';' ||
      kind === '=' ||
      kind === ':' ||
      kind === ']' ||
      kind === ')'
    );
  }

  /** Refuses the comma that was just read: only within brackets may the last element have one. */
  #refuseTrailingComma(): never {
    const { previousEnd } = this.scanner;
    throw new SyntaxFault(
      'unparenthesized tuple with trailing comma; leave out the comma, or write the tuple in parentheses: (x,)',
      previousEnd - 1,
      previousEnd,
    );
  }

  #parseConditional(): ast.Expression {
    const then = this.#parseBinary(1);
    if (!this.accept('if')) return then;
    const condition = this.#parseBinary(1);
    if (this.scanner.kind !== 'else') {
      const hint = operatorHint(this.scanner);
      this.faultHere(hint ?? "a conditional expression needs 'else': write a if condition else b");
    }
    this.scanner.next();
    const otherwise = this.parseTest();
    return { kind: 'Conditional', start: then.start, end: otherwise.end, condition, then, otherwise };
  }

  /** @param options.isCondition in a comprehension, where an `if` after the body begins the next clause */
  #parseLambda(options: { isCondition: boolean } = { isCondition: false }): ast.Lambda {
    const { start } = this.scanner;
    this.scanner.next();
    const params = this.parseParams(':');
    this.expect(':');
    const value = options.isCondition ? this.#parseCondition() : this.parseTest();
    const body: ast.Return = { kind: 'Return', start: value.start, end: value.end, value };
    const fn = { start, end: value.end, name: 'lambda', params, body: [body], doc: null, scope: null };
    return { kind: 'Lambda', start, end: value.end, fn };
  }

  #parseParam(): ast.Param {
    const { start } = this.scanner;
    if (this.accept('**')) {
      const name = this.parseName("a parameter's name after **");
      return { kind: 'kwargs', start, end: name.end, name, fallback: null };
    }
    if (this.accept('*')) {
      if (this.scanner.kind !== token.identifier) {
        return { kind: 'star', start, end: start + 1, name: null, fallback: null };
      }
      const name = this.parseName("a parameter's name");
      return { kind: 'args', start, end: name.end, name, fallback: null };
    }
    const name = this.parseName("a parameter's name");
    if (!this.accept('=')) return { kind: 'required', start, end: name.end, name, fallback: null };
    const fallback = this.parseTest();
    return { kind: 'optional', start, end: fallback.end, name, fallback };
  }

  #parseBinary(minPrecedence: number): ast.Expression {
    let left = this.#parseNot(minPrecedence);
    let compared = false;
    for (;;) {
      const precedence = precedences.get(this.scanner.kind);
      if (precedence === undefined || precedence < minPrecedence) return left;
      if (precedence === comparisonPrecedence) {
        if (compared) this.faultHere("comparisons do not chain in Starlark; write 'a < b and b < c'");
        compared = true;
      } else compared = false;
      const at = this.scanner.start;
      const operator = this.#readOperator();
      const right = this.#parseBinary(precedence + 1);
      left = { kind: 'Binary', start: left.start, end: right.end, operator, left, right, at };
    }
  }

  #readOperator(): ast.BinaryOperator {
    const { kind } = this.scanner;
    this.scanner.next();
    if (kind !== 'not') {
      if ((kind === '&' || kind === '|') && this.scanner.kind === kind) this.faultExpected('an expression');
      return kind as ast.BinaryOperator;
    }
    this.expect('in');
    return 'not in';
  }

  #parseNot(minPrecedence: number): ast.Expression {
    if (this.scanner.kind !== 'not' || minPrecedence > notPrecedence) return this.#parseUnary();
    const { start } = this.scanner;
    this.scanner.next();
    if (++this.#nesting > maxNesting)
      this.faultHere('this expression is nested too deeply; give its parts names');
    const operand = this.#parseBinary(notPrecedence);
    this.#nesting--;
    return { kind: 'Unary', start, end: operand.end, operator: 'not', operand };
  }

  #parseUnary(): ast.Expression {
    const { kind, start } = this.scanner;
    if (kind !== '-' && kind !== '+' && kind !== '~') return this.#parsePrimary();
    this.scanner.next();
    if (++this.#nesting > maxNesting)
      this.faultHere('this expression is nested too deeply; give its parts names');
    const operand = this.#parseUnary();
    this.#nesting--;
    return { kind: 'Unary', start, end: operand.end, operator: kind, operand };
  }

  #parsePrimary(): ast.Expression {
    let expression = this.#parseOperand();
    for (;;) {
      switch (this.scanner.kind) {
        case '.':
          expression = this.#parseAttribute(expression);
          break;
        case '(':
          expression = this.#parseCall(expression);
          break;
        case '[':
          expression = this.#parseSubscript(expression);
          break;
        default:
          return expression;
      }
    }
  }

  #parseAttribute(object: ast.Expression): ast.Attribute {
    const at = this.scanner.start;
    this.scanner.next();
    const { scanner } = this;
    if (scanner.kind !== token.identifier) this.faultExpected("an attribute's name after the dot");
    const name = scanner.value as string;
    const end = scanner.stop;
    scanner.next();
    return { kind: 'Attribute', start: object.start, end, object, name, at };
  }

  #parseCall(callee: ast.Expression): ast.Call {
    const at = this.scanner.start;
    this.scanner.next();
    const args: ast.Argument[] = [];
    while (this.scanner.kind !== ')') {
      args.push(this.#parseArgument());
      if (!this.accept(',')) break;
    }
    if (this.is(token.endOfFile)) this.#refuseUnclosed(at);
    if (this.scanner.kind !== ')') this.faultExpected("',' or ')' in this call");
    const end = this.expect(')');
    return { kind: 'Call', start: callee.start, end, callee, args, at, argsCall: false };
  }

  #parseArgument(): ast.Argument {
    const { start } = this.scanner;
    if (this.accept('*')) return this.#finishArgument('args', start, '');
    if (this.accept('**')) return this.#finishArgument('kwargs', start, '');
    const reserved = reservedKeywordHint(this.scanner);
    if (reserved !== undefined) this.faultHere(reserved);
    const value = this.parseTest();
    if (this.scanner.kind === 'for') {
      this.faultHere('Starlark has no generator expressions; put [ ] around it to make a list');
    }
    if (this.scanner.kind !== '=') return { kind: 'positional', start, end: value.end, name: '', value };
    if (value.kind !== 'Name') this.fault(keywordHint(value, this.scanner.text), value);
    this.scanner.next();
    return this.#finishArgument('named', start, value.name);
  }

  #finishArgument(kind: ast.Argument['kind'], start: number, name: string): ast.Argument {
    const value = this.parseTest();
    return { kind, start, end: value.end, name, value };
  }

  #parseSubscript(object: ast.Expression): ast.Expression {
    const at = this.scanner.start;
    this.scanner.next();
    const bounds: (ast.Expression | null)[] = [this.#parseBound()];
    if (this.scanner.kind === ',' && bounds[0] !== null) bounds[0] = this.#finishIndexTuple(bounds[0]!);
    while (bounds.length < 3 && this.accept(':')) bounds.push(this.#parseBound());
    const end = this.expect(']');
    const [low = null, high = null, step = null] = bounds;
    if (bounds.length > 1) return { kind: 'Slice', start: object.start, end, object, low, high, step, at };
    if (low === null) throw new SyntaxFault('an index is missing between [ and ]', at, end);
    return { kind: 'Index', start: object.start, end, object, index: low, at };
  }

  #parseBound(): ast.Expression | null {
    return this.scanner.kind === ':' || this.scanner.kind === ']' ? null : this.parseTest();
  }

  #finishIndexTuple(first: ast.Expression): ast.Expression {
    const items = [first];
    while (this.accept(',')) {
      if (this.scanner.kind === ']') this.#refuseTrailingComma();
      items.push(this.parseTest());
    }
    return { kind: 'Tuple', start: first.start, end: this.scanner.previousEnd, items };
  }

  #parseOperand(): ast.Expression {
    const { scanner } = this;
    const { start, stop: end, value } = scanner;
    switch (scanner.kind) {
      case token.identifier:
        return this.#parseNameOperand();
      case token.intLiteral:
        scanner.next();
        return { kind: 'Int', start, end, value: value as number | bigint };
      case token.floatLiteral:
        scanner.next();
        return { kind: 'Float', start, end, value: value as number };
      case token.bytesLiteral:
        scanner.next();
        return { kind: 'Bytes', start, end, value: value as Uint8Array };
      case token.stringLiteral:
      case token.fStringLiteral:
        return this.#parseString();
      case '(':
        return this.#parseParenthesized();
      case '[':
        return this.#parseList();
      case '{':
        return this.#parseBraces();
      case '*':
        return this.faultHere(
          "'*' cannot unpack here in Starlark; write a + b to join lists, x[0] and x[1:] to take one apart",
        );
      default:
        return this.faultExpected('an expression');
    }
  }

  #parseNameOperand(): ast.Expression {
    const word = this.scanner.value as string;
    if (token.isKept(word)) this.faultExpected('an expression');
    return this.parseName('a name');
  }

  #parseString(): ast.Expression {
    const { scanner } = this;
    const { start, stop: end, value, kind } = scanner;
    scanner.next();
    if (scanner.kind === token.stringLiteral || scanner.kind === token.fStringLiteral) {
      this.faultHere('strings that stand side by side are not joined in Starlark; write + between them');
    }
    if (kind === token.stringLiteral) return { kind: 'String', start, end, value: value as string };
    return { kind: 'FString', start, end, parts: this.#parseFStringPieces(value as readonly FStringPiece[]) };
  }

  #parseFStringPieces(pieces: readonly FStringPiece[]): ast.FStringPart[] {
    const parts: ast.FStringPart[] = [];
    for (const piece of pieces) {
      if (typeof piece === 'string') {
        parts.push(piece);
        continue;
      }
      if (piece.shown !== '') parts.push(piece.shown);
      const spec = this.#parseFStringPieces(piece.spec);
      parts.push({ value: this.#parseWithin(piece.start, piece.end), conversion: piece.conversion, spec });
    }
    return parts;
  }

  /** Parses the expression of an f-string's field, which is a stretch of the same text. */
  #parseWithin(start: number, end: number): ast.Expression {
    const scanner = new Scanner(this.scanner.text, { fStrings: this.#fStrings, within: { start, end } });
    const inner = new ExpressionParser(scanner, { fStrings: this.#fStrings });
    inner.#nesting = this.#nesting + 1;
    if (inner.#nesting > maxNesting) this.faultHere('this f-string is nested too deeply');
    scanner.next();
    const value = inner.parseExpressions();
    if (scanner.kind !== token.endOfFile) inner.faultExpected("'}' after the expression of this field");
    return value;
  }

  #parseParenthesized(): ast.Expression {
    const { start } = this.scanner;
    this.scanner.next();
    if (this.scanner.kind === ')') {
      return { kind: 'Tuple', start, end: this.expect(')'), items: [] };
    }
    if (this.is(token.endOfFile)) this.#refuseUnclosed(start);
    const inner = this.parseExpressions({ inParens: true });
    if (this.scanner.kind === 'for') {
      this.faultHere('Starlark has no generator expressions; write [ ] instead of ( ) to make a list');
    }
    const end = this.#close(')', start);
    return { ...inner, start, end };
  }

  #parseList(): ast.Expression {
    const { start } = this.scanner;
    this.scanner.next();
    if (this.scanner.kind === ']') return { kind: 'List', start, end: this.expect(']'), items: [] };
    const first = this.parseTest();
    if (this.scanner.kind === 'for')
      return this.#parseComprehension({ start, key: null, value: first, close: ']' });
    const items = [first];
    while (this.accept(',')) {
      if (this.scanner.kind === ']') break;
      items.push(this.parseTest());
    }
    return { kind: 'List', start, end: this.#close(']', start), items };
  }

  #parseBraces(): ast.Expression {
    const { start } = this.scanner;
    this.scanner.next();
    if (this.scanner.kind === '}') return { kind: 'Dict', start, end: this.expect('}'), entries: [] };
    const first = this.#parseEntry();
    if (this.scanner.kind === 'for') {
      return this.#parseComprehension({ start, key: first.key, value: first.value, close: '}' });
    }
    const entries = [first];
    while (this.accept(',')) {
      if (this.scanner.kind === '}') break;
      entries.push(this.#parseEntry());
    }
    return { kind: 'Dict', start, end: this.#close('}', start), entries };
  }

  #parseEntry(): ast.DictEntry {
    if (this.scanner.kind === '**') {
      this.faultHere("'**' cannot unpack a dict here in Starlark; join dicts with |");
    }
    const key = this.parseTest();
    if (this.scanner.kind === ',' || this.scanner.kind === '}') {
      this.fault('Starlark has no set literals; write set([a, b])', key);
    }
    if (this.scanner.kind === 'for')
      this.faultHere('Starlark has no set comprehensions; write set([… for … in …])');
    this.expect(':');
    const value = this.parseTest();
    return { start: key.start, end: value.end, key, value };
  }

  #parseComprehension(options: {
    start: number;
    key: ast.Expression | null;
    value: ast.Expression;
    close: ']' | '}';
  }): ast.Comprehension {
    const clauses: ast.Clause[] = [];
    while (this.scanner.kind === 'for' || this.scanner.kind === 'if') clauses.push(this.#parseClause());
    const end = this.#close(options.close, options.start);
    return {
      kind: 'Comprehension',
      start: options.start,
      end,
      key: options.key,
      value: options.value,
      clauses,
    };
  }

  #parseClause(): ast.Clause {
    const { start } = this.scanner;
    if (this.accept('if')) {
      const condition = this.#parseCondition();
      return { kind: 'if', start, end: condition.end, condition };
    }
    this.expect('for');
    const target = this.parseLoopTarget();
    this.expect('in');
    const iterable = this.#parseBinary(1);
    return { kind: 'for', start, end: iterable.end, target, iterable };
  }

  #parseCondition(): ast.Expression {
    return this.is('lambda') ? this.#parseLambda({ isCondition: true }) : this.#parseBinary(1);
  }

  #close(bracket: ')' | ']' | '}', open: number): number {
    if (this.is(token.endOfFile)) this.#refuseUnclosed(open);
    if (this.scanner.kind !== bracket) this.faultExpected(`',' or '${bracket}'`);
    return this.expect(bracket);
  }

  #refuseUnclosed(open: number): never {
    throw new SyntaxFault(`this ${this.scanner.text.charAt(open)} is never closed`, open, open + 1);
  }
}
