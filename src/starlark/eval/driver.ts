import { StarlarkError } from '../errors.ts';
import type { Value } from '../values/value.ts';
import { type Callable, type Fork, noKwargs, nothingLive, type Outcome, type Resumable } from './callable.ts';
import { toStarlarkError } from './failures.ts';
import { Fiber } from './fiber.ts';
import { Group } from './group.ts';
import { Queue } from './queue.ts';
import { advance } from './suspend.ts';
import type { Thread } from './thread.ts';

/**
 * Runs a program and its branches, one at a time, in turns that end only at a wait or at the end. A turn that is
 * interrupted to let the event loop run is taken up again before any other. So the order of turns depends on nothing
 * but the order in which the host's calls complete.
 *
 * The branches are a tree: each knows the group whose end it waits for, and that group its branches. What concerns all
 * of them (to cancel them, to count what they hold) goes down the tree; what ends goes up, by `Group.end`. The queues
 * only say whose turn it is, and may hold branches that have been cancelled meanwhile.
 */
export async function drive(thread: Thread, program: Resumable): Promise<Value> {
  return new Driver(thread).run(program);
}

class Driver {
  readonly #thread: Thread;
  readonly #root: Fiber;
  readonly #ready: Queue<Fiber> = new Queue();
  /** Branches whose own branches have ended. They get a slot before any that has not begun. */
  readonly #joined: Queue<Fiber> = new Queue();
  readonly #unbegun: Queue<Fiber> = new Queue();
  readonly #waiting = new Set<Fiber>();
  #slotsTaken = 0;
  #wake: () => void = () => undefined;
  #pausing = false;
  /** What the host threw where no code of the script's could take it. */
  #defect: StarlarkError | null = null;
  /** What is left of counting the bytes held; null when that is not going on. */
  #counting: Iterator<void> | null = null;

  constructor(thread: Thread) {
    this.#thread = thread;
    this.#root = new Fiber(null, null);
  }

  async run(program: Resumable): Promise<Value> {
    const root = this.#root;
    this.#thread.whenCancelled((error) => this.#cancelAll(error));
    this.#thread.whenCounted(() => this.#roots());
    if (this.#thread.cancelled !== null) throw this.#thread.cancelled;
    root.calls.push({ running: program, live: nothingLive });
    this.#makeReady(root, goOn);
    try {
      while (root.outcome === null) {
        this.#fillSlots();
        if (this.#ready.length === 0 || this.#pausing) {
          await this.#hostTurn();
          this.#goOnCounting();
        } else this.#take(this.#ready.take()!);
      }
      this.#assertDrained();
    } finally {
      // Only after a defect are there any left.
      this.#cancelAll(new StarlarkError('cancelled', 'the run has ended'));
    }
    if (this.#defect !== null) throw this.#defect;
    if (root.outcome.ok) return root.outcome.value as Value;
    throw root.outcome.error;
  }

  /** The one place that waits on the host: for an answer, or only for the event loop to turn. */
  #hostTurn(): Promise<void> {
    if (!this.#pausing) {
      if (this.#waiting.size === 0) throw defect('no branch can go on');
      return new Promise((resolve) => (this.#wake = resolve));
    }
    this.#pausing = false;
    return this.#thread.options.yieldToHost?.() ?? Promise.resolve();
  }

  #assertDrained(): void {
    const left = this.#ready.length + this.#waiting.size + this.#slotsTaken;
    if (left > 0) throw defect('branches are left at the end');
  }

  /** Runs one turn of a branch. */
  #take(fiber: Fiber): void {
    const thread = this.#thread;
    const reply = fiber.cancelled === null ? fiber.reply! : ({ ok: false, error: fiber.cancelled } as const);
    fiber.reply = null;
    fiber.standing = 'running';
    thread.fiber = fiber;
    thread.depth = fiber.depth;
    thread.beginSlice();
    const outcome = advance(thread, fiber.calls, reply);
    fiber.depth = thread.depth;
    const { request } = thread;
    if (outcome !== null) this.#finish(fiber, outcome);
    else if (request === null) this.#pause(fiber);
    else {
      if ('branches' in request) this.#fork(fiber, request);
      else this.#await(fiber, request);
      // A function of the host's, called in this very turn, may have cancelled the run.
      if (fiber.cancelled !== null) this.#interrupt(fiber, fiber.cancelled);
    }
  }

  #makeReady(fiber: Fiber, reply: Outcome): void {
    fiber.standing = 'ready';
    fiber.reply = reply;
    this.#ready.push(fiber);
  }

  /** The branch goes on before any other, after a turn of the event loop. */
  #pause(fiber: Fiber): void {
    fiber.standing = 'ready';
    fiber.reply = goOn;
    this.#ready.putBack(fiber);
    this.#pausing = true;
    this.#counting = this.#thread.reclaim(this.#roots());
    this.#goOnCounting();
  }

  /** Finds out more of what the branches hold, if it is being found out; none of them goes on before that is done. */
  #goOnCounting(): void {
    if (this.#counting === null) return;
    try {
      if (this.#counting.next().done === true) this.#counting = null;
      else this.#pausing = true;
    } catch (error) {
      this.#counting = null;
      const next = this.#ready.take();
      if (next === undefined) throw error;
      next.reply = { ok: false, error };
      this.#ready.putBack(next);
    }
  }

  /** What all branches refer to; they are all suspended. */
  *#roots(): Iterable<unknown> {
    const pending = [this.#root];
    for (let fiber = pending.pop(); fiber !== undefined; fiber = pending.pop()) {
      for (const { live } of fiber.calls) yield live;
      yield* fiber.held;
      yield* [fiber.branch, fiber.output, valueOf(fiber.reply), valueOf(fiber.outcome)];
      for (const branch of fiber.fork?.fibers ?? []) pending.push(branch);
    }
  }

  #await(fiber: Fiber, answer: PromiseLike<unknown>): void {
    let isSettled = false;
    fiber.standing = 'waiting';
    this.#waiting.add(fiber);
    const settle = (reply: Outcome): void => {
      // A branch that was cancelled waits for no answer any more, and never will again.
      if (isSettled || fiber.standing !== 'waiting') return;
      isSettled = true;
      this.#waiting.delete(fiber);
      fiber.clearListeners();
      this.#makeReady(fiber, reply);
      this.#wake();
    };
    answer.then(
      (value) => settle({ ok: true, value }),
      (error: unknown) => settle({ ok: false, error }),
    );
  }

  #fork(parent: Fiber, fork: Fork): void {
    parent.standing = 'forked';
    parent.fork = new Group(parent, fork, (group) => this.#join(group));
    this.#freeSlot(parent);
    for (const fiber of parent.fork.fibers) this.#unbegun.push(fiber);
  }

  /** Lets branches begin, or go on, while there may be more under way. Looked at before each turn and each wait. */
  #fillSlots(): void {
    const cap = Math.max(1, this.#thread.options.maxParallel ?? Infinity);
    while (this.#slotsTaken < cap) {
      const fiber = this.#joined.take() ?? this.#unbegun.take();
      if (fiber === undefined) return;
      if (fiber.standing !== 'joined' && fiber.standing !== 'unbegun') continue;
      fiber.hasSlot = true;
      this.#slotsTaken++;
      if (fiber.standing === 'unbegun') this.#begin(fiber);
      this.#makeReady(fiber, fiber.reply ?? goOn);
    }
  }

  #freeSlot(fiber: Fiber): void {
    if (!fiber.hasSlot) return;
    fiber.hasSlot = false;
    this.#slotsTaken--;
  }

  #begin(fiber: Fiber): void {
    const { parent } = fiber.group!;
    fiber.depth = parent.depth;
    fiber.active = new Set(parent.active);
    fiber.calls.push({ running: runBranch(this.#thread, fiber.branch!), live: nothingLive });
    fiber.branch = null;
    this.#thread.parallelBranches++;
  }

  #finish(fiber: Fiber, outcome: Outcome): void {
    const { group } = fiber;
    this.#freeSlot(fiber);
    if (group === null) {
      fiber.standing = 'ended';
      fiber.outcome = outcome;
      return;
    }
    const endsOthers = !outcome.ok && group.fails(outcome.error);
    group.end(fiber, outcome);
    if (endsOthers)
      this.#cancelGroup(group, new StarlarkError('cancelled', 'another branch of parallel failed'));
  }

  #cancelAll(error: StarlarkError): void {
    this.#cancel(this.#root, error);
    this.#wake();
  }

  #cancelGroup(group: Group, error: StarlarkError): void {
    for (const fiber of group.fibers) this.#cancel(fiber, error);
  }

  /** Has a branch end with an error wherever it stands, and those that it waits for before it. */
  #cancel(fiber: Fiber, error: StarlarkError): void {
    if (fiber.cancelled !== null || fiber.standing === 'ended') return;
    // Each branch has its own, which collects its calls on the way out; one that has not begun has none.
    fiber.cancelled =
      fiber.standing === 'unbegun'
        ? error
        : new StarlarkError(error.code, error.message, { cause: error.cause });
    this.#interrupt(fiber, fiber.cancelled);
  }

  /** One that is ready or runs learns of it when it next goes on. */
  #interrupt(fiber: Fiber, error: StarlarkError): void {
    if (fiber.standing === 'unbegun') fiber.group!.end(fiber, { ok: false, error });
    else if (fiber.standing === 'forked') this.#cancelGroup(fiber.fork!, error);
    // Without a slot: all that is left to do in it is to leave its calls.
    else if (fiber.standing === 'joined') this.#makeReady(fiber, goOn);
    else if (fiber.standing === 'waiting') {
      this.#waiting.delete(fiber);
      this.#makeReady(fiber, goOn);
      this.#guard(() => fiber.notifyCancelled(error));
    }
  }

  /** All branches have ended: their lines come out in order, and the parent goes on. */
  #join({ parent, fibers, failure }: Group): void {
    this.#guard(() => {
      for (const { output } of fibers) for (const line of output!) this.#emit(parent, line);
    });
    parent.fork = null;
    const outcomes = fibers.map(({ outcome }) => outcome);
    // A branch that took long is old to V8's collector, and would keep its value until everything is collected.
    for (const fiber of fibers) fiber.outcome = goOn;
    if (parent.cancelled !== null) {
      // It knows better where the script was.
      if (isFatal(failure?.error)) parent.cancelled = failure.error;
      this.#makeReady(parent, goOn);
      return;
    }
    const reply: Outcome =
      failure === null ? { ok: true, value: outcomes } : { ok: false, error: failure.error };
    if (parent.group === null) {
      this.#makeReady(parent, reply);
      return;
    }
    parent.standing = 'joined';
    parent.reply = reply;
    this.#joined.push(parent);
  }

  #emit(parent: Fiber, line: string): void {
    if (parent.output === null) this.#thread.options.print?.(line);
    else parent.output.push(line);
  }

  /** Calls the host where an error must not leave branches half ended. The run ends with it, once they have. */
  #guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#defect ??= toStarlarkError(error);
      this.#cancel(this.#root, new StarlarkError('cancelled', this.#defect.message));
    }
  }
}

/** The answer to a pause, and to the first turn of all; and what is left of the outcome of a branch. */
const goOn: Outcome = { ok: true, value: null };

function valueOf(outcome: Outcome | null): unknown {
  return outcome?.ok === true ? outcome.value : null;
}

/** Whether no `attempt` catches it. */
function isFatal(error: unknown): error is StarlarkError {
  return error instanceof StarlarkError && !error.catchable;
}

function defect(what: string): StarlarkError {
  return new StarlarkError('internal', `internal error: ${what}`);
}

/** A branch as something to run, whichever form its callable has. */
function* runBranch(thread: Thread, branch: Callable): Resumable {
  thread.site = 0;
  if (branch.start === null) return branch.call(thread, [], noKwargs);
  return yield* branch.start(thread, [], noKwargs);
}
