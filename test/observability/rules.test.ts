import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { skipWithout } from '../support/counterpart.ts';
import { readRuleGroups } from '../support/recording-rules.ts';

const folder = join(import.meta.dirname, '../../observability/rules');

function promtool(...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: folder, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

describe('the recording rules', { skip: skipWithout('promtool') }, () => {
  const files = readdirSync(folder);

  for (const file of files.filter((name) => name.endsWith('.rules.yaml'))) {
    test(`promtool finds no fault with ${file}`, () => {
      const { status, output } = promtool('check', 'rules', file);
      assert.equal(status, 0, output);
    });
  }

  for (const file of files.filter((name) => name.endsWith('.test.yaml'))) {
    test(`each situation in ${file} comes out as written`, () => {
      const { status, output } = promtool('test', 'rules', file);
      assert.equal(status, 0, output);
    });
  }
});

describe('groups of recording rules', () => {
  test('none lets its series go absent between two evaluations, unless they are only read over windows', () => {
    const groups = readRuleGroups();
    const rare = groups.filter(({ interval }) => !['1m', '2m'].includes(interval));
    assert.deepEqual(
      rare.map(({ name, interval }) => `${name} ${interval}`),
      ['code-mode-hours 1h'],
    );
    const expressions = groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)).join('\n');
    for (const { record } of rare.flatMap(({ rules }) => rules)) {
      assert.doesNotMatch(expressions, new RegExp(`${record}(?![\\w[])`), `${record} is read over a window`);
    }
  });
});
