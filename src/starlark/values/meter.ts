/** What pays for room and time: a running script's Thread, or a limit of the host's (see eval/thread.ts). */
export interface Meter {
  /** Counts bytes that are about to be taken. @throws StarlarkError 'memory_limit' */
  charge(bytes: number): void;
  /** Counts elements visited inside one operation. */
  work(elements: number): void;
}
