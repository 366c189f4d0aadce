import assert from 'node:assert/strict';
import { closeSync, openSync, writeSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../../test/support/eventually.ts';
import { type ConfigWatch, watchFile } from './watch.ts';

interface Watched {
  readonly watch: ConfigWatch;
  readonly seen: string[];
  readonly lost: Error[];
  /** Resolves when that many texts have been reported. */
  reports(count: number): Promise<void>;
}

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'vmcp-watch-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** Writes over a text of the same length in one step, so that no reader finds the file empty. */
function overwrite(file: string, text: string): void {
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, text, 0);
  closeSync(descriptor);
}

interface StartOptions {
  readonly pollMs?: number;
  readonly settleMs?: number;
  readonly text?: string;
}

function start(t: TestContext, file: string, options: StartOptions = {}): Watched {
  const seen: string[] = [];
  const lost: Error[] = [];
  const watch = watchFile(file, {
    text: options.text ?? 'one',
    settleMs: options.settleMs ?? 20,
    pollMs: options.pollMs ?? 3_600_000,
    onChange: (text) => void seen.push(text),
    onLost: (error) => void lost.push(error),
  });
  t.after(() => watch.close());
  const reports = async (count: number) => {
    await eventually(() => assert.equal(seen.length, count, `reports: ${JSON.stringify(seen)}`));
  };
  return { watch, seen, lost, reports };
}

describe('a watched file', () => {
  test('is reported once when it is written in place', async (t) => {
    const file = join(await folder(t), 'vmcp.yaml');
    await writeFile(file, 'one');
    const { watch, seen, reports } = start(t, file);
    await sleep(50);
    overwrite(file, 'two');
    await reports(1);
    overwrite(file, 'six');
    await reports(2);
    await watch.refresh();
    assert.deepEqual(seen, ['two', 'six', 'six']);
  });

  test('is reported again and again when it is replaced by a rename', async (t) => {
    const dir = await folder(t);
    const file = join(dir, 'vmcp.yaml');
    await writeFile(file, 'one');
    const { seen, reports } = start(t, file);
    for (const [index, text] of ['two', 'three'].entries()) {
      await sleep(50);
      await writeFile(join(dir, '.new'), text);
      await rename(join(dir, '.new'), file);
      await reports(index + 1);
    }
    assert.deepEqual(seen, ['two', 'three']);
  });

  test('is reported when a link on the way to it is swapped, as Kubernetes swaps ..data', async (t) => {
    const dir = await folder(t);
    for (const [version, text] of [
      ['..v1', 'one'],
      ['..v2', 'two'],
      ['..v3', 'three'],
    ] as const) {
      await mkdir(join(dir, version));
      await writeFile(join(dir, version, 'vmcp.yaml'), text);
    }
    await symlink('..v1', join(dir, '..data'));
    await symlink('..data/vmcp.yaml', join(dir, 'vmcp.yaml'));
    const { seen, reports } = start(t, join(dir, 'vmcp.yaml'));
    for (const [index, version] of ['..v2', '..v3'].entries()) {
      await sleep(50);
      await symlink(version, join(dir, '..tmp'));
      await rename(join(dir, '..tmp'), join(dir, '..data'));
      await reports(index + 1);
    }
    assert.deepEqual(seen, ['two', 'three']);
  });

  test('is found by polling when the system reports nothing', async (t) => {
    const dir = await folder(t);
    const elsewhere = await folder(t);
    await mkdir(join(elsewhere, 'a'));
    await mkdir(join(elsewhere, 'b'));
    await writeFile(join(elsewhere, 'a', 'vmcp.yaml'), 'one');
    await writeFile(join(elsewhere, 'b', 'vmcp.yaml'), 'two');
    await symlink('a', join(elsewhere, 'current'));
    await symlink(join(elsewhere, 'current', 'vmcp.yaml'), join(dir, 'vmcp.yaml'));
    const { seen, reports } = start(t, join(dir, 'vmcp.yaml'), { pollMs: 30 });
    await sleep(50);
    await symlink('b', join(elsewhere, 'next'));
    await rename(join(elsewhere, 'next'), join(elsewhere, 'current'));
    await reports(1);
    assert.deepEqual(seen, ['two']);
  });

  test('is not reported when it is touched but says the same', async (t) => {
    const file = join(await folder(t), 'vmcp.yaml');
    await writeFile(file, 'one');
    const { seen, reports } = start(t, file, { pollMs: 20 });
    await sleep(50);
    overwrite(file, 'one');
    await sleep(50);
    overwrite(file, 'two');
    await reports(1);
    assert.deepEqual(seen, ['two']);
  });

  test('is reported whole, however many steps it is written in', async (t) => {
    const file = join(await folder(t), 'vmcp.yaml');
    await writeFile(file, 'one');
    const { watch, seen, reports } = start(t, file, { settleMs: 4_000 });
    await sleep(50);
    for (const part of ['t', 'tw', 'two']) {
      await writeFile(file, part);
      await sleep(5);
    }
    await reports(1);
    await watch.refresh();
    assert.deepEqual(seen, ['two', 'two']);
  });

  test('may disappear: that is said once, and it is reported when it is back', async (t) => {
    const dir = await folder(t);
    const file = join(dir, 'vmcp.yaml');
    await writeFile(file, 'one');
    const { seen, lost, reports } = start(t, file, { pollMs: 20 });
    await rm(file);
    await eventually(() => assert.match(lost[0]?.message ?? '', /ENOENT/));
    await sleep(50);
    await writeFile(join(dir, '.new'), 'two');
    await rename(join(dir, '.new'), file);
    await reports(1);
    assert.deepEqual([seen, lost.length], [['two'], 1]);
  });

  test('is reported on demand even if it is the same', async (t) => {
    const file = join(await folder(t), 'vmcp.yaml');
    await writeFile(file, 'one');
    const { watch, seen } = start(t, file);
    await watch.refresh();
    assert.deepEqual(seen, ['one']);
  });

  test('is not reported after the watch was closed', async (t) => {
    const file = join(await folder(t), 'vmcp.yaml');
    await writeFile(file, 'one');
    const { watch, seen } = start(t, file, { pollMs: 20 });
    watch.close();
    await writeFile(file, 'two');
    await watch.refresh();
    await sleep(100);
    assert.deepEqual(seen, []);
  });
});
