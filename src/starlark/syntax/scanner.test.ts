import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SyntaxFault } from './fault.ts';
import { Scanner } from './scanner.ts';
import * as token from './token.ts';

/** The tokens of a text: kinds as in messages, literals and names as `kind value`; the last line's end is left out. */
function scan(text: string): string[] {
  const scanner = new Scanner(text, { fStrings: true });
  const found: string[] = [];
  const valued: ReadonlySet<string> = new Set([token.identifier, token.intLiteral, token.floatLiteral]);
  for (scanner.next(); scanner.kind !== token.endOfFile; scanner.next()) {
    const { kind, value } = scanner;
    if (kind === token.stringLiteral) found.push(JSON.stringify(value));
    else if (kind === token.bytesLiteral) found.push(`bytes ${String(value)}`);
    else found.push(valued.has(kind) ? String(value) : kind.replace('@', ''));
  }
  return found.at(-1) === 'end of line' ? found.slice(0, -1) : found;
}

describe('the scanner', () => {
  const cases: [string, string, string[]][] = [
    ['takes the longest sign', 'a<<=b//=c!=d', ['a', '<<=', 'b', '//=', 'c', '!=', 'd']],
    ['tells keywords from names', 'or orb for fort', ['or', 'orb', 'for', 'fort']],
    ['takes letters of any alphabet into names', 'é_1', ['é_1']],
    ['leaves out comments and lines without code', '# note\n\na # b\n  # c\nd', ['a', 'end of line', 'd']],
    ['ignores line breaks in brackets', '(a\n  [b\n])', ['(', 'a', '[', 'b', ']', ')']],
    ['joins a line that ends in a backslash', 'a\\\nb', ['a', 'b']],
    ['takes a carriage return and a line feed as one line break', 'x\r\ny', ['x', 'end of line', 'y']],
    ['skips a byte order mark', '\ufeffx', ['x']],
    ['reads ints in every base', '0x1F 0o17 0b11 0 00', ['31', '15', '3', '0', '0']],
    ['reads ints beyond 2^53 exactly', '9007199254740993', ['9007199254740993']],
    ['reads floats', '1.5 1e3 .5 2.', ['1.5', '1000', '0.5', '2']],
    ['reads escapes, but not in raw strings', '"a\\n" r"a\\n"', ['"a\\n"', '"a\\\\n"']],
    ['reads strings of several lines', '"""a\nb"""', ['"a\\nb"']],
    ['reads bytes', 'b"a\\xff"', ['bytes 97,255']],
    [
      'ends every block that a line leaves',
      'if a:\n  if b:\n    c\nd',
      [
        ...[
          'if',
          'a',
          ':',
          'end of line',
          'indent',
          'if',
          'b',
          ':',
          'end of line',
          'indent',
          'c',
          'end of line',
        ],
        ...['unindent', 'unindent', 'd'],
      ],
    ],
    [
      'lets comments stand at any depth',
      'if a:\n  b\n# c\n\n  d',
      ['if', 'a', ':', 'end of line', 'indent', 'b', 'end of line', 'd', 'end of line', 'unindent'],
    ],
  ];
  for (const [what, text, expected] of cases) test(what, () => assert.deepEqual(scan(text), expected));

  const faults: [string, string, RegExp][] = [
    ['a line between two depths', 'if a:\n    b\n  c', /matches no outer one/],
    ['a string that no quote ends', '"abc', /./],
    ['an escape that is none', '"\\d"', /./],
    ['an int with a leading zero', '0755', /use 0o755/],
    ['a base without digits', '0x', /digits must follow/],
    ['underscores in a number', '1_000', /no underscores/],
    ['a float beyond all floats', '1e999', /too large/],
    ['an int of more digits than anybody writes', '9'.repeat(100_001), /100001 digits is too long/],
    ['a character that means nothing', 'a $ b', /./],
  ];
  for (const [what, text, message] of faults) {
    test(`refuses ${what}`, () => {
      assert.throws(
        () => scan(text),
        (error: unknown) => error instanceof SyntaxFault && message.test(error.message),
      );
    });
  }

  test('gives offsets in the whole text when it reads a stretch of it', () => {
    const scanner = new Scanner('abc def', { fStrings: false, within: { start: 4, end: 7 } });
    scanner.next();
    assert.deepEqual([scanner.value, scanner.start, scanner.stop], ['def', 4, 7]);
  });
});
