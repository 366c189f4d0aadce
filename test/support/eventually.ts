import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks `probe` again until it answers without throwing, and returns its answer. When `timeoutMs` (60 s) is over, the
 * probe's own last complaint is thrown, so that the failure says what was still wrong.
 */
export async function eventually<T>(probe: () => T | Promise<T>, timeoutMs = 60_000): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await probe();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await delay(25);
    }
  }
}
