/** What the process of a script thread is started with: JSON in its first argument. */
export interface HostOptions {
  /** URL of the program of the script thread. */
  readonly workerFile: string;
  readonly workerData: WorkerData;
  /** The heap of the script thread; it is ended when it needs more. */
  readonly heapMegabytes: number;
}

export interface WorkerData {
  /** What the scripts of a thread may hold together before it stops the largest of them. */
  readonly memoryBudgetBytes: number;
}

/** The exit status that says that the script thread needed more than its heap. */
export const outOfMemoryStatus = 12;
