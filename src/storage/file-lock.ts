/** A lock that processes of one machine share: a file beside the one that it guards. */
import { randomUUID } from 'node:crypto';
import { open, readFile, rm, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf } from '../lib/thrown.ts';

export interface FileLockOptions {
  /** How long to wait for it; 30 s unless given. */
  readonly timeoutMs?: number;
  /** A lock that is older was left behind by a process that ended; 60 s unless given. */
  readonly staleMs?: number;
}

const pollMs = 25;

/**
 * Does work while holding the lock.
 * @param path of the lock itself
 * @throws Error when it cannot be had in time, and what the work throws
 */
export async function withFileLock<Result>(
  path: string,
  work: () => Promise<Result>,
  { timeoutMs = 30_000, staleMs = 60_000 }: FileLockOptions = {},
): Promise<Result> {
  const mine = randomUUID();
  const untilMs = performance.now() + timeoutMs;
  while (!(await tryLock(path, mine))) {
    if (await isStale(path, staleMs)) {
      await rm(path, { force: true });
      continue;
    }
    if (performance.now() > untilMs) throw new Error(`another process holds ${path}; remove it if none runs`);
    await delay(pollMs);
  }
  try {
    return await work();
  } finally {
    const holder = await readFile(path, 'utf8').catch(() => '');
    if (holder === mine) await rm(path, { force: true });
  }
}

async function tryLock(path: string, mine: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(mine);
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function isStale(path: string, staleMs: number): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs > staleMs;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}
