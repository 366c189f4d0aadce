import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { one, problems } from '../../../test/support/configurations.ts';

describe('the block codeMode', () => {
  const cases: readonly [block: string, says: RegExp[]][] = [
    ['{enabled: true}', []],
    ['{enabled: true, mode: enforced, listed: [a, "b_*"]}', []],
    [
      '{mode: default}',
      [/expected no mode while code mode is off, or "enabled: true" beside it, found "default"/u],
    ],
    ['{enabled: false, mode: alongside}', [/expected no mode while code mode is off/u]],
    ['{enabled: true, mode: enforce}', [/found "enforce"\. Did you mean "enforced"\?/u]],
    ['{enabled: true, listed: [""]}', [/expected some text, found none/u]],
  ];
  for (const [block, says] of cases) {
    test(`${block} ${says.length === 0 ? 'is sound' : 'is an error with its reason'}`, () => {
      const found = problems(`name: d\n${one}\ncodeMode: ${block}`);
      assert.equal(found.length, says.length, found.join('\n'));
      for (const [index, pattern] of says.entries()) assert.match(found[index]!, pattern);
    });
  }
});
