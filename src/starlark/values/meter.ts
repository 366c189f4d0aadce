/** What pays for room and time: a running script's Thread, or a limit of the host's (see eval/thread.ts). */
export interface Meter {
  /** Counts bytes that are about to be taken. @throws StarlarkError 'memory_limit' */
  charge(bytes: number): void;
  /** Counts what is about to be done in one go, in elements. @throws StarlarkError 'step_limit' */
  work(elements: number): void;
  /** As `work`, for a value that is made, or made larger, at once. @throws StarlarkError 'memory_limit' when it is too large */
  make(elements: number): void;
  /**
   * Counts that a value grows, which moves all of it now and then.
   * @param kind what it is, for the error
   * @param moving elements that moving all of it comes to
   * @param elements what this growth pays of that
   * @param bytes what it takes, by the documented estimate, while it is moved: it has to fit, and is not charged
   * @throws StarlarkError 'memory_limit' when it cannot grow
   */
  grow(kind: string, moving: number, elements: number, bytes: number): void;
}
