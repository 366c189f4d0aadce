import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Printed } from './printed.ts';

function print(maxBytes: number, lines: readonly string[]): string {
  const printed = new Printed(maxBytes);
  for (const line of lines) printed.add(line);
  return printed.text();
}

describe('what a script prints', () => {
  test('is whole within the limit', () => {
    assert.equal(print(8, ['abc', 'def']), 'abc\ndef');
    assert.equal(print(8, []), '');
  });

  test('shows the start of the line that does not fit, and says how much of it is missing', () => {
    assert.equal(
      print(100, ['x'.repeat(250)]),
      `${'x'.repeat(100)}<cut: 150 more characters of this line left out; print less>`,
    );
  });

  test('counts the lines after it', () => {
    assert.equal(
      print(100, ['a'.repeat(49), 'b'.repeat(60), 'c', 'd']),
      `${'a'.repeat(49)}\n${'b'.repeat(50)}<cut: 10 more characters of this line and 2 more lines left out; print less>`,
    );
  });

  test('leaves a line out where hardly any of it would fit', () => {
    assert.equal(print(10, ['abc', 'defghijk']), 'abc\n<cut: 1 more line left out; print less>');
    assert.equal(print(10, ['abc', 'defghijk', '', 'x']), 'abc\n<cut: 3 more lines left out; print less>');
  });

  test('does not part a character', () => {
    for (let maxBytes = 96; maxBytes < 104; maxBytes++) {
      const [part] = print(maxBytes, ['😿'.repeat(100)]).split('<cut');
      assert.match(part ?? '', /^(?:😿){23,26}$/u);
    }
  });
});
