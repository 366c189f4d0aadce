import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callAround, readSignature } from './complete.ts';

const cases: [text: string, name: string | undefined][] = [
  ['read(', 'read'],
  ['read(path="x", ', 'read'],
  ['read(list(a, b), ', 'read'],
  ['read(list(a', 'list'],
  ['read(x)', undefined],
  ['[a, ', undefined],
  ['(', undefined],
];
for (const [text, name] of cases) {
  test(`the call around the end of ${JSON.stringify(text)} is ${name ?? 'none'}`, () => {
    assert.equal(callAround(text), name);
  });
}

test('a signature is read by its name, and a text without one is none', () => {
  assert.equal(readSignature('read(path: str) -> str', '', ['path'])?.name, 'read');
  assert.equal(readSignature('', '', []), undefined);
});
