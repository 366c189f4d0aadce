/**
 * Callbacks that the event loop calls: listeners, timers, handlers of promises. What such a callback throws has no caller
 * to go to; Node ends the process over it. Each one that input from outside reaches is guarded, so that the error costs
 * what the callback was about to do, and is reported.
 */

/**
 * Told of an error in the gateway's own code, whatever input set it off.
 * @param where the callback, as a noun: one of a fixed set of names
 */
export type OnDefect = (thrown: unknown, where: string) => void;

/** How a log tells of it: one text for each callback, so that it can be searched for and counted. */
export function defectIn(where: string): string {
  return `defect in ${where}`;
}

/** The callback, but it never throws and never rejects: that goes to `onDefect`. */
export function guarded<Args extends readonly unknown[]>(
  where: string,
  onDefect: OnDefect | undefined,
  callback: (...args: Args) => unknown,
): (...args: Args) => void {
  return (...args) => contain(where, onDefect, () => callback(...args));
}

/** Does the work now. What it throws, or later rejects with, goes to `onDefect`. Never throws. */
export function contain(where: string, onDefect: OnDefect | undefined, work: () => unknown): void {
  try {
    const done = work();
    if (done instanceof Promise) done.catch((thrown: unknown) => report(where, onDefect, thrown));
  } catch (thrown) {
    report(where, onDefect, thrown);
  }
}

/** Tells each listener. One that throws keeps no other from being told. */
export function tellEach<Event>(
  where: string,
  onDefect: OnDefect | undefined,
  listeners: Iterable<(event: Event) => void>,
  event: Event,
): void {
  for (const listener of listeners) contain(where, onDefect, () => listener(event));
}

/** For what is caught by other means. Never throws. */
export function report(where: string, onDefect: OnDefect | undefined, thrown: unknown): void {
  try {
    onDefect?.(thrown, where);
  } catch {
    // A report that fails has nowhere to go: were it thrown on, the guard would be what ends the process.
  }
}
