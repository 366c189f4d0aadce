import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anyGlob } from './glob.ts';

const cases: readonly [patterns: string[], name: string, fits: boolean][] = [
  [[], 'a', false],
  [['a'], 'a', true],
  [['a'], 'ab', false],
  [['a*'], 'abc', true],
  [['*'], '', true],
  [['*_read'], 'files_read', true],
  [['*_read'], 'files_read_all', false],
  [['a*c*e'], 'abcde', true],
  [['a?c'], 'abc', true],
  [['a?c'], 'ac', false],
  [['a?c'], 'a😀c', true],
  [['a.c'], 'abc', false],
  [['a.*'], 'a.b', true],
  [['[ab]'], 'a', false],
  [['a-(*)\\'], 'a-(b)\\', true],
  [['A*'], 'abc', false],
  [['x', 'b*'], 'bcd', true],
];

for (const [patterns, name, fits] of cases) {
  test(`"${name}" ${fits ? 'fits' : 'does not fit'} ${JSON.stringify(patterns)}`, () => {
    assert.equal(anyGlob(patterns)(name), fits);
  });
}
