import type * as ast from './ast.ts';
import type { FStringPiece } from './f-string.ts';
import { SyntaxFault } from './fault.ts';
import { keywordHint, reservedKeywordHint } from './hints.ts';
import type { Scanner } from './scanner.ts';
import * as token from './token.ts';
import { TokenReader } from './token-reader.ts';

/**
 * Reads what operators stand between: literals, names, brackets of every kind, and what follows them (calls, items,
 * attributes). What stands within brackets is an expression again, which the subclass reads.
 */
export abstract class OperandParser extends TokenReader {
  /** Whether generator expressions and set literals are taken, as lists and sets. */
  readonly #python: boolean;

  constructor(scanner: Scanner, options: { readonly python: boolean }, nesting?: number) {
    super(scanner, nesting);
    this.#python = options.python;
  }

  /** One expression, conditional and lambda included. */
  abstract parseTest(): ast.Expression;
  /** One expression, or several with commas between them, which make a tuple. */
  abstract parseExpressions(options?: { inParens: boolean }): ast.Expression;
  /** The variables of a `for`. */
  abstract parseLoopTarget(): ast.Target;
  /** An expression with neither a condition nor a lambda of its own, as after the `in` of a comprehension. */
  protected abstract parseOperators(): ast.Expression;
  /** The condition of a comprehension's `if`. */
  protected abstract parseCondition(): ast.Expression;
  /** The expression of an f-string's field, which is a stretch of the same text. */
  protected abstract parseField(start: number, end: number): ast.Expression;

  protected parsePrimary(): ast.Expression {
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
      args.push(this.#parseArgument(args.length === 0));
      if (!this.accept(',')) break;
    }
    if (this.is(token.endOfFile)) this.#refuseUnclosed(at);
    if (this.scanner.kind !== ')') this.faultExpected("',' or ')' in this call");
    const end = this.expect(')');
    return { kind: 'Call', start: callee.start, end, callee, args, at, argsCall: false };
  }

  /** @param isFirst a generator expression may stand without brackets of its own where it is the only argument */
  #parseArgument(isFirst: boolean): ast.Argument {
    const { start } = this.scanner;
    if (this.accept('*')) return this.#finishArgument('args', start, '');
    if (this.accept('**')) return this.#finishArgument('kwargs', start, '');
    const reserved = reservedKeywordHint(this.scanner);
    if (reserved !== undefined) this.faultHere(reserved);
    const value = this.parseTest();
    if (this.scanner.kind === 'for') {
      if (!this.#python)
        this.faultHere('Starlark has no generator expressions; put [ ] around it to make a list');
      const list = this.#parseClauses(start, null, value);
      if (!isFirst || !this.is(')'))
        this.faultHere('a generator expression beside other arguments stands in brackets; put [ ] around it');
      return { kind: 'positional', start, end: list.end, name: '', value: list };
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
      if (this.scanner.kind === ']') this.refuseTrailingComma();
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
      parts.push({ value: this.parseField(piece.start, piece.end), conversion: piece.conversion, spec });
    }
    return parts;
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
      if (!this.#python)
        this.faultHere('Starlark has no generator expressions; write [ ] instead of ( ) to make a list');
      return this.#parseComprehension({ start, key: null, value: inner, close: ')' });
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
    if (this.#python && !this.is('**')) return this.#parseDictOrSet(start);
    const first = this.#parseEntry();
    return this.#parseDict(start, first);
  }

  /** `{…}` that is not empty, where it may be a set. */
  #parseDictOrSet(start: number): ast.Expression {
    const first = this.parseTest();
    if (this.accept(':')) {
      const value = this.parseTest();
      return this.#parseDict(start, { start: first.start, end: value.end, key: first, value });
    }
    if (this.is('for'))
      return setOf(this.#parseComprehension({ start, key: null, value: first, close: '}' }));
    const items = [first];
    while (this.accept(',')) {
      if (this.is('}')) break;
      items.push(this.parseTest());
    }
    return setOf({ kind: 'List', start, end: this.#close('}', start), items });
  }

  #parseDict(start: number, first: ast.DictEntry): ast.Expression {
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
    close: ']' | '}' | ')';
  }): ast.Comprehension {
    const { start, key, value, close } = options;
    const comprehension = this.#parseClauses(start, key, value);
    return { ...comprehension, end: this.#close(close, start) };
  }

  #parseClauses(start: number, key: ast.Expression | null, value: ast.Expression): ast.Comprehension {
    const clauses: ast.Clause[] = [];
    while (this.scanner.kind === 'for' || this.scanner.kind === 'if') clauses.push(this.#parseClause());
    return { kind: 'Comprehension', start, end: this.scanner.previousEnd, key, value, clauses };
  }

  #parseClause(): ast.Clause {
    const { start } = this.scanner;
    if (this.accept('if')) {
      const condition = this.parseCondition();
      return { kind: 'if', start, end: condition.end, condition };
    }
    this.expect('for');
    const target = this.parseLoopTarget();
    this.expect('in');
    const iterable = this.parseOperators();
    return { kind: 'for', start, end: iterable.end, target, iterable };
  }

  #close(bracket: ')' | ']' | '}', open: number): number {
    if (this.is(token.endOfFile)) this.#refuseUnclosed(open);
    if (this.scanner.kind !== bracket) this.faultExpected(`',' or '${bracket}'`);
    return this.expect(bracket);
  }

  #refuseUnclosed(open: number): never {
    throw new SyntaxFault(`this ${this.scanner.text.charAt(open)} is never closed`, open, open + 1);
  }

  /** Refuses the comma that was just read: only within brackets may the last element have one. */
  protected refuseTrailingComma(): never {
    const { previousEnd } = this.scanner;
    throw new SyntaxFault(
      'unparenthesized tuple with trailing comma; leave out the comma, or write the tuple in parentheses: (x,)',
      previousEnd - 1,
      previousEnd,
    );
  }
}

/** The set of a list's elements: a call of `set`, which the language has in the place of set literals. */
function setOf(list: ast.ListDisplay | ast.Comprehension): ast.Call {
  const { start, end } = list;
  const callee: ast.Name = { kind: 'Name', start, end: start + 1, name: 'set', binding: null };
  const elements: ast.Argument = { kind: 'positional', start, end, name: '', value: list };
  return { kind: 'Call', start, end, callee, args: [elements], at: start, argsCall: false };
}
