import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from './index.ts';

const cases: [string, string[], string | undefined][] = [
  ['fin', ['find', 'index', 'join'], 'find'],
  ['starts_with', ['endswith', 'startswith'], 'startswith'],
  ['StartsWith', ['startswith'], 'startswith'],
  ['titel', ['title', 'body'], 'title'],
  ['uper', ['lower', 'upper'], 'upper'],
  ['xyz', ['find', 'index'], undefined],
  ['q', ['a', 'b'], undefined],
  ['', ['a'], undefined],
  ['github_issues', ['github_pulls', 'github_list_issues'], 'github_list_issues'],
  ['abcdefghijklmnopqrstuvwxyz', ['abcdefghijklmnopqrst'], undefined],
  ['abcdefghijklmnopqrstuvwxyz', ['abcdefghijklmnopqrstu'], 'abcdefghijklmnopqrstu'],
  ['badcfe_hello', ['abcdef_hello'], 'abcdef_hello'],
  ['x'.repeat(61), ['x'.repeat(61)], undefined],
];
for (const [word, candidates, expected] of cases) {
  test(`of ${candidates.join(', ')} the one meant by “${word}” is ${expected ?? 'none'}`, () => {
    assert.equal(nearest(word, candidates), expected);
  });
}
