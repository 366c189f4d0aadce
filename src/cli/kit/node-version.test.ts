import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { leastNode, unfitNode } from './node-version.ts';

test('an old Node is told what is expected, in one line', () => {
  for (const version of ['18.20.4', '20.19.0', '22.17.1'])
    assert.match(
      unfitNode(version) ?? '',
      /^vmcp: expected Node 22\.18 or later, found [\d.]+, and none newer on PATH; install one .*\n$/,
    );
  for (const version of ['22.18.0', '22.20.1', '24.0.0', process.versions.node])
    assert.equal(unfitNode(version), undefined);
});

test('the oldest Node is that of package.json', async () => {
  const manifest = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8'));
  assert.equal(manifest.engines.node, `>=${leastNode}`);
});
