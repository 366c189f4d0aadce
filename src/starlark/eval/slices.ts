import type { Steps } from '../steps.ts';
import { defaultSliceMs, type Thread } from './thread.ts';

/** Work between two looks at the clock. */
const elementsBetweenLooks = 2 ** 14;

/**
 * Does work that belongs to a run but is not run by its driver, such as compiling its program: on the run's account, and
 * giving way to the event loop as the run itself does.
 * @returns the value at once where one slice is enough, else a promise of it
 * @throws StarlarkError what ends the run
 */
export function inSlices<T>(thread: Thread, steps: Steps<T>): T | Promise<T> {
  const { yieldToHost, sliceMs = defaultSliceMs, clockMs = Date.now } = thread.options;
  const goOn = (): T | Promise<T> => {
    const start = clockMs();
    for (let unlooked = 0; ;) {
      if (thread.cancelled !== null) throw thread.cancelled;
      const step = steps.next();
      if (step.done === true) return step.value;
      pay(thread, step.value);
      unlooked += step.value;
      if (unlooked < elementsBetweenLooks) continue;
      unlooked = 0;
      if (clockMs() - start >= sliceMs) return Promise.resolve(yieldToHost?.()).then(goOn);
    }
  };
  return goOn();
}

/** By pieces, each with a chance to give way behind it: what one step may do at most is its owner's to bound. */
function pay(thread: Thread, elements: number): void {
  for (let left = elements; left > 0; left -= elementsBetweenLooks) {
    thread.work(Math.min(left, elementsBetweenLooks));
    thread.beginSlice();
  }
}
