/**
 * The script threads of a gateway, and who gets in. Scripts beyond the shared memory ceiling wait in a queue of
 * bounded length, first come first served; the wait counts towards `scriptTimeout`. The pool outlives reloads of the
 * configuration: its owner makes it once and closes it at the end.
 */
import { availableParallelism } from 'node:os';
import { TransientSet } from '../../../lib/transient-set.ts';
import { failedWith, failureOutcome } from '../shared/failure.ts';
import { LargeTexts } from './large-texts.ts';
import type { LargeTextsOptions } from './large-texts.ts';
import type { ScriptFailure, ScriptOutcome, StopReason } from '../shared/protocol.ts';
import { ScriptThread } from './script-thread.ts';
import type { ScriptJob, ThreadLost } from './script-thread.ts';
import { StopError, stopReasonOf, toStopError } from '../shared/stop.ts';
import { Turns } from './turns.ts';

export interface ScriptPoolOptions {
  /** Script threads; all cores but one, and at least one, unless given. */
  readonly threads?: number;
  /**
   * What all scripts may hold together, by the interpreter's estimate, before new ones wait. Unless given 512 MiB, or
   * twice the `memoryLimit` if that is more.
   */
  readonly memoryCeilingBytes?: number;
  /** The largest `memoryLimit` that scripts will come with; threads get room for it. 64 MiB unless given. */
  readonly memoryLimitBytes?: number;
  /** Scripts that may wait; one more is refused at once. 1000 unless given. */
  readonly maxQueued?: number;
  /** How long a thread may leave a ping unanswered before it is replaced. 20 s unless given. */
  readonly unresponsiveMs?: number;
  /** How long a stopped script may take to say so before it is answered without its thread. 1 s unless given. */
  readonly stopGraceMs?: number;
  /** Told when a thread was lost. Worth an error in the log: it should never happen. */
  onThreadLost?(event: ThreadLost): void;
  /** The program of the threads; another one only in tests. */
  readonly workerFile?: URL;
}

export interface ScriptPool {
  /**
   * Runs one script to its end. Never rejects. `signal` stops it; its reason, a `StopError`, says why. A script that
   * is stopped while it waits for its turn never starts.
   */
  run(job: ScriptJob, signal: AbortSignal): Promise<ScriptOutcome>;
  /**
   * Resolves when the main thread has time to begin a script (see `Turns`) and its answer would find room. Not later
   * than `latestAt`, on the clock of `performance.now()`, but for scripts that came before.
   */
  turnToBegin(latestAt: number): Promise<void>;
  /** Resolves when it has time for a call of a script that runs. */
  turnToCall(): Promise<void>;
  /** Resolves when it has time for the answer of a script, of that many bytes; see `LargeTexts`. */
  turnToAnswer(bytes: number): Promise<void>;
  /** Makes room for scripts with a larger `memoryLimit`; those under way end on the threads that they are on. */
  allow(memoryLimitBytes: number): void;
  /** For `/status`: threads started, scripts under way and waiting, bytes that scripts hold. */
  readonly status: ScriptPoolStatus;
  /** Stops every script and ends the threads. Idempotent. */
  close(): Promise<void>;
}

export interface ScriptPoolStatus {
  readonly threads: number;
  readonly running: number;
  readonly queued: number;
  readonly bytesHeld: number;
}

/** Starts the first script thread. Threads keep the process alive only while scripts are under way. */
export function createScriptPool(options: ScriptPoolOptions = {}): ScriptPool {
  return new Pool(options);
}

/** What a script is taken to hold before it says more: its program, its tools, its frames. */
const baseBytes = 256 * 1024;
const pollMs = 50;
/**
 * What large texts of scripts get for each thread: what tools answer them, and what they answer. More in a second would
 * leave regular calls too little of the core that is theirs.
 */
const largeReplies = { bytesPerSecond: 16 * 2 ** 20, burstBytes: 16 * 2 ** 20, patienceMs: 2000 };
const largeAnswers = { bytesPerSecond: 8 * 2 ** 20, burstBytes: 4 * 2 ** 20, patienceMs: 5000 };
/** No script begins while more bytes of answers wait: its own would have to wait in memory too. */
const maxWaitingAnswerBytes = 16 * 2 ** 20;
/** Counting takes threads some time, so they are asked only now and then while scripts wait. */
const looksPerRecount = 10;

interface Waiting {
  start(thread: ScriptThread): void;
}

class Pool implements ScriptPool {
  readonly #options: ScriptPoolOptions;
  readonly #maxThreads: number;
  #memoryLimitBytes: number;
  readonly #workerFile: URL;
  /** What stops each script that is waiting or under way. */
  readonly #stops = new TransientSet<AbortController>();
  #isClosed = false;
  #threads: ScriptThread[] = [];
  /** Threads without room for the largest script: they take none any more, and end with their last. */
  #outgrown: ScriptThread[] = [];
  readonly #closed: Promise<void>[] = [];
  #queue: Waiting[] = [];
  readonly #running = new TransientSet<Promise<ScriptOutcome>>();
  #poll: NodeJS.Timeout | undefined;
  #threadNumber = 0;
  readonly #largeReplies: LargeTexts;
  readonly #largeAnswers: LargeTexts;
  readonly #turnsToBegin = new Turns({
    busyShare: 0.2,
    patienceMs: 4,
    isHeld: () => this.#largeAnswers.waitingBytes > maxWaitingAnswerBytes,
  });
  readonly #turns = new Turns({ busyShare: 0.45, patienceMs: 1 });
  /** What scripts held when that was last added up, and what those admitted since are taken to hold. */
  #held = 0;
  #heldAt = -Infinity;
  #looks = 0;

  constructor(options: ScriptPoolOptions) {
    this.#options = options;
    this.#maxThreads = Math.max(1, options.threads ?? availableParallelism() - 1);
    this.#largeReplies = new LargeTexts(paceOf(largeReplies, this.#maxThreads));
    this.#largeAnswers = new LargeTexts(paceOf(largeAnswers, this.#maxThreads));
    this.#memoryLimitBytes = options.memoryLimitBytes ?? 64 * 2 ** 20;
    this.#workerFile = options.workerFile ?? defaultWorkerFile();
    // Ready before the first script comes; the others are started when they are needed.
    this.#startThread();
  }

  get status(): ScriptPoolStatus {
    return {
      threads: this.#threads.length,
      running: this.#everyThread().reduce((sum, thread) => sum + thread.running, 0),
      queued: this.#queue.length,
      bytesHeld: this.#everyThread().reduce((sum, thread) => sum + thread.bytesHeld(0), 0),
    };
  }

  turnToBegin(latestAt: number): Promise<void> {
    return this.#turnsToBegin.next(latestAt);
  }

  turnToCall(): Promise<void> {
    return this.#turns.next();
  }

  async turnToAnswer(bytes: number): Promise<void> {
    await this.#largeAnswers.turn(bytes);
    await this.#turns.next();
  }

  allow(memoryLimitBytes: number): void {
    if (memoryLimitBytes <= this.#memoryLimitBytes) return;
    this.#memoryLimitBytes = memoryLimitBytes;
    this.#outgrown.push(...this.#threads);
    this.#threads = [];
    this.#startThread();
    this.#closeOutgrown();
  }

  get #ceiling(): number {
    return this.#options.memoryCeilingBytes ?? Math.max(512 * 2 ** 20, 2 * this.#memoryLimitBytes);
  }

  #everyThread(): ScriptThread[] {
    return this.#outgrown.length === 0 ? this.#threads : [...this.#threads, ...this.#outgrown];
  }

  #closeOutgrown(): void {
    for (const thread of this.#outgrown) if (thread.running === 0) this.#closed.push(thread.close());
    this.#outgrown = this.#outgrown.filter((thread) => thread.running > 0);
  }

  async run(job: ScriptJob, caller: AbortSignal): Promise<ScriptOutcome> {
    // Not `AbortSignal.any`: it refers to what it combines by weak references, and V8 clears these only when it collects
    // everything, so all that a script had touched would outlive it and be copied by each collection until then.
    const stop = new AbortController();
    const follow = (): void => stop.abort(caller.reason);
    if (this.#isClosed) stop.abort(new StopError('closed'));
    else if (caller.aborted) follow();
    caller.addEventListener('abort', follow, { once: true });
    const membership = this.#stops.add(stop);
    try {
      return await this.#admit(job, stop.signal);
    } finally {
      this.#stops.delete(membership);
      caller.removeEventListener('abort', follow);
    }
  }

  async #admit(job: ScriptJob, signal: AbortSignal): Promise<ScriptOutcome> {
    if (signal.aborted) return stoppedOutcome(stopReasonOf(signal), job);
    const free = this.#queue.length === 0 && this.#hasRoom();
    if (!free && this.#queue.length >= (this.#options.maxQueued ?? 1000))
      return busyOutcome(this.#queue.length);
    const thread = free ? this.#leastBusy() : await this.#turn(signal);
    if (thread === undefined) return stoppedOutcome(stopReasonOf(signal), job);
    const running = this.#runOn(thread, job, signal);
    const membership = this.#running.add(running);
    const outcome = await running;
    this.#running.delete(membership);
    this.#closeOutgrown();
    this.#pump();
    return outcome;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const stop of this.#stops) stop.abort(new StopError('closed'));
    clearInterval(this.#poll);
    this.#poll = undefined;
    // Each ends within its grace.
    await Promise.all(this.#running);
    const threads = this.#everyThread();
    this.#threads = this.#outgrown = [];
    await Promise.all([...this.#closed, ...threads.map((thread) => thread.close())]);
  }

  /** Waits for room. Undefined when the script was stopped before its turn came. */
  async #turn(signal: AbortSignal): Promise<ScriptThread | undefined> {
    return await new Promise((resolve) => {
      const waiting: Waiting = {
        start: (thread) => {
          signal.removeEventListener('abort', leave);
          resolve(thread);
        },
      };
      const leave = (): void => {
        this.#queue = this.#queue.filter((other) => other !== waiting);
        resolve(undefined);
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#queue.push(waiting);
      // What scripts hold also shrinks without any of them ending.
      this.#poll ??= setInterval(() => this.#lookAgain(), pollMs);
    });
  }

  #lookAgain(): void {
    if (++this.#looks % looksPerRecount === 1) for (const thread of this.#everyThread()) thread.recount();
    this.#pump();
  }

  #pump(): void {
    // One at a time: a script that just got in counts only once it has started.
    const next = this.#hasRoom() ? this.#queue.shift() : undefined;
    next?.start(this.#leastBusy());
    if (this.#queue.length > 0) {
      if (next !== undefined) setImmediate(() => this.#pump());
      return;
    }
    clearInterval(this.#poll);
    this.#poll = undefined;
  }

  /** Adding up what hundreds of scripts hold takes its time, so while there is plenty of room an older sum will do. */
  #hasRoom(): boolean {
    const now = performance.now();
    if (now - this.#heldAt > pollMs || this.#held > this.#ceiling / 2) {
      this.#held = this.#everyThread().reduce((sum, thread) => sum + thread.bytesHeld(baseBytes), 0);
      this.#heldAt = now;
    } else {
      this.#held += baseBytes;
    }
    return this.#held + baseBytes <= this.#ceiling || this.#held === 0;
  }

  /** The thread with the fewest scripts; a new one while there may be more threads and none is idle. */
  #leastBusy(): ScriptThread {
    const [first, ...rest] = this.#threads;
    const best = rest.reduce(
      (least, thread) => (thread.running < (least?.running ?? 0) ? thread : least),
      first,
    );
    if (best !== undefined && (best.running === 0 || this.#threads.length >= this.#maxThreads)) return best;
    return this.#startThread();
  }

  #startThread(): ScriptThread {
    const thread: ScriptThread = new ScriptThread({
      name: `vmcp-script-${++this.#threadNumber}`,
      workerFile: this.#workerFile,
      // Also where there are many threads, each has room for a script at its limit.
      memoryBudgetBytes: Math.max(Math.ceil(this.#ceiling / this.#maxThreads), this.#memoryLimitBytes),
      memoryLimitBytes: this.#memoryLimitBytes,
      unresponsiveMs: this.#options.unresponsiveMs ?? 20_000,
      turnToReply: (bytes) => this.#largeReplies.turn(bytes),
      onLost: (event) => {
        this.#threads = this.#threads.filter((other) => other !== thread);
        this.#outgrown = this.#outgrown.filter((other) => other !== thread);
        this.#options.onThreadLost?.(event);
        this.#pump();
      },
    });
    this.#threads.push(thread);
    return thread;
  }

  /** A stopped script gets a moment to end by itself, with its last figures; then it is answered regardless. */
  async #runOn(thread: ScriptThread, job: ScriptJob, signal: AbortSignal): Promise<ScriptOutcome> {
    const run = thread.start(job);
    let grace: NodeJS.Timeout | undefined;
    const overdue = new Promise<ScriptOutcome>((resolve) => {
      const stop = (): void => {
        const reason = stopReasonOf(signal);
        run.stop(reason);
        grace = setTimeout(() => resolve(stoppedOutcome(reason, job)), this.#options.stopGraceMs ?? 1000);
      };
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
      void run.outcome.then(() => signal.removeEventListener('abort', stop));
    });
    const outcome = await Promise.race([run.outcome, overdue]);
    clearTimeout(grace);
    return outcome;
  }
}

function paceOf(pace: LargeTextsOptions, threads: number): LargeTextsOptions {
  const { bytesPerSecond, burstBytes } = pace;
  return { ...pace, bytesPerSecond: threads * bytesPerSecond, burstBytes: threads * burstBytes };
}

/** Source files are run as they are in development; the published package holds JavaScript. */
function defaultWorkerFile(): URL {
  return new URL(
    import.meta.url.endsWith('.ts') ? '../script/worker.ts' : '../script/worker.js',
    import.meta.url,
  );
}

/** The answer for a script that was stopped and whose thread did not, or could not, say where it was. */
function stoppedOutcome(reason: StopReason, job: ScriptJob): ScriptFailure {
  return failureOutcome(toStopError(reason, job.limits.scriptTimeoutMs), job.limits, '');
}

function busyOutcome(queued: number): ScriptFailure {
  const message = `Error: the gateway is busy: ${queued} scripts wait for memory. Nothing was run; try again later.`;
  return failedWith(message, { status: 'error', code: 'busy' });
}
