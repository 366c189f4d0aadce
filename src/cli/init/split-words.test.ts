import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitWords } from './split-words.ts';

test('a command line is split as a shell does it', () => {
  const cases: [line: string, words: string[]][] = [
    ['', []],
    ['  -y   foo\tbar\n', ['-y', 'foo', 'bar']],
    [`--name "two words" 'it''s' a\\ b`, ['--name', 'two words', 'its', 'a b']],
    ['--json={"a":\\ 1}', ['--json={a: 1}']],
    [`--path="C:\\Program Files" ''`, ['--path=C:\\Program Files', '']],
    ['"say \\"hi\\""', ['say "hi"']],
  ];
  for (const [line, words] of cases) assert.deepEqual(splitWords(line), words, line);
});
