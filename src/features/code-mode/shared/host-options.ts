/** What the process of a script thread is started with, and what its main thread answers. */
import type { ThreadHeap } from './script-memory.ts';
import type { Place } from './whereabouts.ts';

/** JSON in the process's first argument. Its thread is ended when it needs more heap. */
export interface HostOptions extends ThreadHeap {
  /** URL of the program of the script thread. */
  readonly workerFile: string;
  readonly workerData: WorkerOptions;
}

export interface WorkerOptions {
  /** What the scripts of a thread may hold together before it stops the largest of them. */
  readonly memoryBudgetBytes: number;
}

/** What the script thread finds as its `workerData`. */
export interface WorkerData extends WorkerOptions {
  /** Of its `Whereabouts`. */
  readonly cells: Int32Array;
}

/** The pipe on which the process's main thread, which is always free, is asked about the script thread. */
export const hostFd = 4;

/** Any message on that pipe asks; each is answered with what the thread does. */
export type ToHost = Record<string, never>;

export interface Usage extends Place {
  /** Processor time of the process, in ms; its script thread takes nearly all of it. */
  readonly cpuMs: number;
}

/** The exit status that says that the script thread needed more than its heap. */
export const outOfMemoryStatus = 12;
