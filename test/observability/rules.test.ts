import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { skipWithout } from '../support/counterpart.ts';

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
