import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { one, problems } from '../../../test/support/configurations.ts';
import { codeModeFeature } from './declaration.ts';
import { defaultLimits, defaultMode } from './defaults.ts';

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

test('an empty block has the defaults, as exactly as an owner that says nothing', () => {
  const { enabled, mode, listed, tools, approval, ...limits } = codeModeFeature.schema.parse({});
  assert.deepEqual({ enabled, mode, listed }, { enabled: false, mode: defaultMode, listed: [] });
  assert.deepEqual({ tools, approval }, { tools: [], approval: 'never' });
  const { maxDescriptionBytes: _, ...scriptLimits } = limits;
  assert.deepEqual(scriptLimits, defaultLimits);
});
