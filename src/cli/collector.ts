import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/**
 * By how much V8's heap grows between two collections of everything. V8 decides that anew each time and, once the young
 * generation has become larger than what lives, marks the heap several times a second.
 */
const heapGrowingPercent = 300;

/** What V8 may take for new objects, in bytes: two spaces of 4 MiB, of which one is in use. */
const youngGenerationBytes = 8 * 2 ** 20;

/**
 * Has V8 collect garbage in short pieces. What lives among the new objects when their space is full is copied, and
 * everything waits for that: with hundreds of calls under way 6 to 11 ms where V8 lets the space grow as far as it likes
 * (32 MiB), 2 to 3 ms in 8 MiB. V8 takes a size for it only as an option of the process, which `node dist/cli/main.js`
 * does not give; whether it may grow, however, is asked after every collection. See `docs/decisions/code-mode-threads.md`.
 */
export function tuneCollector(): void {
  setFlagsFromString(`--heap-growing-percent=${heapGrowingPercent}`);
  const letGrow = (mayGrow: boolean): void => {
    setFlagsFromString(`--semi-space-growth-factor=${mayGrow ? 2 : 1}`);
  };
  letGrow(false);
  const decide = (): void => letGrow(bytesForNewObjects() < youngGenerationBytes);
  new PerformanceObserver(decide).observe({ type: 'gc' });
}

function bytesForNewObjects(): number {
  return getHeapSpaceStatistics().find((space) => space.space_name === 'new_space')?.space_size ?? 0;
}
