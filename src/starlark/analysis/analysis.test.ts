import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnose, scriptNames } from './index.ts';

const options = { predeclared: ['read'], variables: ['query'] };
const cases: [source: string, found: RegExp[]][] = [
  ['return read(q=query)', []],
  ['query = 1\nreturn query', []],
  ['return parallel([lambda: sum([1])])', []],
  ['return nothing', [/undefined: nothing/]],
  ['x = (', [/./]],
  ['break', [/loop/]],
  [`return ${'('.repeat(50_000)}`, [/./]],
];

for (const [source, found] of cases) {
  test(`${JSON.stringify(source.slice(0, 40))} has ${found.length === 0 ? 'nothing' : 'something'} wrong`, () => {
    const diagnostics = diagnose(source, options);
    assert.equal(diagnostics.length, found.length, JSON.stringify(diagnostics.slice(0, 3)));
    found.forEach((pattern, at) => assert.match(diagnostics[at]?.message ?? '', pattern));
  });
}

test('the names that scripts find are those of the language and of code mode', () => {
  for (const name of ['len', 'None', 'json', 'parallel', 'attempt', 'sum', 'set'])
    assert.ok(scriptNames.includes(name), name);
});
