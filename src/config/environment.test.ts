import assert from 'node:assert/strict';
import { test } from 'node:test';
import { substitute } from './environment.ts';

test('a variable that is not set, or is empty, has the default that the text gives it', () => {
  const environment = { A: 'set', B: '' };
  for (const [text, expected] of [
    ['${A:-x}', 'set'],
    ['${B:-y}', 'y'],
    ['${C:-z}', 'z'],
    ['${C:-}', ''],
    ['${C:-http://h:1/p?q=-:-}', 'http://h:1/p?q=-:-'],
    ['${C:-two\nlines}', 'two\nlines'],
    ['${C:-${A}}', '${A}'],
    ['$${C:-l}', '${C:-l}'],
  ] as const)
    assert.deepEqual([text, substitute(text, environment).text], [text, expected]);
});

test('only the variables whose values were put in are told', () => {
  const { used, faults } = substitute('${A:-x} ${B:-y} ${C:-z} ${D}', { A: 'set', B: '' });
  assert.deepEqual(used, ['A']);
  assert.deepEqual(faults, ['the environment variable D is not set']);
});

test('what is no name with a default is a fault', () => {
  for (const text of ['${A-x}', '${:-x}', '${A:x}', '${1:-x}', '${A:-x'])
    assert.equal(substitute(text, { A: '' }).faults.length, 1, text);
});
