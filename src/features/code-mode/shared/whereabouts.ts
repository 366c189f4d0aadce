const holderCell = 0;
const begunCell = 1;
const beatCell = 2;
const cellCount = 3;

/** Where a script thread is. All are 0 before there was any. */
export interface Place {
  /** The run that has the thread; 0 while none has it. */
  readonly holder: number;
  /** The newest run that has begun. Runs begin in the order of their numbers. */
  readonly begun: number;
  /** The newest ping that it has read. Its own answer may wait behind large results, in the pipe to the gateway. */
  readonly beat: number;
}

/**
 * A script thread's note of where it is, in memory that it shares with the main thread of its process: that one can read
 * it while the thread is held. Numbers are kept modulo 2^32; compare those of runs by `isRun` and `isAfter`.
 */
export class Whereabouts {
  /** To be handed to the other thread. */
  readonly cells: Int32Array;

  constructor(
    cells: Int32Array = new Int32Array(new SharedArrayBuffer(cellCount * Int32Array.BYTES_PER_ELEMENT)),
  ) {
    this.cells = cells;
  }

  holds(runId: number): void {
    Atomics.store(this.cells, holderCell, runId);
  }

  begins(runId: number): void {
    Atomics.store(this.cells, begunCell, runId);
  }

  answers(beat: number): void {
    Atomics.store(this.cells, beatCell, beat);
  }

  read(): Place {
    return {
      holder: Atomics.load(this.cells, holderCell),
      begun: Atomics.load(this.cells, begunCell),
      beat: Atomics.load(this.cells, beatCell),
    };
  }
}

/** Whether a noted number is that of the run. */
export function isRun(noted: number, runId: number): boolean {
  return (runId | 0) === noted;
}

/** Whether a run came after the noted one. */
export function isAfter(noted: number, runId: number): boolean {
  return ((runId - noted) | 0) > 0;
}
