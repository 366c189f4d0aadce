import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { whyNotRead, whyNotWritten } from './file-fault.ts';

test('what the system says of a file becomes words', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'vmcp-file-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'file');
  await writeFile(file, '');
  await symlink('loop', join(folder, 'loop'));
  const faultOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => assert.fail('it was done'),
      (error: unknown) => error,
    );
  const read = async (path: string): Promise<string> => whyNotRead(await faultOf(readFile(path)));
  assert.equal(await read(join(folder, 'none')), 'no such file');
  assert.equal(await read(join(file, 'below')), 'no such file: a part of its path is not a folder');
  assert.equal(await read(folder), 'expected a file, found a folder');
  assert.equal(await read(join(folder, 'loop')), 'its symbolic links lead in a circle');
  const write = async (path: string): Promise<string> =>
    whyNotWritten(await faultOf(writeFile(path, '', { flag: 'wx' })));
  assert.equal(await write(file), 'it exists already and is left as it is');
  assert.equal(await write(join(folder, 'none/x')), 'cannot be written: its folder does not exist');
  assert.equal(whyNotWritten(await faultOf(writeFile(folder, ''))), 'cannot be written: it is a folder');
});

test('what has no words keeps those of the system', () => {
  assert.equal(whyNotRead(new Error('EMFILE: too many')), 'cannot be read: EMFILE: too many');
  assert.equal(whyNotRead(Object.assign(new Error('x'), { code: 'EACCES' })), 'permission denied');
  assert.equal(whyNotWritten('odd'), 'cannot be written: odd');
});
