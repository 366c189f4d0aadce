import type * as ast from './ast.ts';
import { describeExpression, operatorHint } from './hints.ts';
import { OperandParser } from './operands.ts';
import { SyntaxFault } from './fault.ts';
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

const singletons: ReadonlySet<string> = new Set(['None', 'True', 'False']);
const identityHint = "'is' compares with None, True or False alone; write == for anything else";

/** What the parser has to know of the dialect. */
export interface ParserOptions {
  readonly fStrings: boolean;
  readonly python: boolean;
}

/** Whether evaluating it twice is as good as once: nothing happens between. */
function isPlain({ kind }: ast.Expression): boolean {
  return kind === 'Name' || kind === 'Int' || kind === 'Float' || kind === 'String';
}

/** The rest of a chain of comparisons, behind its first operand. */
interface Comparison {
  readonly operator: ast.BinaryOperator;
  readonly right: ast.Expression;
  readonly at: number;
}

/** Each further comparison is nested within the one before. */
const longestChain = 20;

/**
 * `left < b < c` as `left < b and b < c`. Where evaluating `b` twice would make a difference, it is what
 * `(lambda left, b: left < b and b < c)(left, b)` is.
 */
function chained(left: ast.Expression, [first, ...rest]: readonly Comparison[]): ast.Expression {
  const { operator, right, at } = first!;
  const compare = (x: ast.Expression, y: ast.Expression): ast.Binary => {
    return { kind: 'Binary', start: left.start, end: right.end, operator, left: x, right: y, at };
  };
  if (rest.length === 0) return compare(left, right);
  if (isPlain(right)) return both(compare(left, right), chained({ ...right }, rest));
  const [x, y] = [nameAt('left_', left), nameAt(`right_${rest.length}`, right)];
  const value = both(compare({ ...x }, { ...y }), chained({ ...y }, rest));
  const { start, end } = value;
  const params = [x, y].map((name): ast.Param => {
    return { kind: 'required', start: name.start, end: name.end, name, fallback: null };
  });
  const body: ast.Return = { kind: 'Return', start, end, value, isImplied: false };
  const fn = { start, end, name: 'lambda', params, body: [body], doc: null, scope: null };
  const args = [left, right].map((operand): ast.Argument => {
    return { kind: 'positional', start: operand.start, end: operand.end, name: '', value: operand };
  });
  return { kind: 'Call', start, end, callee: { kind: 'Lambda', start, end, fn }, args, at, argsCall: false };
}

function both(left: ast.Expression, right: ast.Expression): ast.Binary {
  return { kind: 'Binary', start: left.start, end: right.end, operator: 'and', left, right, at: right.start };
}

function nameAt(name: string, { start, end }: ast.Node): ast.Name {
  return { kind: 'Name', start, end, name, binding: null };
}

/** Reads expressions: recursive descent, with precedence climbing for binary operators. */
export class ExpressionParser extends OperandParser {
  readonly #options: ParserOptions;

  constructor(scanner: Scanner, options: ParserOptions, nesting?: number) {
    super(scanner, options, nesting);
    this.#options = options;
  }

  /** One expression, or several with commas between them, which make a tuple. */
  parseExpressions(options: { inParens: boolean } = { inParens: false }): ast.Expression {
    const { start } = this.scanner;
    const first = this.parseTest();
    if (this.scanner.kind !== ',') return first;
    const items = [first];
    while (this.accept(',')) {
      if (options.inParens && this.is(')')) break;
      if (!options.inParens && this.#endsList()) this.refuseTrailingComma();
      items.push(this.parseTest());
    }
    return { kind: 'Tuple', start, end: this.scanner.previousEnd, items };
  }

  /** One expression, conditional and lambda included. */
  parseTest(): ast.Expression {
    this.enter();
    const expression = this.scanner.kind === 'lambda' ? this.#parseLambda() : this.#parseConditional();
    this.leave();
    return expression;
  }

  /** The variables of a `for`: an operand, or several with commas. */
  parseLoopTarget(): ast.Target {
    const { start } = this.scanner;
    const first = this.parsePrimary();
    if (this.scanner.kind !== ',') return this.toTarget(first);
    const items = [first];
    while (this.accept(',')) {
      if (this.is('in')) this.refuseTrailingComma();
      items.push(this.parsePrimary());
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
    const value = options.isCondition ? this.parseCondition() : this.parseTest();
    const body: ast.Return = { kind: 'Return', start: value.start, end: value.end, value, isImplied: false };
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

  protected parseOperators(): ast.Expression {
    this.enter();
    const expression = this.#parseBinary(1);
    this.leave();
    return expression;
  }

  #parseBinary(minPrecedence: number): ast.Expression {
    let left = this.#parseNot(minPrecedence);
    for (;;) {
      const precedence = this.#precedence();
      if (precedence === undefined || precedence < minPrecedence) return left;
      if (precedence === comparisonPrecedence) {
        left = this.#parseComparisons(left);
        continue;
      }
      const at = this.scanner.start;
      const { operator, right } = this.#parseOperation(precedence);
      left = { kind: 'Binary', start: left.start, end: right.end, operator, left, right, at };
    }
  }

  /** `a < b`, and in Python's way `a < b < c`. */
  #parseComparisons(first: ast.Expression): ast.Expression {
    const comparisons: Comparison[] = [];
    do {
      if (comparisons.length > 0 && !this.#options.python)
        this.faultHere("comparisons do not chain in Starlark; write 'a < b and b < c'");
      const at = this.scanner.start;
      comparisons.push({ at, ...this.#parseOperation(comparisonPrecedence) });
    } while (this.#precedence() === comparisonPrecedence);
    if (comparisons.length > longestChain) this.fault('this chain of comparisons is too long', first);
    return chained(first, comparisons);
  }

  #parseOperation(precedence: number): { operator: ast.BinaryOperator; right: ast.Expression } {
    if (this.#isIdentity()) return this.#parseIdentity();
    const operator = this.#readOperator();
    return { operator, right: this.#parseBinary(precedence + 1) };
  }

  #precedence(): number | undefined {
    return this.#isIdentity() ? comparisonPrecedence : precedences.get(this.scanner.kind);
  }

  #isIdentity(): boolean {
    const { kind, value } = this.scanner;
    return this.#options.python && kind === token.identifier && value === 'is';
  }

  /** `is None`, `is not None`; the same with True and False. Nothing else has an identity of its own here. */
  #parseIdentity(): { operator: '==' | '!='; right: ast.Expression } {
    const { start, stop } = this.scanner;
    this.scanner.next();
    const operator = this.accept('not') ? '!=' : '==';
    const right = this.#parseBinary(comparisonPrecedence + 1);
    if (right.kind === 'Name' && singletons.has(right.name)) return { operator, right };
    throw new SyntaxFault(identityHint, start, stop);
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
    this.enter();
    const operand = this.#parseBinary(notPrecedence);
    this.leave();
    return { kind: 'Unary', start, end: operand.end, operator: 'not', operand };
  }

  #parseUnary(): ast.Expression {
    const { kind, start } = this.scanner;
    if (kind !== '-' && kind !== '+' && kind !== '~') return this.parsePrimary();
    this.scanner.next();
    this.enter();
    const operand = this.#parseUnary();
    this.leave();
    return { kind: 'Unary', start, end: operand.end, operator: kind, operand };
  }

  /** Parses the expression of an f-string's field, which is a stretch of the same text. */
  protected parseField(start: number, end: number): ast.Expression {
    const scanner = new Scanner(this.scanner.text, { ...this.#options, within: { start, end } });
    const inner = new ExpressionParser(scanner, this.#options, this.nesting + 1);
    scanner.next();
    const value = inner.parseExpressions();
    if (scanner.kind !== token.endOfFile) inner.faultExpected("'}' after the expression of this field");
    return value;
  }

  protected parseCondition(): ast.Expression {
    if (!this.is('lambda')) return this.parseOperators();
    this.enter();
    const expression = this.#parseLambda({ isCondition: true });
    this.leave();
    return expression;
  }
}
