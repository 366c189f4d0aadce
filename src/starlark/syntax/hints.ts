import type { Expression } from './ast.ts';
import { withoutImport } from './python-modules.ts';
import type { Scanner } from './scanner.ts';
import * as token from './token.ts';

/**
 * What to say instead of "unexpected token" when a script uses a construct that other languages, Python above
 * all, have and Starlark has not. Each message names the construct and says what to write.
 */

const statementHints: ReadonlyMap<string, string> = new Map([
  [
    'try',
    "Starlark has no 'try'; write r = attempt(lambda: f(x)), or attempt(g) for a function g of several lines: " +
      'then r["value"] if r["ok"] else r["error"]',
  ],
  [
    'except',
    'Starlark has no \'except\'; attempt(lambda: …) returns {"ok": False, "error": …} when something fails',
  ],
  ['finally', "Starlark has no 'finally'; call attempt(lambda: …), then do what must be done in any case"],
  ['raise', 'Starlark has no \'raise\'; write fail("message")'],
  ['class', "Starlark has no 'class'; write functions, and keep data in dicts"],
  ['with', "Starlark has no 'with'; there is nothing to close, just call the function"],
  ['assert', 'Starlark has no \'assert\'; write: if not condition: fail("message")'],
  ['del', "Starlark has no 'del'; write d.pop(key) or list.pop(index)"],
  ['global', "Starlark has no 'global'; keep shared state in a dict or a list and change its elements"],
  ['nonlocal', "Starlark has no 'nonlocal'; keep shared state in a dict or a list and change its elements"],
  ['async', "Starlark has no 'async'; calls simply wait, and parallel([…]) runs several at once"],
  ['await', "Starlark has no 'await'; just call the function, the script waits by itself"],
  ['yield', "Starlark has no 'yield' and no generators; build a list and return it"],
  ['@', 'Starlark has no decorators; write name = decorator(name) after the function'],
  ['elif', "this 'elif' belongs to no 'if'; look at its indentation"],
  ['else', "this 'else' belongs to no 'if'; 'for' and 'while' have no 'else' in Starlark"],
]);

const operatorHints: ReadonlyMap<string, string> = new Map([
  ['is', 'Starlark has no \'is\'; write x == None, x != None, or type(x) == "list"'],
  ['**', "Starlark has no '**' operator; write x * x, or math.pow(x, y) for floats"],
  [':=', "Starlark has no ':='; write the assignment on a line of its own"],
  ['->', 'Starlark has no type annotations; leave them out'],
  ['@', "Starlark has no '@' operator"],
  ['&', "Starlark has no '&&'; write 'and'"],
  ['|', "Starlark has no '||'; write 'or'"],
  ['//', 'a comment begins with #'],
  ['/*', 'a comment begins with #'],
  ['++', "Starlark has no '++'; write x += 1"],
  ['--', "Starlark has no '--'; write x -= 1"],
  ['=>', "Starlark has no '=>'; write lambda x: …"],
  ['===', "Starlark has no '==='; write '=='"],
  ['!==', "Starlark has no '!=='; write '!='"],
  ['await', statementHints.get('await')!],
  ['yield', statementHints.get('yield')!],
  ['async', statementHints.get('async')!],
]);

const declarationHints: ReadonlyMap<string, string> = new Map([
  ...['let', 'const', 'var'].map((word) => [word, `Starlark has no '${word}'; write name = value`] as const),
  ['function', "Starlark has no 'function'; write def name(…):"],
  ['func', "Starlark has no 'func'; write def name(…):"],
  ['throw', 'Starlark has no \'throw\'; write fail("message")'],
  ['new', "Starlark has no 'new'; just call the function"],
  ['typeof', "Starlark has no 'typeof'; write type(x)"],
  ['switch', "Starlark has no 'switch'; write if … elif … else"],
  ['match', "Starlark has no 'match'; write if … elif … else"],
  ['case', "Starlark has no 'case'; write elif x == value: and, for the rest, else:"],
]);

/** The hint for a word or sign that cannot begin a statement, if there is one. */
export function statementHint(scanner: Scanner): string | undefined {
  const word = tokenText(scanner);
  if (word === 'import' || word === 'from') {
    const construct = word === 'import' ? 'import' : 'from … import';
    return `Starlark has no '${construct}'; ${withoutImport(scanner.text, scanner.start)}`;
  }
  return statementHints.get(word);
}

/** The hint for a name that another one follows at once, if it is a word by which other languages declare something. */
export function declarationHint(name: string): string | undefined {
  return declarationHints.get(name);
}

/** The hint for a word or sign found where an expression must begin or go on, if there is one. */
export function operatorHint(scanner: Scanner): string | undefined {
  return operatorHints.get(signAround(scanner) ?? tokenText(scanner));
}

/** A sign of other languages of which the current token is a part, or which ended just before it. */
function signAround({ text, start, previousEnd }: Scanner): string | undefined {
  if (text.startsWith('/*', start)) return '/*';
  const before = text.slice(Math.max(0, previousEnd - 2), previousEnd);
  if (before === '++' || before === '--') return before;
  return /(?:=>|[=!]==)$/u.exec(text.slice(Math.max(0, start - 2), start + 1))?.[0];
}

/** The hint for a keyword argument whose name is a word of the language, if the current token begins one. */
export function reservedKeywordHint({ text, start, stop }: Scanner): string | undefined {
  const word = text.slice(start, stop);
  if (!token.isReserved(word) || !/^[ \t]*=[^=]/u.test(text.slice(stop, stop + 100))) return undefined;
  return `'${word}' is a word of the language; give this argument as **{"${word}": …}`;
}

/** What to say of a keyword argument whose name is no name, such as `"from"=1` or `thread-id=1`. */
export function keywordHint(name: Expression, text: string): string {
  if (name.kind === 'Lambda') {
    return 'a lambda cannot assign; write def f(): … on lines of its own, and pass f';
  }
  const written = name.kind === 'String' ? name.value : text.slice(name.start, name.end);
  const hint = /^[\w.:/-]{1,60}$/u.test(written) ? `; give this one as **{"${written}": …}` : '';
  return `a keyword argument must have the form name=value${hint}`;
}

/** The current token in words, for "expected X, found Y". */
export function describeToken(scanner: Scanner): string {
  const text = tokenText(scanner);
  if (scanner.kind === token.identifier) {
    return token.isKept(text) ? `'${text}', a word that Starlark keeps for later` : `name '${text}'`;
  }
  return token.describeKind(scanner.kind);
}

function tokenText(scanner: Scanner): string {
  return scanner.kind === token.identifier ? (scanner.value as string) : scanner.kind;
}

/** An expression in words, for "cannot assign to …". */
export function describeExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'Call':
      return 'the result of a call';
    case 'Int':
    case 'Float':
    case 'String':
    case 'Bytes':
    case 'FString':
      return 'a literal';
    case 'Binary':
    case 'Unary':
      return "the result of an operator; write '==' to compare";
    case 'Slice':
      return 'a slice; build a new list instead';
    default:
      return `a ${expression.kind.toLowerCase()}`;
  }
}
