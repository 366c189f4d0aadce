/** What pays for room and time: a running script's Thread, or a limit of the host's (see eval/thread.ts). */
export interface Meter {
  /** Counts bytes that are about to be taken. @throws StarlarkError 'memory_limit' */
  charge(bytes: number): void;
  /** Counts what is about to be done in one go, in elements. @throws StarlarkError 'step_limit' */
  work(elements: number): void;
  /** As `work`, for a value that is made, or made larger, at once. @throws StarlarkError 'memory_limit' when it is too large */
  make(elements: number): void;
}
