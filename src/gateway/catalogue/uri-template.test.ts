import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cpuMs } from '../../../test/support/cpu.ts';
import { couldExpandTo, parseUriTemplate } from './uri-template.ts';

const cases: [template: string, uri: string, fits: boolean][] = [
  ['x://a', 'x://a', true],
  ['x://a', 'x://ab', false],
  ['x://{id}', 'x://7', true],
  ['x://{id}', 'y://7', false],
  ['x://{id}/text', 'x://7/text', true],
  ['x://{id}/text', 'x://7/blob', false],
  ['x://{+path}', 'x://a/b/c?d', true],
  ['x://{a}/and/{b}/end', 'x://1/and/2/end', true],
  ['x://{a}/and/{b}/end', 'x://1/or/2/end', false],
  ['x://{a}aa', 'x://aa', true],
  ['x://aa{b}aa', 'x://aaa', false],
  ['x://{a', 'x://{a', true],
];

for (const [template, uri, fits] of cases) {
  test(`${template} ${fits ? 'can be' : 'cannot be'} ${uri}`, () => {
    assert.equal(couldExpandTo(parseUriTemplate(template), uri), fits);
  });
}

test('a template made to be slow takes no longer than another', () => {
  const template = parseUriTemplate('{+a}x'.repeat(2_000));
  const uri = 'x'.repeat(100_000) + 'y';
  assert.ok(cpuMs(() => assert.equal(couldExpandTo(template, uri), false)) < 2_000);
});
