/**
 * The figures of one run, in memory that both threads see. The script thread writes, the main thread reads: also when
 * the script thread is stuck or gone, so that what it did still counts. A figure read while the script runs may lag.
 */
export class RunCounters {
  readonly memory: SharedArrayBuffer;
  readonly #figures: Float64Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(4 * Float64Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#figures = new Float64Array(memory);
  }

  get steps(): number {
    return this.#figures[0] ?? 0;
  }

  /** Bytes that the script holds, by the interpreter's estimate. */
  get bytesHeld(): number {
    return this.#figures[1] ?? 0;
  }

  /** Branches that `parallel` has started. */
  get parallelBranches(): number {
    return this.#figures[2] ?? 0;
  }

  /** Written by the script thread only. */
  update(figures: { steps: number; bytesHeld: number; parallelBranches: number }): void {
    this.#figures[0] = figures.steps;
    this.#figures[1] = figures.bytesHeld;
    this.#figures[2] = figures.parallelBranches;
  }
}
