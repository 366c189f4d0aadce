import { StarlarkError } from '../errors.ts';
import type { Value } from '../values/value.ts';
import { type Callable, type Fork, noKwargs, nothingLive, type Outcome, type Resumable } from './callable.ts';
import { Fiber, type Group } from './fiber.ts';
import { Queue } from './queue.ts';
import { advance } from './suspend.ts';
import type { Thread } from './thread.ts';

/**
 * Runs a program and its branches, one at a time, in turns that end only at a wait or at the end. A turn that is
 * interrupted to let the event loop run is taken up again before any other. So the order of turns depends on nothing
 * but the order in which the host's calls complete.
 */
export async function drive(thread: Thread, program: Resumable): Promise<Value> {
  return new Driver(thread).run(program);
}

interface Turn {
  readonly fiber: Fiber;
  reply: Outcome;
}

/** A branch that could go on, were there fewer under way: it has not begun yet, or its own branches have finished. */
interface Queued extends Turn {
  readonly branch: Callable | null;
}

class Driver {
  readonly #thread: Thread;
  readonly #ready: Queue<Turn> = new Queue();
  /** The next to go on is the last: taking the first of a long array would move all the others. */
  #queued: Queued[] = [];
  readonly #root: Fiber;
  readonly #waiting = new Set<Fiber>();
  #underWay = 0;
  #wake: () => void = () => undefined;
  #pausing = false;

  constructor(thread: Thread) {
    this.#thread = thread;
    this.#root = new Fiber(null, 0);
  }

  async run(program: Resumable): Promise<Value> {
    this.#thread.whenCancelled((error) => this.#cancelAll(error));
    this.#thread.whenCounted(() => this.#roots());
    if (this.#thread.cancelled !== null) throw this.#thread.cancelled;
    this.#root.calls.push({ running: program, live: nothingLive });
    this.#root.hasBegun = true;
    this.#ready.push({ fiber: this.#root, reply: goOn });
    while (this.#root.outcome === null) {
      if (this.#ready.length === 0 || this.#pausing) await this.#hostTurn();
      else this.#take(this.#ready.take()!);
    }
    const { outcome } = this.#root;
    if (outcome.ok) return outcome.value as Value;
    throw outcome.error;
  }

  /** The one place that waits on the host: for an answer, or only for the event loop to turn. */
  #hostTurn(): Promise<void> {
    if (!this.#pausing) return new Promise((resolve) => (this.#wake = resolve));
    this.#pausing = false;
    return this.#thread.options.yieldToHost?.() ?? Promise.resolve();
  }

  /** Runs one turn of a branch. */
  #take({ fiber, reply }: Turn): void {
    const thread = this.#thread;
    thread.fiber = fiber;
    thread.depth = fiber.depth;
    thread.beginSlice();
    const outcome = advance(thread, fiber.calls, reply);
    fiber.depth = thread.depth;
    const { request } = thread;
    if (outcome !== null) this.#finish(fiber, outcome);
    else if (request === null) this.#pause(fiber);
    else if ('branches' in request) this.#fork(fiber, request);
    else this.#await(fiber, request);
  }

  /** The branch goes on before any other, after a turn of the event loop. */
  #pause(fiber: Fiber): void {
    let reply: Outcome = goOn;
    try {
      this.#thread.reclaim(this.#roots());
    } catch (error) {
      reply = { ok: false, error };
    }
    this.#pausing = true;
    this.#ready.putBack({ fiber, reply });
  }

  /** What all branches refer to; they are all suspended. */
  *#roots(): Iterable<unknown> {
    const groups = new Set<Group>();
    for (const fiber of [
      this.#root,
      ...this.#waiting,
      ...this.#ready.toArray().map((turn) => turn.fiber),
      this.#thread.fiber,
    ]) {
      yield* whatIsLive(fiber);
      for (let group = fiber.group; group !== null; group = group.parent.group) groups.add(group);
    }
    for (const { reply } of this.#ready.toArray()) if (reply.ok === true) yield reply.value;
    for (const { branch, fiber, reply } of this.#queued) {
      yield* whatIsLive(fiber);
      yield* [branch, reply.ok === true ? reply.value : null];
    }
    for (const { fibers, parent } of groups) {
      yield* whatIsLive(parent);
      for (const { outcome, output } of fibers) yield [outcome?.ok === true ? outcome.value : null, output];
    }
  }

  #await(fiber: Fiber, answer: PromiseLike<unknown>): void {
    const wait = ++fiber.wait;
    fiber.isWaiting = true;
    this.#waiting.add(fiber);
    const settle = (reply: Outcome): void => {
      if (!fiber.isWaiting || fiber.wait !== wait) return;
      this.#answer(fiber, reply);
      this.#wake();
    };
    answer.then(
      (value) => settle({ ok: true, value }),
      (error: unknown) => settle({ ok: false, error }),
    );
  }

  #answer(fiber: Fiber, reply: Outcome): void {
    fiber.isWaiting = false;
    this.#waiting.delete(fiber);
    fiber.clearListeners();
    this.#ready.push({ fiber, reply });
  }

  #fork(parent: Fiber, { branches, onError }: Fork): void {
    const group: Group = { parent, onError, fibers: [], unfinished: branches.length, failure: null };
    this.#thread.fuel -= stepsPerBranch * branches.length;
    if (parent.group !== null) this.#underWay--;
    const added: Queued[] = [];
    for (const branch of branches) {
      const fiber = new Fiber(group, group.fibers.length);
      fiber.depth = parent.depth;
      fiber.active = new Set(parent.active);
      group.fibers.push(fiber);
      added.push({ fiber, branch, reply: goOn });
    }
    this.#queued = [...added.reverse(), ...this.#queued];
    if (branches.length === 0) this.#join(group);
    this.#startQueued();
  }

  #startQueued(): void {
    const cap = Math.max(1, this.#thread.options.maxParallel ?? Infinity);
    while (this.#underWay < cap && this.#queued.length > 0) {
      const { fiber, branch, reply } = this.#queued.pop()!;
      this.#underWay++;
      if (branch !== null) {
        this.#thread.parallelBranches++;
        fiber.calls.push({ running: runBranch(this.#thread, branch), live: nothingLive });
        fiber.hasBegun = true;
      }
      this.#ready.push({ fiber, reply });
    }
  }

  #finish(fiber: Fiber, outcome: Outcome): void {
    fiber.outcome = outcome;
    const { group } = fiber;
    if (group === null) return;
    this.#underWay--;
    group.unfinished--;
    if (!outcome.ok) this.#fail(group, outcome.error);
    if (group.unfinished === 0) this.#join(group);
    this.#startQueued();
  }

  /** The first failure of a group ends its other branches, unless failures are collected. */
  #fail(group: Group, error: unknown): void {
    const mustEnd = group.onError === 'fail' || (error instanceof StarlarkError && !error.catchable);
    if (!mustEnd || group.failure !== null) return;
    group.failure = { error };
    this.#cancelGroup(group, new StarlarkError('cancelled', 'another branch of parallel failed'));
  }

  #cancelGroup(group: Group, error: StarlarkError): void {
    for (const fiber of group.fibers) {
      if (fiber.outcome !== null) continue;
      if (!fiber.hasBegun) this.#drop(fiber, error);
      else if (fiber.isWaiting) this.#interrupt(fiber, error);
      else this.#cancelWithin(fiber, error);
    }
  }

  /** A branch that has not begun never will. */
  #drop(fiber: Fiber, error: StarlarkError): void {
    const at = this.#queued.findLastIndex((entry) => entry.fiber === fiber);
    if (at >= 0) this.#queued.splice(at, 1);
    fiber.outcome = { ok: false, error };
    fiber.group!.unfinished--;
  }

  #interrupt(fiber: Fiber, error: StarlarkError): void {
    fiber.notifyCancelled(error);
    this.#answer(fiber, {
      ok: false,
      error: new StarlarkError(error.code, error.message, { cause: error.cause }),
    });
  }

  /** A branch that neither runs nor waits on the host is ready for its turn, or waits for branches of its own. */
  #cancelWithin(fiber: Fiber, error: StarlarkError): void {
    const isOf = (turn: Turn): boolean => turn.fiber === fiber;
    const turn = this.#ready.toArray().find(isOf) ?? this.#queued.find(isOf);
    if (turn !== undefined) turn.reply = { ok: false, error };
    else for (const group of this.#groupsOf(fiber)) this.#cancelGroup(group, error);
  }

  #groupsOf(parent: Fiber): Set<Group> {
    const groups = new Set<Group>();
    const fibers = [
      ...this.#waiting,
      ...this.#ready.toArray().map((turn) => turn.fiber),
      ...this.#queued.map((entry) => entry.fiber),
    ];
    for (const fiber of fibers) {
      for (let group = fiber.group; group !== null; group = group.parent.group) {
        if (group.parent === parent) groups.add(group);
      }
    }
    return groups;
  }

  /** All branches have finished: their lines come out in order, and the parent goes on. */
  #join(group: Group): void {
    const { parent, fibers, failure } = group;
    for (const { output } of fibers) for (const line of output!) this.#emit(parent, line);
    const outcomes = fibers.map(({ outcome }) => outcome);
    // A branch that took long is old to V8's collector, and would keep its value until everything is collected.
    for (const fiber of fibers) fiber.outcome = goOn;
    const reply: Outcome =
      failure === null ? { ok: true, value: outcomes } : { ok: false, error: failure.error };
    if (parent.group === null) this.#ready.push({ fiber: parent, reply });
    else this.#queued.push({ fiber: parent, branch: null, reply });
  }

  #emit(parent: Fiber, line: string): void {
    if (parent.output === null) this.#thread.options.print?.(line);
    else parent.output.push(line);
  }

  #cancelAll(error: StarlarkError): void {
    for (const fiber of [...this.#waiting]) this.#interrupt(fiber, error);
    this.#wake();
  }
}

/** What starting a branch costs, so that branches which do nothing cannot be started without end. */
const stepsPerBranch = 10;

/** The answer to a pause, and to the first turn of all; and what is left of the outcome of a branch. */
const goOn: Outcome = { ok: true, value: null };

function* whatIsLive(fiber: Fiber): Iterable<unknown> {
  for (const { live } of fiber.calls) yield live;
  yield* fiber.held;
}

/** A branch as something to run, whichever form its callable has. */
function* runBranch(thread: Thread, branch: Callable): Resumable {
  if (branch.start === null) return branch.call(thread, [], noKwargs);
  return yield* branch.start(thread, [], noKwargs);
}
