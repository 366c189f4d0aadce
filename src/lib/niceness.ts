import { readdirSync } from 'node:fs';
import { getPriority, platform, setPriority } from 'node:os';

/**
 * Makes this process nicer by `steps`, up to 19. On Linux each thread has a priority of its own: those of V8 too get it,
 * and what is started from now on inherits it.
 */
export function beNicer(steps: number): void {
  const priority = Math.min(19, getPriority() + steps);
  const threads = platform() === 'linux' ? readdirSync('/proc/self/task').map(Number) : [0];
  for (const thread of threads) {
    try {
      setPriority(thread, priority);
    } catch (error) {
      if (!hasEnded(error)) throw error;
    }
  }
}

/** The thread ended between the two system calls. */
function hasEnded(error: unknown): boolean {
  return error instanceof Error && 'info' in error && (error.info as { code?: string }).code === 'ESRCH';
}
