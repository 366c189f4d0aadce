/**
 * What a program about branches must do, in plain words. Nothing is counted along the way: which branches are under
 * way, and whether a call of `parallel` is over, is found by looking at all of them each time.
 */
import type { Operation, Setting } from './operation.ts';
import { type Call, type Frame, Performance, type Request, type Running, type World } from './perform.ts';
import { Schedule } from './schedule.ts';
import { Failure, type Json, type Messages, nothing, type Result, type Trace } from './trace.ts';

interface Branch extends Frame {
  readonly parent: Branch | null;
  readonly operation: Operation;
  readonly lines: string[];
  running: Running | null;
  stands: 'unbegun' | 'ready' | 'calling' | 'forking' | 'joined' | 'ended';
  /** Whether it counts as under way. */
  slot: boolean;
  /** What it goes on with. */
  reply: Result;
  call: Call | null;
  children: readonly Branch[];
  collects: boolean;
  /** The error of the first of its branches that ends the others. */
  failure: Failure | null;
  cancelled: Failure | null;
  result: Result | null;
}

export function runReference(operation: Operation, setting: Setting, messages: Messages): Trace {
  return new Reference(operation, setting, messages).run();
}

class Reference implements World {
  readonly #setting: Setting;
  readonly #performance: Performance;
  readonly #schedule: Schedule;
  readonly #effects: string[] = [];
  /** In the order in which they were made, ended ones included. */
  readonly #all: Branch[] = [];
  #ready: Branch[] = [];
  #joined: Branch[] = [];
  /** Calls that the host has begun and not answered. */
  #open: Branch[] = [];
  /** Calls that were answered when they were made; the news arrives when the run next gives way. */
  #answered: Branch[] = [];
  cancelled: Failure | null = null;

  constructor(operation: Operation, setting: Setting, messages: Messages) {
    this.#setting = setting;
    this.#performance = new Performance(setting, messages, this);
    this.#schedule = new Schedule(setting.choices);
    this.#goOn(this.#branch(null, operation), nothing);
  }

  run(): Trace {
    const program = this.#all[0]!;
    for (;;) {
      if (program.result !== null) return { effects: this.#effects, outcome: toText(program.result) };
      this.#fillSlots();
      const next = this.#ready.shift();
      if (next !== undefined) this.#turn(next);
      else this.#idle();
    }
  }

  #branch(parent: Branch | null, operation: Operation): Branch {
    const branch: Branch = {
      parent,
      operation,
      lines: [],
      print: (line) => this.#emit(branch, line),
      running: null,
      stands: 'unbegun',
      depth: parent?.depth ?? 1,
      slot: false,
      reply: nothing,
      call: null,
      children: [],
      collects: false,
      failure: null,
      cancelled: null,
      result: null,
    };
    this.#all.push(branch);
    return branch;
  }

  #goOn(branch: Branch, reply: Result): void {
    branch.stands = 'ready';
    branch.reply = reply;
    this.#ready.push(branch);
  }

  /** Branches go on whose own branches have all ended. */
  #join(): void {
    for (;;) {
      const branch = this.#all.find(
        ({ stands, children }) => stands === 'forking' && children.every((child) => child.stands === 'ended'),
      );
      if (branch === undefined) return;
      for (const line of branch.children.flatMap((child) => child.lines)) this.#emit(branch, line);
      const { failure, children } = branch;
      const reply: Result =
        failure === null
          ? { ok: true, value: children.map(({ result }) => toJson(result!, branch.collects)) }
          : { ok: false, error: failure };
      // Where its own branches met an error that no script survives, it ends with that, for it was the first.
      if (branch.cancelled !== null && failure?.catchable === false) branch.cancelled = failure;
      if (branch.parent === null || branch.cancelled !== null) this.#goOn(branch, reply);
      else {
        branch.stands = 'joined';
        branch.reply = reply;
        this.#joined.push(branch);
      }
    }
  }

  #fillSlots(): void {
    while (this.#all.filter(({ slot }) => slot).length < Math.max(1, this.#setting.maxParallel)) {
      const next = this.#joined.shift() ?? this.#all.find(({ stands }) => stands === 'unbegun');
      if (next === undefined) return;
      next.slot = true;
      this.#goOn(next, next.reply);
    }
  }

  #turn(branch: Branch): void {
    branch.running ??= this.#performance.perform(branch.operation, branch);
    const { running } = branch;
    try {
      const step =
        branch.cancelled !== null
          ? running.throw(branch.cancelled)
          : branch.reply.ok
            ? running.next(branch.reply.value)
            : running.throw(branch.reply.error);
      if (step.done === true) this.#end(branch, { ok: true, value: step.value });
      else this.#suspend(branch, step.value);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#end(branch, { ok: false, error });
    }
  }

  #suspend(branch: Branch, request: Request): void {
    if (request.why === 'pause') {
      this.#hearAnswered();
      this.#act(this.#schedule.whenPaused(this.#open.length));
      branch.stands = 'ready';
      branch.reply = nothing;
      this.#ready.unshift(branch);
    } else if (request.why === 'call') {
      branch.stands = 'calling';
      branch.call = request;
      (request.state === 'open' ? this.#open : this.#answered).push(branch);
      if (branch.cancelled !== null) this.#interrupt(branch, branch.cancelled);
    } else {
      branch.stands = 'forking';
      branch.slot = false;
      branch.collects = request.collects;
      branch.failure = null;
      branch.children = request.parts.map((part) => this.#branch(branch, part));
    }
  }

  #end(branch: Branch, result: Result): void {
    const { parent } = branch;
    const endsOthers =
      parent !== null &&
      parent.failure === null &&
      !result.ok &&
      !(parent.collects && result.error.catchable);
    if (endsOthers) parent.failure = result.error;
    branch.stands = 'ended';
    branch.slot = false;
    branch.result = result;
    this.#join();
    if (!endsOthers) return;
    const error = new Failure('cancelled', 'another branch of parallel failed', false);
    for (const child of parent.children) this.#cancel(child, error);
  }

  #cancel(branch: Branch, error: Failure): void {
    if (branch.stands === 'ended' || branch.cancelled !== null) return;
    branch.cancelled = error;
    this.#interrupt(branch, error);
  }

  #interrupt(branch: Branch, error: Failure): void {
    if (branch.stands === 'unbegun') {
      branch.stands = 'ended';
      branch.result = { ok: false, error };
      this.#join();
    } else if (branch.stands === 'calling') {
      this.#open = this.#open.filter((other) => other !== branch);
      this.#answered = this.#answered.filter((other) => other !== branch);
      if (branch.call!.state !== 'refused') this.effect(`cancelled ${branch.call!.id}`);
      this.#goOn(branch, nothing);
    } else if (branch.stands === 'joined') {
      this.#joined = this.#joined.filter((other) => other !== branch);
      this.#goOn(branch, nothing);
    } else if (branch.stands === 'forking') {
      for (const child of branch.children) this.#cancel(child, error);
    }
  }

  #idle(): void {
    if (this.#answered.length > 0) this.#hearAnswered();
    else if (this.#open.length > 0) this.#act(this.#schedule.whenIdle(this.#open.length));
    else throw new Error('the reference itself is stuck');
  }

  #hearAnswered(): void {
    for (const branch of this.#answered) this.#goOn(branch, branch.call!.answer);
    this.#answered = [];
  }

  #act(action: ReturnType<Schedule['whenIdle']>): void {
    if (action === 'cancel') {
      this.cancelRun('cancelled from outside');
      return;
    }
    const settled = action.settle.map((at) => this.#open[at]!);
    this.#open = this.#open.filter((branch) => !settled.includes(branch));
    for (const branch of settled) {
      this.effect(`answered ${branch.call!.id}`);
      this.#goOn(branch, branch.call!.answer);
    }
  }

  effect(effect: string): void {
    this.#effects.push(effect);
  }

  cancelRun(reason: string): void {
    if (this.cancelled !== null) return;
    this.cancelled = new Failure('cancelled', reason, false);
    this.#cancel(this.#all[0]!, this.cancelled);
  }

  #emit(branch: Branch, line: string): void {
    if (branch.parent === null) this.effect(`printed ${line}`);
    else branch.lines.push(line);
  }
}

function toJson(result: Result, collects: boolean): Json {
  if (!collects && result.ok) return result.value;
  return result.ok ? { ok: true, value: result.value } : { ok: false, error: result.error.message };
}

function toText(result: Result): string {
  return result.ok ? JSON.stringify(result.value) : `${result.error.code}: ${result.error.message}`;
}
