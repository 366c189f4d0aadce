import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';

const root = resolve(import.meta.dirname, '..');

test('each promise of docs/security.md names a test that there is', () => {
  const page = readFileSync(join(root, 'docs/security.md'), 'utf8');
  const rows = page.split('\n').filter((line) => /^\| [A-Z]/.test(line));
  assert.ok(rows.length > 10, `${rows.length} promises`);
  for (const row of rows) {
    const named = [...row.matchAll(/`((?:src|test)\/[^`]+\.test\.ts)`/g)].map(([, file]) => file ?? '');
    assert.ok(named.length > 0, `no test: ${row}`);
    for (const file of named) assert.ok(existsSync(join(root, file)), `${file} does not exist`);
  }
});
