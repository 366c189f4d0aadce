import { abortReason } from '../protocol/index.ts';

export interface WaitLimits {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** The error when the time is over. */
  timeout(): Error;
}

/** Waits for something that goes on by itself, until it settles, the signal aborts or the time is over. */
export function waitFor<T>(what: Promise<T>, { signal, timeoutMs, timeout }: WaitLimits): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(abortReason(signal));
    if (signal.aborted) return onAbort();
    const timer = setTimeout(() => reject(timeout()), timeoutMs);
    signal.addEventListener('abort', onAbort, { once: true });
    what.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    });
  });
}
