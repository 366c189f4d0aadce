/**
 * The main thread's end of one script thread, which lives in a process of its own: starts it, speaks the protocol, and
 * watches that it answers. A thread runs many scripts interleaved. It is replaced only when it is gone or held for long.
 * Scripts that were lost with it are answered with an error and never run again, since the calls that they made have
 * happened; those that made none are given back, to be run elsewhere.
 */
import { threadHeap } from '../shared/script-memory.ts';
import type { ThreadNeeds } from '../shared/script-memory.ts';
import { CancelledError } from '../../../protocol/index.ts';
import type { Once } from '../../../lib/once.ts';
import { TransientMap } from '../../../lib/transient-map.ts';
import { encodeMessage } from '../shared/channel.ts';
import type { Attachment, EncodedMessage } from '../shared/channel.ts';
import type { RunCounters } from '../shared/counters.ts';
import { defectOutcome, failedWith } from '../shared/failure.ts';
import type {
  CallReply,
  FromThread,
  ScriptLimits,
  ScriptOutcome,
  ScriptProgram,
  StopReason,
  ToThread,
} from '../shared/protocol.ts';
import type { HostOptions, Usage } from '../shared/host-options.ts';
import { ScriptProcess, type ScriptProcessHandlers } from './script-process.ts';
import { SentCatalogs } from './sent-catalogs.ts';
import { lookEveryMs, Watchdog } from './watchdog.ts';
import { isAfter, isRun } from '../shared/whereabouts.ts';
import type { Place } from '../shared/whereabouts.ts';
import { contain, guarded, type OnDefect, report } from '../../../lib/guarded.ts';

/** One script to run. */
export interface ScriptJob extends ScriptProgram {
  /** Compared by identity: a thread receives the text of each catalog once. */
  readonly catalog: { readonly text: string };
  readonly limits: ScriptLimits;
  readonly counters: RunCounters;
  /**
   * Makes one inner call. Never rejects. `args` is a JSON object as text. The signal aborts when the script no longer wants
   * the answer.
   */
  call(tool: string, args: string, signal: AbortSignal, place: JobCall): Promise<Once<CallReply>>;
}

/** One call that a script makes. */
export interface JobCall {
  readonly id: number;
  /** The call in whose place the script runs that makes this one; undefined for the job's own. */
  readonly parent: number | undefined;
  /** Where in its script, from 1; undefined where that is not known. */
  readonly line: number | undefined;
  /** Runs the script of a saved tool in the place of the call. Never rejects. */
  runInPlace(program: ScriptProgram): Promise<ScriptOutcome>;
}

export interface ScriptThreadOptions extends ThreadNeeds {
  readonly name: string;
  readonly workerFile: URL;
  /** The processor time that the thread may take without answering a ping, in ms. */
  readonly unresponsiveMs: number;
  /** Resolves when a script may have what a tool answered, of that many bytes. */
  turnToReply(bytes: number): Promise<void>;
  /**
   * Called when the thread has been held for half a second: new scripts would wait. Those that it has not begun are given
   * back after that.
   */
  onSilent(): void;
  /** Called when it was silent and answers again. */
  onAnswer(): void;
  /** Called once, when the thread is gone for any reason but `close`, after its scripts were answered. */
  onLost(event: ThreadLost): void;
  readonly onDefect?: OnDefect | undefined;
  /** Starts its process; another one only in tests. */
  createProcess?(options: HostOptions, handlers: ScriptProcessHandlers): ThreadProcess;
}

type ThreadProcess = Pick<ScriptProcess, 'askUsage' | 'send' | 'sendEncoded' | 'ref' | 'unref' | 'kill'>;

export interface ThreadLost {
  readonly thread: string;
  /** `unresponsive` when it was ended for not answering. */
  readonly reason: 'unresponsive' | 'out_of_memory' | 'crashed';
  /** Scripts that were lost with it. */
  readonly scripts: number;
}

export interface StartedScript {
  /** Undefined when the script was given back: it has done nothing, and may be run on another thread. Never rejects. */
  readonly outcome: Promise<ScriptOutcome | undefined>;
  /** Asks the script to end, which `outcome` then tells. */
  stop(reason: StopReason): void;
  /** Has done with a script that does not end: its thread forgets it, and is ended if it does not answer at all. */
  giveUp(): void;
}

interface ScriptCall {
  readonly tool: string;
  readonly args: string;
  readonly place: JobCall;
}

interface Run {
  readonly job: ScriptJob;
  readonly calls: TransientMap<number, AbortController>;
  /** Calls in whose places scripts of saved tools run. */
  readonly inPlace: TransientMap<number, (outcome: ScriptOutcome) => void>;
  readonly settle: (outcome: ScriptOutcome | undefined) => void;
  /** Whether one of its calls was handed down: from then on it must not be run again. */
  hasCalled: boolean;
  /** Once stopped, a script makes no further call, even if its thread has not heard of it yet. */
  stopped: boolean;
}

export class ScriptThread {
  readonly #options: ScriptThreadOptions;
  readonly #process: ThreadProcess;
  readonly #runs = new TransientMap<number, Run>();
  readonly #catalogs = new SentCatalogs((message) => this.#send(message));
  #lastId = 0;
  readonly #watchdog: Watchdog;
  #watch: NodeJS.Timeout | undefined;
  /** Runs that were given up, until the thread has shown that it can go on without them. */
  readonly #givenUp = new Set<number>();
  /** As its process last told it. */
  #place: Place = { holder: 0, begun: 0, beat: 0 };
  #gone = false;

  constructor(options: ScriptThreadOptions) {
    this.#options = options;
    const { workerFile, memoryBudgetBytes } = options;
    this.#watchdog = new Watchdog({
      unresponsiveMs: options.unresponsiveMs,
      ping: (beat) => this.#send({ type: 'ping', beat }),
      askUsage: () => this.#process.askUsage(),
      onSilent: () => this.#fallSilent(),
      onAnswer: options.onAnswer,
      onHung: () => this.#lose('unresponsive'),
    });
    const create = options.createProcess ?? ((...args) => new ScriptProcess(...args));
    this.#process = create(
      {
        workerFile: workerFile.href,
        workerData: { memoryBudgetBytes },
        ...threadHeap(options),
      },
      {
        onMessage: (message, attachment) => this.#take(message, attachment),
        onUsage: guarded('the usage of a script process', options.onDefect, (usage: Usage) =>
          this.#learn(usage),
        ),
        onEnd: (reason) => this.#lose(reason),
        onBroken: (thrown) => {
          report('the pipe of a script thread', options.onDefect, thrown);
          this.#lose('crashed');
        },
      },
    );
  }

  /** Scripts under way, those that only wait for a tool included. */
  get running(): number {
    return this.#runs.size;
  }

  /** Whether it is silent; see `Watchdog`. */
  get isSilent(): boolean {
    return this.#watchdog.isSilent;
  }

  /** Bytes that the scripts under way hold, each counted as `atLeast` or more. */
  bytesHeld(atLeast: number): number {
    let bytes = 0;
    for (const { job } of this.#runs.values()) bytes += Math.max(atLeast, job.counters.bytesHeld);
    return bytes;
  }

  /** Has the thread find out what its scripts really hold; `bytesHeld` then follows. */
  recount(): void {
    this.#send({ type: 'recount' });
  }

  /** Starts a script. */
  start(job: ScriptJob): StartedScript {
    const runId = ++this.#lastId;
    const outcome = new Promise<ScriptOutcome | undefined>((settle) => {
      const calls = new TransientMap<number, AbortController>();
      const inPlace = new TransientMap<number, (outcome: ScriptOutcome) => void>();
      this.#runs.set(runId, { job, calls, inPlace, settle, hasCalled: false, stopped: false });
    });
    if (this.#gone) {
      this.#settle(runId, lostOutcome);
    } else {
      this.#send({
        type: 'run',
        runId,
        catalogId: this.#catalogs.idOf(job.catalog),
        script: job.script,
        data: job.data,
        ...(job.saved !== undefined && { saved: job.saved }),
        limits: job.limits,
      });
      this.#keepWatch();
    }
    const stop = (reason: StopReason): void => {
      const run = this.#runs.get(runId);
      if (run === undefined) return;
      run.stopped = true;
      abortCalls(run);
      this.#send({ type: 'stop', runId, reason });
    };
    return { outcome, stop, giveUp: () => this.#giveUp(runId) };
  }

  /** Ends the thread; scripts still under way are answered with an error. */
  async close(): Promise<void> {
    this.#lose('crashed', false);
    await this.#process.kill();
  }

  /** Never throws. A message that cannot be dealt with costs the script that it is about, and no other. */
  #take(message: FromThread, attachment: Attachment): void {
    try {
      this.#receive(message, attachment);
    } catch (thrown) {
      this.#failRun('runId' in message ? message.runId : undefined, thrown);
    }
  }

  #failRun(runId: number | undefined, thrown: unknown): void {
    report('a message of a script thread', this.#options.onDefect, thrown);
    if (runId !== undefined) this.#settle(runId, defectOutcome(thrown));
  }

  #receive(message: FromThread, attachment: Attachment): void {
    if (message.type === 'pong') {
      this.#answered(message.beat);
      return;
    }
    if (message.type === 'ready') {
      this.#watchdog.started();
      return;
    }
    if (message.type === 'figures') {
      for (const [runId, figures] of message.runs) this.#runs.get(runId)?.job.counters.update(figures);
      return;
    }
    // A script that was answered already has nothing more to say.
    const run = this.#runs.get(message.runId);
    if (run === undefined) return;
    if (message.type === 'abandon') {
      run.calls.get(message.callId)?.abort(new CancelledError(abandoned));
      return;
    }
    if (message.type === 'ran') {
      run.inPlace.get(message.callId)?.(message.outcome);
      run.inPlace.delete(message.callId);
      return;
    }
    run.job.counters.update(message.figures);
    if (message.type === 'call') {
      const { runId, callId: id, parent, tool, args, line } = message;
      if (run.stopped) return;
      const runInPlace = (program: ScriptProgram) => this.#runInPlace(runId, id, program);
      const call: ScriptCall = { tool, args, place: { id, parent, line, runInPlace } };
      this.#call(runId, run, call).catch((thrown: unknown) => this.#failRun(runId, thrown));
      return;
    }
    const { outcome } = message;
    this.#settle(message.runId, attachment.length === 0 ? outcome : { ...outcome, result: attachment });
  }

  async #call(runId: number, run: Run, { tool, args, place }: ScriptCall): Promise<void> {
    run.hasCalled = true;
    const { id: callId } = place;
    const controller = new AbortController();
    run.calls.set(callId, controller);
    const reply = await run.job.call(tool, args, controller.signal, place);
    run.calls.delete(callId);
    run.inPlace.delete(callId);
    if (!this.#runs.has(runId)) return;
    // What waits is not V8's to keep: each large text that waited as a string would be one more to be marked.
    const message = encodeReply(runId, callId, reply);
    await this.#options.turnToReply(message.byteLength);
    if (this.#runs.has(runId)) this.#process.sendEncoded(message);
  }

  #runInPlace(runId: number, callId: number, program: ScriptProgram): Promise<ScriptOutcome> {
    const run = this.#runs.get(runId);
    if (run === undefined || run.stopped || !run.calls.has(callId)) return Promise.resolve(cancelledOutcome);
    return new Promise((resolve) => {
      run.inPlace.set(callId, resolve);
      this.#send({ type: 'reply', runId, callId, reply: { kind: 'program', program } });
    });
  }

  #settle(runId: number, outcome: ScriptOutcome | undefined): void {
    const run = this.#runs.get(runId);
    if (run === undefined) return;
    this.#runs.delete(runId);
    for (const end of run.inPlace.values()) end(outcome === lostOutcome ? lostOutcome : cancelledOutcome);
    run.inPlace.clear();
    abortCalls(run);
    if (this.#runs.size === 0) this.#rest();
    run.settle(outcome);
  }

  /** While scripts are under way the thread must answer a ping now and then, and keeps the process alive. */
  #keepWatch(): void {
    this.#process.ref();
    const look = guarded('the watch over a script thread', this.#options.onDefect, () =>
      this.#watchdog.look(),
    );
    this.#watch ??= setInterval(look, lookEveryMs);
    this.#watch.ref();
  }

  #rest(): void {
    this.#process.unref();
    if (this.#givenUp.size > 0 && !this.#gone) {
      this.#watch?.unref();
      return;
    }
    clearInterval(this.#watch);
    this.#watch = undefined;
  }

  #answered(beat: number): void {
    this.#watchdog.answered(beat);
    if (this.#watchdog.isWaiting) return;
    this.#givenUp.clear();
    if (this.#runs.size === 0) this.#rest();
  }

  #learn(usage: Usage): void {
    this.#place = usage;
    this.#answered(usage.beat);
    this.#watchdog.used(usage.cpuMs);
    this.#endIfUseless();
  }

  #giveUp(runId: number): void {
    if (!this.#runs.has(runId)) return;
    this.#givenUp.add(runId);
    this.#send({ type: 'drop', runId });
    this.#settle(runId, lostOutcome);
    this.#endIfUseless();
  }

  #fallSilent(): void {
    this.#options.onSilent();
    const { begun } = this.#place;
    this.#giveBack((runId) => isAfter(begun, runId));
    this.#endIfUseless();
  }

  /** A held thread has nothing to lose when the run that holds it was given up, and no other has made a call. */
  #endIfUseless(): void {
    if (!this.#watchdog.isSilent) return;
    if (this.#runs.size > 0) {
      const { holder } = this.#place;
      if (![...this.#givenUp].some((runId) => isRun(holder, runId))) return;
      for (const { hasCalled } of this.#runs.values()) if (hasCalled) return;
    }
    this.#lose('unresponsive');
  }

  /**
   * Of those that have made no call, and only where it is known to be a run that holds the thread: a message that takes it
   * long to read would hold the next one too. The newest come first, since each is then put before the others.
   */
  #giveBack(isToGo: (runId: number) => boolean): void {
    if (this.#place.holder === 0) return;
    for (const runId of [...this.#runs.keys()].toReversed()) {
      if (this.#runs.get(runId)?.hasCalled === true || !isToGo(runId)) continue;
      this.#send({ type: 'drop', runId });
      this.#settle(runId, undefined);
    }
  }

  #lose(reason: ThreadLost['reason'], tell = true): void {
    if (this.#gone) return;
    this.#gone = true;
    const { holder } = this.#place;
    if (reason === 'unresponsive') this.#giveBack((runId) => !isRun(holder, runId));
    const scripts = this.#runs.size;
    for (const runId of [...this.#runs.keys()]) this.#settle(runId, lostOutcome);
    this.#rest();
    const { name: thread, onDefect, onLost } = this.#options;
    contain('the end of a script thread', onDefect, () => this.#process.kill());
    if (tell) contain('the loss of a script thread', onDefect, () => onLost({ thread, reason, scripts }));
  }

  #send(message: ToThread): void {
    if (!this.#gone) this.#process.send(message);
  }
}

const abandoned = 'the script no longer waits for this call';

/** Apart from the call, which would keep the reply's texts for as long as it waits. */
function encodeReply(runId: number, callId: number, reply: Once<CallReply>): EncodedMessage {
  return encodeMessage({ type: 'reply', runId, callId, reply: reply.take() } satisfies ToThread);
}

function abortCalls(run: Run): void {
  for (const controller of run.calls.values()) controller.abort(new CancelledError(abandoned));
  run.calls.clear();
}

/** Of a script that ran in the place of a call, where the run ended first. */
const cancelledOutcome: ScriptOutcome = failedWith('Error: the script that called this tool has ended.', {
  status: 'cancelled',
  code: 'cancelled',
});

const lostOutcome: ScriptOutcome = failedWith(
  'Error: the gateway had to replace the thread that ran this script. The script was not run again: calls that it ' +
    'made before may have taken effect, so check before repeating them. If it happens again, make the script smaller: ' +
    'handle fewer items at a time.',
  { status: 'error', code: 'thread_lost' },
);
