import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { gapList, passTables, refusalTable, translationTable } from './tables.ts';

const page = new URL('../../../docs/pass-through.md', import.meta.url);
const made: Readonly<Record<string, () => string>> = {
  pairs: passTables,
  gaps: gapList,
  translations: translationTable,
  refusals: refusalTable,
};

test('docs/pass-through.md says what the tests of each pair show', () => {
  const actual = readFileSync(page, 'utf8');
  const marks = [...actual.matchAll(/<!-- made: (\w+) -->/g)].map(([, name]) => name);
  assert.deepEqual(marks, Object.keys(made));
  const expected = actual.replace(
    /(<!-- made: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, open: string, name: string, end: string) => `${open}\n${made[name]?.()}\n\n${end}`,
  );
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(page, expected);
  else assert.equal(actual, expected);
});
