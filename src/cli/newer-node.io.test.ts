import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { findNewerNode, nodeFolders } from './newer-node.ts';

test('the first Node that is new enough is found, past older ones and what is none', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'vmcp-node-'));
  t.after(() => rm(folder, { recursive: true }));
  const programs = {
    old: 'echo v20.20.2',
    broken: 'exit 1',
    odd: 'echo 24',
    fit: 'echo v22.18.0',
    newer: 'echo v24.0.0',
  };
  for (const [name, script] of Object.entries(programs)) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'node'), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, name, 'node'), 0o755);
  }
  const folders = ['', 'none', 'old', 'broken', 'odd', 'fit', 'newer'].map(
    (name) => name && join(folder, name),
  );
  assert.equal(findNewerNode(folders), join(folder, 'fit/node'));
  assert.equal(findNewerNode(folders.slice(0, 5)), undefined);
});

test('the Node that comes with the package is looked for before those of PATH', () => {
  assert.deepEqual(nodeFolders('/p', ['/a', '/b'].join(delimiter)), ['/p/node_modules/.bin', '/a', '/b']);
  assert.deepEqual(nodeFolders('/p', undefined), ['/p/node_modules/.bin']);
});
