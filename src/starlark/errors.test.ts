import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compile, scriptOptions, StarlarkError } from './index.ts';

function report(text: string): string[] {
  try {
    compile(text, { filename: 'test.star', fileOptions: scriptOptions, predeclared: [] });
  } catch (error) {
    assert.ok(error instanceof StarlarkError);
    return error.format().split('\n');
  }
  throw new assert.AssertionError({ message: 'the program is right' });
}

/** What the carets stand under. */
function marked([, line = '', carets = '']: string[]): string {
  const from = carets.indexOf('^');
  return line.slice(from, carets.length);
}

describe('the line that an error shows', () => {
  test('is whole where it is short', () => {
    assert.deepEqual(report('x = [1, nowhere]'), [
      'test.star:1:9: undefined: nowhere',
      '    x = [1, nowhere]',
      '            ^^^^^^^',
    ]);
  });

  const many = '1, '.repeat(3000);
  const cases: [string, string, number][] = [
    ['in the middle', `x = [${many}nowhere, ${many}]`, 206],
    ['at the end', `x = [${many}nowhere]`, 100],
    ['at the beginning', `x = [nowhere, ${many}]`, 206],
    ['between characters of two units', `x = ["${'😿'.repeat(500)}", nowhere, "${'😿'.repeat(500)}"]`, 206],
    ['behind tabs', `\tx = [${many}nowhere]`.trimStart().replace('= ', '=\t'), 100],
  ];
  for (const [title, text, longest] of cases) {
    test(`is shown in part where it is long and the error is ${title}`, () => {
      const lines = report(text);
      assert.equal(marked(lines), 'nowhere');
      assert.match(lines[1] ?? '', /…/u);
      assert.doesNotMatch(lines[1] ?? '', /\p{Cs}/u);
      assert.ok((lines[1] ?? '').length <= longest, `${lines[1]?.length}`);
    });
  }

  test('has no more carets than it shows of what is wrong', () => {
    const lines = report(`x = 1\n1 + 1 + ${'2 + '.repeat(500)}3 = x`);
    assert.match(lines[1] ?? '', /^ {4}1 \+ 1 \+ .*…$/u);
    assert.equal(lines[2]?.length, (lines[1] ?? '').length - 1);
  });
});
