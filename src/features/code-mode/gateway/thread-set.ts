/**
 * The script threads of a pool, and which of them gets the next script. There are as many as the pool may have, and
 * beside those that are silent as many again, so that new scripts find one that answers. Once the silent ones answer, the
 * newest are *spare*: they get no more scripts, and end when they have none left.
 */
import { report, type OnDefect } from '../../../lib/guarded.ts';
import { ScriptThread } from './script-thread.ts';
import type { ThreadLost } from './script-thread.ts';

/** What a thread's scripts may hold together beyond the limit of one: its own limit ends a script first. */
const besideLimitBytes = 2 ** 20;

export interface ThreadSetOptions {
  /** Threads while all of them answer, at least one. */
  readonly maxThreads: number;
  readonly workerFile: URL;
  /** See `ScriptThreadOptions`. */
  readonly unresponsiveMs: number;
  /** How long a spare thread stays for the next time that it is needed, in ms. */
  readonly spareMs: number;
  readonly onDefect?: OnDefect | undefined;
  turnToReply(bytes: number): Promise<void>;
  /** Called when there may be a thread for a script where there was none. */
  onChange(): void;
  onLost(event: ThreadLost): void;
}

/** What threads get room for. */
export interface ThreadMemory {
  /** What the scripts of all threads may hold together, in bytes. */
  readonly ceilingBytes: number;
  /** The largest `memoryLimit` of a script, in bytes. */
  readonly limitBytes: number;
  /** The most that the heap of one thread may take; unbounded unless given. */
  readonly heapBytes?: number;
}

export class ThreadSet {
  readonly #options: ThreadSetOptions;
  #memory: ThreadMemory;
  /** Oldest first. */
  #threads: ScriptThread[] = [];
  /** Threads without room for the largest script: they take none any more, and end with their last. */
  #outgrown: ScriptThread[] = [];
  readonly #closed: Promise<void>[] = [];
  #spareTimer: NodeJS.Timeout | undefined;
  #number = 0;

  /** Starts the first thread; the others are started when they are needed. */
  constructor(options: ThreadSetOptions, memory: ThreadMemory) {
    this.#options = options;
    this.#memory = memory;
    this.#start();
  }

  /** Threads that take scripts, silent ones among them. */
  get size(): number {
    return this.#threads.length;
  }

  /** Scripts under way. */
  get running(): number {
    return this.#every().reduce((sum, thread) => sum + thread.running, 0);
  }

  /** Bytes that the scripts under way hold, each counted as `atLeast` or more. */
  bytesHeld(atLeast: number): number {
    return this.#every().reduce((sum, thread) => sum + thread.bytesHeld(atLeast), 0);
  }

  /** Has the threads find out what their scripts really hold. */
  recount(): void {
    for (const thread of this.#every()) thread.recount();
  }

  /** Whether `next` has a thread. */
  get hasNext(): boolean {
    return this.#mayStart || this.#regular().length > 0;
  }

  /**
   * The thread for a script: of those that answer the one with the fewest; a new one while there may be more and none is
   * idle. Undefined while all that there may be are silent.
   */
  next(): ScriptThread | undefined {
    const regular = this.#regular();
    const [first, ...rest] = regular;
    const best = rest.reduce(
      (least, thread) => (thread.running < (least?.running ?? 0) ? thread : least),
      first,
    );
    if (best !== undefined && (best.running === 0 || regular.length >= this.#options.maxThreads)) return best;
    return this.#mayStart ? this.#start() : best;
  }

  /** Moves what is new to threads with this much room. */
  allow(memory: ThreadMemory): void {
    this.#memory = memory;
    this.#outgrown.push(...this.#threads);
    this.#threads = [];
    this.#start();
    this.tidy();
  }

  /** Ends threads that are no longer needed; to be called when a script has ended. */
  tidy(): void {
    if (this.#outgrown.length > 0) {
      for (const thread of this.#outgrown) if (thread.running === 0) this.#close(thread);
      this.#outgrown = this.#outgrown.filter((thread) => thread.running > 0);
    }
    if (this.#idleSpares().length === 0) return;
    this.#spareTimer ??= setTimeout(() => this.#endSpares(), this.#options.spareMs).unref();
  }

  /** Ends all threads, whatever they do. */
  async close(): Promise<void> {
    clearTimeout(this.#spareTimer);
    for (const thread of this.#every()) this.#close(thread);
    this.#threads = this.#outgrown = [];
    await Promise.all(this.#closed);
  }

  get #mayStart(): boolean {
    return this.#threads.length < 2 * this.#options.maxThreads;
  }

  #every(): ScriptThread[] {
    return this.#outgrown.length === 0 ? this.#threads : [...this.#threads, ...this.#outgrown];
  }

  #answering(): ScriptThread[] {
    return this.#threads.filter((thread) => !thread.isSilent);
  }

  /** Those that get scripts. */
  #regular(): ScriptThread[] {
    return this.#answering().slice(0, this.#options.maxThreads);
  }

  #idleSpares(): ScriptThread[] {
    const { maxThreads } = this.#options;
    if (this.#threads.length <= maxThreads) return [];
    return this.#answering()
      .slice(maxThreads)
      .filter((thread) => thread.running === 0);
  }

  #endSpares(): void {
    this.#spareTimer = undefined;
    const spares = this.#idleSpares();
    for (const spare of spares) this.#close(spare);
    this.#threads = this.#threads.filter((thread) => !spares.includes(thread));
  }

  #close(thread: ScriptThread): void {
    const closed = thread.close();
    this.#closed.push(
      closed.catch((thrown: unknown) => report('the end of a script thread', this.#options.onDefect, thrown)),
    );
  }

  #start(): ScriptThread {
    const { maxThreads, workerFile, unresponsiveMs, onDefect, turnToReply } = this.#options;
    const { ceilingBytes, limitBytes, heapBytes } = this.#memory;
    const thread: ScriptThread = new ScriptThread({
      name: `vmcp-script-${++this.#number}`,
      workerFile,
      // Also where there are many threads, each has room for a script at its limit, which is then told of that limit.
      memoryBudgetBytes: Math.max(Math.ceil(ceilingBytes / maxThreads), limitBytes + besideLimitBytes),
      memoryLimitBytes: limitBytes,
      ...(heapBytes !== undefined && { heapBytes }),
      unresponsiveMs,
      onDefect,
      turnToReply,
      onSilent: () => {
        // One that is idle, now rather than when a script comes.
        if (this.#threads.includes(thread)) this.next();
        this.#options.onChange();
      },
      onAnswer: () => {
        this.tidy();
        this.#options.onChange();
      },
      onLost: (event) => {
        this.#threads = this.#threads.filter((other) => other !== thread);
        this.#outgrown = this.#outgrown.filter((other) => other !== thread);
        this.#options.onLost(event);
        this.#options.onChange();
      },
    });
    this.#threads.push(thread);
    return thread;
  }
}
