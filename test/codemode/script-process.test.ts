/** What the process of a script thread can reach, and what ends it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createScriptPool } from '../../src/features/code-mode/index.ts';
import { eventually } from '../support/eventually.ts';
import { childOf, childrenOf, isAlive } from '../support/processes.ts';
import { scriptedJob, scriptedThread } from './fixtures/scripted-job.ts';

const never = new AbortController().signal;
const onLinux = {
  skip: process.platform === 'linux' ? false : 'SKIPPED: only Linux tells of the threads of a process',
};

describe('the process of a script thread', () => {
  const pool = createScriptPool({ workerFile: scriptedThread, threads: 1 });
  after(() => pool.close());
  const run = async (...instructions: unknown[]): Promise<unknown> => {
    const outcome = await pool.run(scriptedJob(instructions), never);
    assert.ok(outcome.ok);
    return JSON.parse(String(outcome.result));
  };

  test('reads no file, starts no program, no thread, and has no environment', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vmcp-'));
    after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'secret');
    writeFileSync(file, 'planted');
    assert.deepEqual(await run(['reach', file]), {
      file: 'ERR_ACCESS_DENIED',
      program: 'ERR_ACCESS_DENIED',
      thread: 'ERR_ACCESS_DENIED',
      environment: '{}',
      environmentOfProcess: 'ERR_ACCESS_DENIED',
    });
  });

  test('reads no file by way of what the system tells of it, and none of the package beside its code', async () => {
    const own = fileURLToPath(new URL('../../README.md', import.meta.url));
    for (const file of ['/proc/self/task', '/proc/self/environ', `/proc/self/root/etc/passwd`, own])
      assert.equal(((await run(['reach', file])) as { file: string }).file, 'ERR_ACCESS_DENIED', file);
  });

  test('is nicer than the gateway, in all of its threads', onLinux, async () => {
    await run(['return', 1]);
    const child = childOf(process.pid, 'code-mode/script/host');
    const threads = readdirSync(`/proc/${child}/task`).map(Number);
    assert.ok(threads.length > 2, `${threads.length} threads`);
    const expected = Math.min(19, getPriority() + 1);
    for (const thread of threads) assert.equal(getPriority(thread), expected);
  });

  test(
    'goes on when everybody is told to end: the gateway decides when its scripts do',
    onLinux,
    async () => {
      await run(['return', 1]);
      const child = childOf(process.pid, 'code-mode/script/host');
      const running = run(['wait', 300], ['return', 2]);
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(child, signal);
      assert.equal(await running, 2);
    },
  );

  test('ends with a gateway that was killed, also while a script never yields', onLinux, async () => {
    const program = fileURLToPath(new URL('fixtures/stuck-gateway.ts', import.meta.url));
    const gateway = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
    after(() => gateway.kill('SIGKILL'));
    await once(gateway.stdout, 'data');
    const children = childrenOf(gateway.pid ?? 0).map(({ pid }) => pid);
    // A third where the first has been held for half a second.
    assert.ok(children.length >= 2, `${children.length} children`);
    gateway.kill('SIGKILL');
    await eventually(() => assert.deepEqual(children.filter(isAlive), []));
  });
});
