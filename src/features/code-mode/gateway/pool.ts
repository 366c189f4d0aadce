/**
 * The script threads of a gateway, and who gets in. Scripts beyond the shared memory ceiling wait in a queue of
 * bounded length, first come first served; the wait counts towards `scriptTimeout`. The pool outlives reloads of the
 * configuration: its owner makes it once and closes it at the end.
 */
import { availableParallelism } from 'node:os';
import { TransientSet } from '../../../lib/transient-set.ts';
import { defaultLimits } from '../defaults.ts';
import type { Figures } from '../shared/counters.ts';
import { failedWith, failureOutcome } from '../shared/failure.ts';
import { contain, type OnDefect } from '../../../lib/guarded.ts';
import { LargeTexts } from './large-texts.ts';
import type { LargeTextsOptions } from './large-texts.ts';
import type { ScriptFailure, ScriptOutcome, StopReason } from '../shared/protocol.ts';
import { largestLimitBytes } from '../shared/script-memory.ts';
import type { ScriptJob, ScriptThread, ThreadLost } from './script-thread.ts';
import { StopError, stopReasonOf, toStopError } from '../shared/stop.ts';
import { ThreadSet } from './thread-set.ts';
import type { ThreadMemory } from './thread-set.ts';
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
  /**
   * The most that the heap of one thread may take. Scripts whose `memoryLimit` has no room in it get the largest that
   * has. Unbounded unless given.
   */
  readonly heapBytes?: number;
  /** Scripts that may wait; one more is refused at once. 1000 unless given. */
  readonly maxQueued?: number;
  /** The processor time that a thread may take without answering a ping before it is replaced. 20 s unless given. */
  readonly unresponsiveMs?: number;
  /** How long a stopped script may take to say so before it is answered without its thread. 0.8 s unless given. */
  readonly stopGraceMs?: number;
  /** How long a thread stays that was started beside a silent one and is no longer needed. 10 s unless given. */
  readonly spareMs?: number;
  /** Told when a thread was lost. Worth an error in the log: it should never happen. */
  onThreadLost?(event: ThreadLost): void;
  /** Told of errors in the gateway's own code, whatever set them off. */
  readonly onDefect?: OnDefect;
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
  /** For `/status`: threads that are there, scripts under way and waiting, bytes that scripts hold. */
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
const nothingDone: Figures = { steps: 0, bytesHeld: 0, parallelBranches: 0, toolBytes: 0 };
/** Counting takes threads some time, so they are asked only now and then while scripts wait. */
const looksPerRecount = 10;

interface Waiting {
  start(thread: ScriptThread): void;
}

interface UnderWay {
  readonly stop: AbortController;
  readonly outcome: Promise<ScriptOutcome>;
}

class Pool implements ScriptPool {
  readonly #options: ScriptPoolOptions;
  readonly #maxThreads: number;
  #memoryLimitBytes: number;
  /** Scripts that wait or run. */
  readonly #underWay = new TransientSet<UnderWay>();
  readonly #threads: ThreadSet;
  #isClosed = false;
  #queue: Waiting[] = [];
  #poll: NodeJS.Timeout | undefined;
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
    const maxThreads = Math.max(1, options.threads ?? availableParallelism() - 1);
    this.#largeReplies = new LargeTexts(paceOf(largeReplies, maxThreads));
    this.#largeAnswers = new LargeTexts(paceOf(largeAnswers, maxThreads));
    this.#maxThreads = maxThreads;
    this.#memoryLimitBytes = this.#withinHeap(options.memoryLimitBytes ?? defaultLimits.memoryLimitBytes);
    this.#threads = new ThreadSet(
      {
        maxThreads,
        workerFile: options.workerFile ?? defaultWorkerFile(),
        unresponsiveMs: options.unresponsiveMs ?? 20_000,
        spareMs: options.spareMs ?? 10_000,
        turnToReply: (bytes) => this.#largeReplies.turn(bytes),
        onChange: () => this.#pump(),
        onLost: (event) => options.onThreadLost?.(event),
      },
      this.#memory,
    );
  }

  get status(): ScriptPoolStatus {
    return {
      threads: this.#threads.size,
      running: this.#threads.running,
      queued: this.#queue.length,
      bytesHeld: this.#threads.bytesHeld(0),
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

  allow(wantedBytes: number): void {
    const memoryLimitBytes = this.#withinHeap(wantedBytes);
    if (memoryLimitBytes <= this.#memoryLimitBytes) return;
    this.#memoryLimitBytes = memoryLimitBytes;
    this.#threads.allow(this.#memory);
  }

  get #memory(): ThreadMemory {
    const { heapBytes } = this.#options;
    return {
      ceilingBytes: this.#ceiling,
      limitBytes: this.#memoryLimitBytes,
      ...(heapBytes !== undefined && { heapBytes }),
    };
  }

  get #ceiling(): number {
    const { memoryCeilingBytes } = this.#options;
    const wanted = memoryCeilingBytes ?? Math.max(512 * 2 ** 20, 2 * this.#memoryLimitBytes);
    return Math.min(wanted, this.#maxThreads * this.#largestLimit);
  }

  get #largestLimit(): number {
    const { heapBytes } = this.#options;
    return heapBytes === undefined ? Infinity : largestLimitBytes(heapBytes);
  }

  #withinHeap(memoryLimitBytes: number): number {
    return Math.min(memoryLimitBytes, this.#largestLimit);
  }

  #fitted(job: ScriptJob): ScriptJob {
    const memoryLimitBytes = this.#withinHeap(job.limits.memoryLimitBytes);
    return memoryLimitBytes === job.limits.memoryLimitBytes
      ? job
      : { ...job, limits: { ...job.limits, memoryLimitBytes } };
  }

  async run(job: ScriptJob, caller: AbortSignal): Promise<ScriptOutcome> {
    // Not `AbortSignal.any`: it refers to what it combines by weak references, and V8 clears these only when it collects
    // everything, so all that a script had touched would outlive it and be copied by each collection until then.
    const stop = new AbortController();
    const follow = (): void => stop.abort(caller.reason);
    if (this.#isClosed) stop.abort(new StopError('closed'));
    else if (caller.aborted) follow();
    caller.addEventListener('abort', follow, { once: true });
    const outcome = this.#admit(job, stop.signal);
    const membership = this.#underWay.add({ stop, outcome });
    try {
      return await outcome;
    } finally {
      this.#underWay.delete(membership);
      caller.removeEventListener('abort', follow);
    }
  }

  async #admit(job: ScriptJob, signal: AbortSignal): Promise<ScriptOutcome> {
    if (signal.aborted) return stoppedOutcome(stopReasonOf(signal), job);
    const free = this.#queue.length === 0 && this.#hasRoom();
    if (!free && this.#queue.length >= (this.#options.maxQueued ?? 1000))
      return busyOutcome(this.#queue.length);
    let thread = free ? this.#threads.next() : await this.#turn(signal, 'last');
    while (thread !== undefined) {
      const outcome = await this.#runOn(thread, this.#fitted(job), signal);
      if (outcome !== undefined) {
        this.#threads.tidy();
        this.#pump();
        return outcome;
      }
      // Given back. It is not the one that holds the thread, so to run it elsewhere brings it nearer to its end.
      job.counters.update(nothingDone);
      thread = await this.#turn(signal, 'first');
    }
    return stoppedOutcome(stopReasonOf(signal), job);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { stop } of this.#underWay) stop.abort(new StopError('closed'));
    clearInterval(this.#poll);
    this.#poll = undefined;
    // Each ends within its grace.
    await Promise.all([...this.#underWay].map(({ outcome }) => outcome));
    await this.#threads.close();
  }

  /** Waits for room. Undefined when the script was stopped before its turn came. */
  async #turn(signal: AbortSignal, place: 'first' | 'last'): Promise<ScriptThread | undefined> {
    if (signal.aborted) return undefined;
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
      if (place === 'first') {
        this.#queue.unshift(waiting);
        // Once all that were given back are in the queue, in their order.
        setImmediate(() => this.#pump());
      } else {
        this.#queue.push(waiting);
      }
      // What scripts hold also shrinks without any of them ending.
      this.#poll ??= setInterval(() => this.#lookAgain(), pollMs);
    });
  }

  #lookAgain(): void {
    if (++this.#looks % looksPerRecount === 1) this.#threads.recount();
    this.#pump();
  }

  /** Never throws: it follows on the end of a script, and on the loss of a thread. */
  #pump(): void {
    contain('the queue of scripts', this.#options.onDefect, () => this.#letIn());
  }

  #letIn(): void {
    // One at a time: a script that just got in counts only once it has started.
    // Before the script leaves the queue: where no thread can be started, it waits on.
    const thread = this.#queue.length > 0 && this.#hasRoom() ? this.#threads.next() : undefined;
    const next = thread === undefined ? undefined : this.#queue.shift();
    if (thread !== undefined) next?.start(thread);
    if (this.#queue.length > 0) {
      if (next !== undefined) setImmediate(() => this.#pump());
      return;
    }
    clearInterval(this.#poll);
    this.#poll = undefined;
  }

  /** Adding up what hundreds of scripts hold takes its time, so while there is plenty of room an older sum will do. */
  #hasRoom(): boolean {
    if (!this.#threads.hasNext) return false;
    const now = performance.now();
    if (now - this.#heldAt > pollMs || this.#held > this.#ceiling / 2) {
      this.#held = this.#threads.bytesHeld(baseBytes);
      this.#heldAt = now;
    } else {
      this.#held += baseBytes;
    }
    return this.#held + baseBytes <= this.#ceiling || this.#held === 0;
  }

  /**
   * Undefined when the thread gave the script back. A stopped script gets a moment to end by itself, with its last figures;
   * then it is answered regardless, and its thread is free of it.
   */
  async #runOn(
    thread: ScriptThread,
    job: ScriptJob,
    signal: AbortSignal,
  ): Promise<ScriptOutcome | undefined> {
    const run = thread.start(job);
    let grace: NodeJS.Timeout | undefined;
    const overdue = new Promise<ScriptOutcome>((resolve) => {
      const stop = (): void => {
        const reason = stopReasonOf(signal);
        run.stop(reason);
        grace = setTimeout(() => {
          resolve(stoppedOutcome(reason, job));
          run.giveUp();
        }, this.#options.stopGraceMs ?? 800);
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
