/** What the operations of a program do within one branch. */
import { branchesOf, type Limit, type Operation, type Setting } from './operation.ts';
import { isHosted, longLine } from './source.ts';
import { Failure, type Json, maxPrintBytes, type Messages, nothing, type Result } from './trace.ts';

/** What the host made of a call: it began it, it answered as soon as it had, or it refused to begin. */
type CallState = 'open' | 'answered' | 'refused';

/** Why a branch does not go on at once. */
export type Request = Call | { readonly why: 'pause' } | Fork;

export interface Call {
  readonly why: 'call';
  readonly id: number;
  readonly state: CallState;
  readonly answer: Result;
}

interface Fork {
  readonly why: 'fork';
  readonly collects: boolean;
  readonly parts: readonly Operation[];
}

/** Yields when the branch must wait, and is gone on with by what it waited for. */
export type Running = Generator<Request, Json, Json>;

/** A branch, as far as what runs in it is concerned. */
export interface Frame {
  /** Functions of the script's that are active in it. */
  depth: number;
  print(line: string): void;
}

/** All that operations have an effect on but the branch that they are in. */
export interface World {
  /** The error that the run was cancelled with. */
  readonly cancelled: Failure | null;
  effect(effect: string): void;
  cancelRun(reason: string): void;
}

/** Beyond these a program is left out: loops within loops run long and show nothing new. */
const maxOperations = 600;
/** One that takes many steps counts as so many, to stay far from the limit of steps. */
const spinCost = 60;

/** The program does more than a test has time for. */
export class TooLong extends Error {}

export class Performance {
  readonly #setting: Setting;
  readonly #messages: Messages;
  readonly #world: World;
  readonly #locks = new Map<number, number>();
  #stepsUsedUp = false;
  #printed = 0;
  #calls = 0;
  #operations = 0;

  constructor(setting: Setting, messages: Messages, world: World) {
    this.#setting = setting;
    this.#messages = messages;
    this.#world = world;
  }

  #print(branch: Frame, line: string): void {
    this.#printed += line.length + 1;
    if (this.#printed > maxPrintBytes) throw new Failure('print_limit', this.#messages.print, false);
    branch.print(line);
  }

  /** What every piece of script meets where it begins. */
  #begin(): void {
    this.#assertNotCancelled();
    if (this.#stepsUsedUp) throw new Failure('step_limit', this.#messages.steps, false);
  }

  /** Does the operation, and gives its value; throws a Failure. */
  *perform(operation: Operation, branch: Frame): Running {
    if (++this.#operations > maxOperations) throw new TooLong();
    if (!isHosted(operation)) return yield* this.#within(branch, this.#performWithin(operation, branch));
    this.#assertNotCancelled();
    return yield* this.#performWithin(operation, branch);
  }

  /** Within a function of the script's. */
  *#within(branch: Frame, running: Running): Running {
    if (branch.depth >= this.#setting.maxDepth) throw this.#tooDeep();
    this.#begin();
    branch.depth++;
    try {
      return yield* running;
    } finally {
      branch.depth--;
    }
  }

  #tooDeep(): Failure {
    const message = this.#messages.depth.replace('5', String(this.#setting.maxDepth));
    return new Failure('depth_limit', message, false);
  }

  *#performWithin(operation: Operation, branch: Frame): Running {
    const { id } = operation;
    switch (operation.kind) {
      case 'value':
        return id;
      case 'note':
        this.#world.effect(`note ${id}`);
        return id;
      case 'call':
        return yield this.#call(operation);
      case 'stop':
        this.#world.effect(`stop ${id}`);
        this.#world.cancelRun(`stopped by ${id}`);
        return operation.waits ? yield { why: 'call', answer: nothing, id, state: 'open' } : null;
      case 'print':
        this.#print(branch, `line ${id}`);
        return null;
      case 'fail':
        throw new Failure('fail', `fail: x${id}`);
      case 'spin':
        this.#operations += spinCost;
        yield { why: 'pause' };
        return null;
      case 'limit':
        return yield* this.#reach(operation.limit, branch);
      case 'change':
        if ((this.#locks.get(operation.list) ?? 0) > 0) throw new Failure('iterating', this.#messages.locked);
        return null;
      case 'list':
        return yield* this.#performAll(operation.parts, branch);
      case 'loop':
        return yield* this.#loop(operation.list, operation.part, branch);
      case 'sort':
        for (let time = 0; time < 2; time++)
          yield* this.#within(branch, this.perform(operation.part, branch));
        return [1, 2];
      case 'lambda':
        return yield* this.perform(operation.part, branch);
      case 'attempt':
        try {
          return { ok: true, value: yield* this.perform(operation.part, branch) };
        } catch (error) {
          if (!(error instanceof Failure) || !error.catchable) throw error;
          return { ok: false, error: error.message };
        }
      case 'parallel':
        if (operation.parts.length === 0) return [];
        return yield { why: 'fork', collects: operation.collects, parts: branchesOf(operation) };
    }
  }

  #call({ id, fails, answered }: Operation & { kind: 'call' }): Request {
    if (++this.#calls > this.#setting.maxCalls) {
      const error = new Failure('cancelled', 'too many calls', false);
      return { why: 'call', id, state: 'refused', answer: { ok: false, error } };
    }
    this.#world.effect(`call ${id}`);
    const answer: Result = fails
      ? { ok: false, error: new Failure('host', `e${id}`) }
      : { ok: true, value: id };
    return { why: 'call', id, state: answered ? 'answered' : 'open', answer };
  }

  *#reach(limit: Limit, branch: Frame): Running {
    switch (limit) {
      case 'steps':
        this.#stepsUsedUp = true;
        return this.#begin() ?? null;
      case 'memory':
        throw new Failure('memory_limit', this.#messages.memory, false);
      case 'depth':
        return yield* this.#within(branch, this.#recur(branch, 1));
      case 'print':
        this.#print(branch, 'x'.repeat(longLine));
        return null;
    }
  }

  /** A function that calls itself. */
  *#recur(branch: Frame, times: number): Running {
    if (times > 1 && !this.#setting.recursion) throw new Failure('recursion', this.#messages.recursion);
    return yield* this.#within(branch, this.#recur(branch, times + 1));
  }

  *#performAll(parts: readonly Operation[], branch: Frame): Running {
    const values: Json[] = [];
    for (const part of parts) values.push(yield* this.perform(part, branch));
    return values;
  }

  *#loop(list: number, part: Operation, branch: Frame): Running {
    const change = (by: number): void => void this.#locks.set(list, (this.#locks.get(list) ?? 0) + by);
    change(1);
    try {
      const values: Json[] = [];
      for (let turn = 0; turn < 2; turn++) {
        this.#begin();
        values.push(yield* this.perform(part, branch));
      }
      this.#begin();
      return values;
    } finally {
      change(-1);
    }
  }

  #assertNotCancelled(): void {
    if (this.#world.cancelled !== null) throw this.#world.cancelled;
  }
}
