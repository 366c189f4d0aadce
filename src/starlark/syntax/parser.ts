import type { Diagnostic } from '../errors.ts';
import { elementsPerCharacter, finish, type Steps } from '../steps.ts';
import type * as ast from './ast.ts';
import { ExpressionParser, type ParserOptions } from './expressions.ts';
import { SyntaxFault } from './fault.ts';
import { declarationHint, statementHint } from './hints.ts';
import { Scanner } from './scanner.ts';
import type { Source } from './source.ts';
import * as token from './token.ts';

/** Reading goes on after a syntax error, on the next line; after this many it stops. */
const maxDiagnostics = 10;

export interface Parsed {
  readonly file: ast.File;
  readonly diagnostics: Diagnostic[];
  /** Statements that the file lacks, since they could not be read. */
  readonly unread: readonly ast.Node[];
}

/**
 * Reads a file by grammar.txt. The result is meaningful only when there are no diagnostics.
 * The parser accepts more than the language: what depends on names, scopes or options is the resolver's to refuse.
 */
export function parse(source: Source, options: ParserOptions): Parsed {
  return finish(parseInSteps(source, options));
}

/** As {@link parse}, in steps of a few statements. */
export function* parseInSteps(source: Source, options: ParserOptions): Steps<Parsed> {
  const parser = new StatementParser(source, options);
  const file = yield* parser.parseFile();
  return { file, diagnostics: parser.diagnostics, unread: parser.unread };
}

/** The fewest characters that are a step. */
const stepLength = 256;

/** The words that begin a statement with a block. */
const compound: ReadonlySet<string> = new Set(['def', 'if', 'for', 'while']);

const augmented: ReadonlySet<string> = new Set('+= -= *= /= //= %= &= |= ^= <<= >>='.split(' '));

class StatementParser extends ExpressionParser {
  readonly diagnostics: Diagnostic[] = [];
  readonly unread: ast.Node[] = [];
  readonly #source: Source;
  /** Whether the value of a last expression is that of the file. */
  readonly #givesLast: boolean;
  #depth = 0;
  #strayBlocks = 0;
  #afterFault = false;
  /** Where the last step ended. */
  #told = 0;
  /** Where `try` stood in lines that were refused for it: how far they were indented. */
  readonly #tries = new Set<string>();

  constructor(source: Source, options: ParserOptions) {
    super(new Scanner(source.text, options), options);
    this.#source = source;
    this.#givesLast = options.python;
  }

  *parseFile(): Steps<ast.File> {
    const body: ast.Statement[] = [];
    this.#begin();
    while (this.scanner.kind !== token.endOfFile && this.diagnostics.length < maxDiagnostics) {
      if (compound.has(this.scanner.kind)) yield* this.#parseCompoundInto(body);
      else this.#parseLineInto(body);
      if (this.#isStepDue()) yield this.#endStep();
    }
    const end = this.#source.text.length;
    if (this.scanner.kind !== token.endOfFile) this.unread.push({ start: this.scanner.start, end });
    if (this.#givesLast) body.push(...impliedReturn(body.pop()));
    return { start: 0, end, body };
  }

  #begin(): void {
    try {
      this.scanner.next();
    } catch (error) {
      this.#recover(error, this.#depth, 0);
    }
  }

  /** Reads one line that begins no block; a syntax error in it is noted, and reading goes on with the next line. */
  #parseLineInto(body: ast.Statement[]): void {
    const depth = this.#depth;
    const { kind, start } = this.scanner;
    try {
      if (kind === token.newline) this.scanner.next();
      else if (kind === token.outdent) this.#endStrayBlock();
      else if (kind === token.indent) this.#beginStrayBlock();
      else this.#parseSimpleLine(body);
      if (kind !== token.newline) this.#afterFault = false;
    } catch (error) {
      this.#recover(error, depth, start);
    }
  }

  /** As {@link #parseLineInto}, for a statement with a block. */
  *#parseCompoundInto(body: ast.Statement[]): Steps<void> {
    const depth = this.#depth;
    const { start } = this.scanner;
    try {
      body.push(yield* this.#parseCompound());
      this.#afterFault = false;
    } catch (error) {
      this.#recover(error, depth, start);
    }
  }

  #isStepDue(): boolean {
    return this.scanner.start - this.#told >= stepLength;
  }

  /** @returns how much has been done in this step */
  #endStep(): number {
    const read = this.scanner.start - this.#told;
    this.#told = this.scanner.start;
    return elementsPerCharacter * read;
  }

  /** A block that no statement begins. After a statement that was refused it is read like any other. */
  #beginStrayBlock(): void {
    const { start, stop } = this.scanner;
    this.#strayBlocks++;
    this.scanner.next();
    const lineStart = this.#source.text.lastIndexOf('\n', start - 1) + 1;
    if (this.#afterFault) return;
    throw new SyntaxFault('this line is indented, but begins no block', lineStart, stop);
  }

  #endStrayBlock(): void {
    this.#strayBlocks = Math.max(0, this.#strayBlocks - 1);
    this.scanner.next();
  }

  /** After a syntax error: notes it, and goes on after its line. */
  #recover(error: unknown, depth: number, start: number): void {
    if (!(error instanceof SyntaxFault)) throw error;
    this.#depth = depth;
    this.#afterFault = true;
    this.#note(error);
    this.resetNesting();
    this.scanner.skipLine();
    this.unread.push({ start, end: this.scanner.start });
  }

  #note(fault: SyntaxFault): void {
    if (this.#isPartOfTry(fault)) return;
    const found = this.#source.diagnostic('syntax', fault.message, fault.start, fault.end);
    const previous = this.diagnostics.at(-1);
    if (previous?.span.line !== found.span.line) this.diagnostics.push(found);
  }

  /** `except` and its kin say nothing new after the `try` that they belong to. */
  #isPartOfTry({ start }: SyntaxFault): boolean {
    const { text } = this.#source;
    const indent = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
    const word = /^(?:try|except|finally|else)\b/.exec(text.slice(start, start + 8))?.[0];
    if (word === undefined || indent.trim() !== '') return false;
    if (word !== 'try') return this.#tries.has(indent);
    this.#tries.add(indent);
    return false;
  }

  #parseCompound(): Steps<ast.Statement> {
    switch (this.scanner.kind) {
      case 'def':
        return this.#parseDef();
      case 'if':
        return this.#parseIf();
      case 'for':
        return this.#parseFor();
      default:
        return this.#parseWhile();
    }
  }

  *#parseDef(): Steps<ast.Def> {
    const { start } = this.scanner;
    this.scanner.next();
    const name = this.parseName("the function's name");
    this.expect('(');
    const params = this.parseParams(')');
    if (this.scanner.kind !== ')') this.faultExpected("',' or ')' in these parameters");
    this.expect(')');
    const body = yield* this.#parseBlock();
    const { end } = body.at(-1) ?? name;
    const fn = { start, end, name: name.name, params, body, doc: docOf(body), scope: null };
    return { kind: 'Def', start, end, name, fn };
  }

  *#parseIf(): Steps<ast.If> {
    const branches: Pick<ast.If, 'start' | 'condition' | 'then'>[] = [];
    do {
      const { start } = this.scanner;
      this.scanner.next();
      const condition = this.parseTest();
      branches.push({ start, condition, then: yield* this.#parseBlock() });
    } while (this.scanner.kind === 'elif');
    const last = yield* this.#parseElse();
    return branches.reduceRight<readonly ast.Statement[]>((otherwise, { start, condition, then }) => {
      const { end } = otherwise.at(-1) ?? then.at(-1) ?? condition;
      return [{ kind: 'If', start, end, condition, then, otherwise }];
    }, last)[0] as ast.If;
  }

  *#parseElse(): Steps<readonly ast.Statement[]> {
    if (!this.accept('else')) return [];
    if (this.scanner.kind === 'if') this.faultHere("write 'elif' instead of 'else if'");
    return yield* this.#parseBlock();
  }

  *#parseFor(): Steps<ast.For> {
    const { start } = this.scanner;
    this.scanner.next();
    const target = this.parseLoopTarget();
    this.expect('in');
    const iterable = this.parseExpressions();
    const body = yield* this.#parseBlock();
    return { kind: 'For', start, end: (body.at(-1) ?? iterable).end, target, iterable, body };
  }

  *#parseWhile(): Steps<ast.While> {
    const { start } = this.scanner;
    this.scanner.next();
    const condition = this.parseTest();
    const body = yield* this.#parseBlock();
    return { kind: 'While', start, end: (body.at(-1) ?? condition).end, condition, body };
  }

  /** `:` and then either simple statements on the same line, or an indented block. */
  *#parseBlock(): Steps<readonly ast.Statement[]> {
    if (this.scanner.kind === '->')
      this.faultHere('Starlark has no type annotations; leave out the -> and the type');
    if (this.scanner.kind === '=') this.faultHere("write '==' to compare");
    if (this.scanner.kind === '{')
      this.faultHere("a block begins with ':' instead of '{', and its lines are indented");
    this.expect(':');
    if (++this.#depth > 100) this.faultHere('blocks are nested too deeply');
    const body: ast.Statement[] = [];
    if (this.accept(token.newline)) yield* this.#parseIndented(body);
    else this.#parseSimpleLine(body);
    this.#depth--;
    return body;
  }

  *#parseIndented(body: ast.Statement[]): Steps<void> {
    if (!this.is(token.indent))
      this.faultHere('an indented block must follow the colon; write pass for an empty one');
    this.scanner.next();
    while (
      (this.scanner.kind !== token.outdent || this.#strayBlocks > 0) &&
      this.scanner.kind !== token.endOfFile
    ) {
      if (this.diagnostics.length >= maxDiagnostics) return;
      if (compound.has(this.scanner.kind)) yield* this.#parseCompoundInto(body);
      else this.#parseLineInto(body);
      if (this.#isStepDue()) yield this.#endStep();
    }
    this.accept(token.outdent);
  }

  /** Simple statements with semicolons between them, and the end of the line. */
  #parseSimpleLine(body: ast.Statement[]): void {
    for (;;) {
      body.push(this.#parseSimple());
      if (!this.accept(';')) break;
      if (this.scanner.kind === token.newline) break;
    }
    if (this.scanner.kind === token.endOfFile) return;
    if (this.scanner.kind !== token.newline) this.#refuseRest(body.at(-1)!);
    this.scanner.next();
  }

  #refuseRest(before: ast.Statement): never {
    if (before.kind === 'Assign' && this.scanner.kind === '=') {
      this.faultHere('one assignment at a time: a = b = c is two statements in Starlark');
    }
    if (before.kind === 'Expression' && this.scanner.kind === ':') {
      this.faultHere('Starlark has no type annotations; leave out the colon and the type');
    }
    const value = 'value' in before ? before.value : null;
    if (value?.kind === 'Name') {
      const hint = declarationHint(value.name);
      if (hint !== undefined) this.fault(hint, value);
      const isCalled = before.kind === 'Expression' && this.is(token.stringLiteral);
      if (isCalled) this.faultHere(`a call needs parentheses; write ${value.name}(…)`);
    }
    return this.faultExpected('the end of the line');
  }

  #parseSimple(): ast.Statement {
    const { scanner } = this;
    const { start, stop: end, kind } = scanner;
    switch (kind) {
      case 'return':
        return this.#parseReturn();
      case 'load':
        return this.#parseLoad();
      case 'break':
      case 'continue':
      case 'pass':
        scanner.next();
        return { kind: 'Jump', start, end, word: kind };
      default:
        return this.#parseExpressionStatement();
    }
  }

  #parseReturn(): ast.Return {
    const { start, stop } = this.scanner;
    this.scanner.next();
    const { kind } = this.scanner;
    if (kind === token.newline || kind === token.endOfFile || kind === ';') {
      return { kind: 'Return', start, end: stop, value: null, isImplied: false };
    }
    const value = this.parseExpressions();
    return { kind: 'Return', start, end: value.end, value, isImplied: false };
  }

  #parseExpressionStatement(): ast.Statement {
    const hint = statementHint(this.scanner);
    if (hint !== undefined) this.faultHere(hint);
    const value = this.parseExpressions();
    const { kind, start: at } = this.scanner;
    if (kind !== '=' && !augmented.has(kind)) {
      return { kind: 'Expression', start: value.start, end: value.end, value };
    }
    const target = this.toTarget(value);
    const operator = kind === '=' ? null : (kind.slice(0, -1) as ast.ArithmeticOperator);
    if (operator !== null && (target.kind === 'Tuple' || target.kind === 'List')) {
      this.fault(`${kind} cannot assign to several variables at once`, target);
    }
    this.scanner.next();
    const right = this.parseExpressions();
    return { kind: 'Assign', start: value.start, end: right.end, operator, target, value: right, at };
  }

  #parseLoad(): ast.Load {
    const { start } = this.scanner;
    this.scanner.next();
    this.expect('(');
    const module = this.#parseLoadString("the module's name, a string");
    const items: ast.LoadItem[] = [];
    while (this.accept(',')) {
      if (this.scanner.kind === ')') break;
      items.push(this.#parseLoadItem());
    }
    if (items.length === 0) this.faultHere('load needs at least one name to bind');
    const end = this.expect(')');
    return { kind: 'Load', start, end, module, items };
  }

  #parseLoadItem(): ast.LoadItem {
    const { start, stop, kind } = this.scanner;
    if (kind === token.stringLiteral) {
      const original = this.#parseLoadString('a name');
      if (!token.isIdentifier(original) || token.isReserved(original)) {
        throw new SyntaxFault(`${JSON.stringify(original)} is no name that load could bind`, start, stop);
      }
      const name: ast.Name = { kind: 'Name', start, end: stop, name: original, binding: null };
      return { start, end: stop, name, original };
    }
    const name = this.parseName('a name or a string');
    this.expect('=');
    const { stop: end } = this.scanner;
    return { start, end, name, original: this.#parseLoadString("the loaded variable's name, a string") };
  }

  #parseLoadString(what: string): string {
    if (this.scanner.kind !== token.stringLiteral) this.faultExpected(what);
    const value = this.scanner.value as string;
    this.scanner.next();
    return value;
  }
}

function docOf(body: readonly ast.Statement[]): string | null {
  const first = body[0];
  return first?.kind === 'Expression' && first.value.kind === 'String' ? first.value.value : null;
}

/** The last statement: a `return` of its value where it is an expression. */
function impliedReturn(last: ast.Statement | undefined): readonly ast.Statement[] {
  if (last?.kind !== 'Expression') return last === undefined ? [] : [last];
  const { start, end, value } = last;
  return [{ kind: 'Return', start, end, value, isImplied: true }];
}
