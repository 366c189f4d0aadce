import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { WriteError } from './destination.ts';
import { FileDestination, type FileOptions } from './file-destination.ts';

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vmcp-audit-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function openIn(t: TestContext, options: Partial<FileOptions> = {}) {
  const folder = await folderOf(t);
  const path = join(folder, 'audit.log');
  const troubles: string[] = [];
  const onTrouble = (message: string): void => void troubles.push(message);
  const file = await FileDestination.open({ path, maxBytes: 20, maxFiles: 2, onTrouble, ...options });
  t.after(() => file.close());
  const text = (name = 'audit.log'): Promise<string> => readFile(join(folder, name), 'utf8');
  return { file, path, folder, troubles, text };
}

test('a file is made for its owner alone, and lines are added at its end', async (t) => {
  const { file, path, text } = await openIn(t);
  await file.write(['one\n', 'two\n']);
  await file.write(['three\n']);
  assert.equal(await text(), 'one\ntwo\nthree\n');
  assert.equal((await stat(path)).mode & 0o777, 0o600);
});

test('a file that would grow too large is rotated first, and the oldest is dropped', async (t) => {
  const { file, folder, text } = await openIn(t);
  for (let n = 1; n <= 4; n++) await file.write([`record number ${n}\n`]);
  assert.deepEqual((await readdir(folder)).toSorted(), ['audit.log', 'audit.log.1', 'audit.log.2']);
  assert.equal(await text(), 'record number 4\n');
  assert.equal(await text('audit.log.1'), 'record number 3\n');
  assert.equal(await text('audit.log.2'), 'record number 2\n');
  assert.equal((await stat(join(folder, 'audit.log'))).mode & 0o777, 0o600);
});

test('what a file held before counts for its size', async (t) => {
  const { file, path, folder } = await openIn(t);
  await file.write(['record number 1\n']);
  const again = await FileDestination.open({ path, maxBytes: 20, maxFiles: 2, onTrouble: assert.fail });
  t.after(() => again.close());
  await again.write(['record number 2\n']);
  assert.equal((await readdir(folder)).length, 2);
});

test('a file that cannot be rotated is written on, and that is told', async (t) => {
  const { file, folder, troubles } = await openIn(t);
  await file.write(['record number 1\n']);
  await rm(folder, { recursive: true });
  await file.write(['record number 2\n']);
  assert.match(troubles.join(), /cannot be rotated: .*its folder does not exist/);
});

test('a disk that is full tells how many lines were written', async (t) => {
  const file = await FileDestination.open({
    path: '/dev/full',
    maxBytes: 1_000,
    maxFiles: 1,
    onTrouble: assert.fail,
  });
  t.after(() => file.close());
  await assert.rejects(file.write(['a\n']), (error) => error instanceof WriteError && error.written === 0);
  await assert.rejects(file.write(['a\n']), /the disk is full/);
});
