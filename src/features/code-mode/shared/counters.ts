/** How far a run has come. */
export interface Figures {
  readonly steps: number;
  /** Bytes that the script holds, by the interpreter's estimate. */
  readonly bytesHeld: number;
  /** Branches that `parallel` has started. */
  readonly parallelBranches: number;
  /** UTF-8 bytes of tool results that the script received: texts as they are, all else as compact JSON. */
  readonly toolBytes: number;
}

/**
 * The figures of one run as its thread last told them: with each call, at the end, and between slices of a computation.
 * What a thread did that is stuck or gone still counts.
 */
export class RunCounters implements Figures {
  steps = 0;
  bytesHeld = 0;
  parallelBranches = 0;
  toolBytes = 0;

  update({ steps, bytesHeld, parallelBranches, toolBytes }: Figures): void {
    this.steps = steps;
    this.bytesHeld = bytesHeld;
    this.parallelBranches = parallelBranches;
    this.toolBytes = toolBytes;
  }
}
