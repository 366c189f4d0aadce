import { readdirSync } from 'node:fs';
import { getPriority, platform, setPriority } from 'node:os';
import { codeOf } from './thrown.ts';

/**
 * Makes another process nicer than this one by `steps`, up to 19. On Linux each thread has a priority of its own: those
 * that there are get it, and what they start from now on inherits it. A process that has ended already is left alone.
 */
export function makeNicer(pid: number, steps: number): void {
  const priority = Math.min(19, getPriority() + steps);
  try {
    const threads = platform() === 'linux' ? readdirSync(`/proc/${pid}/task`).map(Number) : [pid];
    for (const thread of threads) nicen(thread, priority);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

function nicen(thread: number, priority: number): void {
  try {
    setPriority(thread, priority);
  } catch (error) {
    if (!hasEnded(error)) throw error;
  }
}

/** The thread ended between the two system calls. */
function hasEnded(error: unknown): boolean {
  return error instanceof Error && 'info' in error && (error.info as { code?: string }).code === 'ESRCH';
}
