import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { FollowedFile } from './followed-file.ts';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'followed-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

/** Long after anything that a test wrote. */
const later = (): number => Date.now() + 3_600_000;

test('a file is read once while it stays the same', (t) => {
  const path = join(folder(t), 'token');
  writeFileSync(path, 'one');
  const file = new FollowedFile(path, { maxBytes: 100, now: later });
  const first = file.read();
  assert.deepEqual(first, { text: 'one', version: 1 });
  assert.equal(file.read(), first);
});

test('another text holds at once, written in place, renamed over it, or behind a link that was swapped', (t) => {
  const home = folder(t);
  const path = join(home, 'token');
  writeFileSync(path, 'one');
  const file = new FollowedFile(path, { maxBytes: 100 });
  assert.equal(file.read().text, 'one');
  writeFileSync(path, 'two');
  assert.deepEqual(file.read(), { text: 'two', version: 2 });
  writeFileSync(join(home, 'next'), 'six');
  renameSync(join(home, 'next'), path);
  assert.deepEqual(file.read(), { text: 'six', version: 3 });
  writeFileSync(join(home, 'other'), 'ten');
  unlinkSync(path);
  symlinkSync('other', path);
  assert.deepEqual(file.read(), { text: 'ten', version: 4 });
});

test('a text that is written again as it was is no other version', (t) => {
  const path = join(folder(t), 'token');
  writeFileSync(path, 'one');
  const file = new FollowedFile(path, { maxBytes: 100 });
  file.read();
  writeFileSync(path, 'one');
  assert.deepEqual(file.read(), { text: 'one', version: 1 });
});

test('a file that was missing is read once it is there, and one that is gone is not remembered', (t) => {
  const path = join(folder(t), 'token');
  const file = new FollowedFile(path, { maxBytes: 100, now: later });
  assert.throws(() => file.read(), { message: 'no such file' });
  writeFileSync(path, 'one');
  assert.equal(file.read().text, 'one');
  unlinkSync(path);
  assert.throws(() => file.read(), { message: 'no such file' });
});

test('what is no small regular file is refused in words, without its path', (t) => {
  const home = folder(t);
  const large = join(home, 'large');
  const locked = join(home, 'locked');
  const pipe = join(home, 'pipe');
  writeFileSync(large, 'x'.repeat(101));
  writeFileSync(locked, 'x');
  chmodSync(locked, 0o000);
  execFileSync('mkfifo', [pipe]);
  const why = (path: string) => (): unknown => new FollowedFile(path, { maxBytes: 100 }).read();
  assert.throws(why(large), { message: 'it is larger than 100 bytes' });
  assert.throws(why(home), { message: 'it is no regular file' });
  assert.throws(why(pipe), { message: 'it is no regular file' });
  if (process.getuid?.() !== 0) assert.throws(why(locked), { message: 'permission denied' });
});
