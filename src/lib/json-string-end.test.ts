import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endOfJsonString } from './json-string-end.ts';

const cases: [text: string, start: number, end: number][] = [
  ['""', 0, 1],
  ['"a"', 0, 2],
  ['["a","b"]', 5, 7],
  [String.raw`"a\"b"`, 0, 5],
  [String.raw`"a\\"b"`, 0, 4],
  [String.raw`"\\\""`, 0, 5],
  ['"open', 0, 5],
  [String.raw`"open\"`, 0, 7],
];

for (const [text, start, end] of cases) {
  test(`the string at ${start} of ${text} ends at ${end}`, () => {
    assert.equal(endOfJsonString(text, start), end);
  });
}
