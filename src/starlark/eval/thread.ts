import { StarlarkError } from '../errors.ts';
import { utf8Length } from '../values/utf8.ts';
import type { Value } from '../values/value.ts';
import type { Live, Request } from './callable.ts';
import { Fiber } from './fiber.ts';
import { countLive, liveBytes } from './held.ts';
import type { SuspendedCall } from './suspend.ts';

/** Everything the host decides about a run. A limit that is left out does not hold, but for `maxDepth`. */
export interface ThreadOptions {
  /** Steps a run may take; see docs/starlark.md for what a step is. */
  maxSteps?: number;
  /** Calls that may be active at once in one branch; 1000 when left out. */
  maxDepth?: number;
  /** Bytes a run may hold, by the documented estimate; no single value may be larger. */
  maxBytes?: number;
  /**
   * Elements (see {@link Thread.work}) that one operation may go through in one go, and half as many again all that
   * happens between two chances to give way. What would take more is refused.
   */
  maxInOneGo?: number;
  /** Characters of JavaScript that the program may become. */
  maxCodeLength?: number;
  /** Bytes of UTF-8 that all prints together may write. */
  maxPrintBytes?: number;
  /** Branches of `parallel` that may be under way at once, nested ones included. */
  maxParallel?: number;
  /** Takes each printed line, without its line break. */
  print?(text: string): void;
  /** How long a computation may hold the event loop, in milliseconds; 10 when left out. */
  sliceMs?: number;
  /** Nanoseconds since 1970: the clock of `time.now()`. */
  now?(): bigint;
  /** Milliseconds on a clock that slices are measured with; Date.now when left out. */
  clockMs?(): number;
  /** Serves `load`; refused when absent. */
  load?(module: string): Promise<ReadonlyMap<string, Value>>;
  /** Lets the event loop turn once. When absent, a long computation gives way to microtasks only. */
  yieldToHost?(): Promise<void>;
}

/** Steps between two looks at the clock. */
const grantSteps = 4096;
/** What a step may allocate uncounted: floats, small tuples, loop counters. */
const bytesPerStep = 16;
/** How many elements are a step, and how many a run may go through for nothing. */
const elementsPerStep = 128;
/** Fewer are not worth settling at once. */
const settledElements = 1024;
const freeElements = 10_000_000;
const defaultMaxDepth = 1000;
export const defaultSliceMs = 10;
/** JavaScript makes no longer strings, whatever the host allows. */
const largestBytes = 2 ** 29 - 64;
const unlimitedBytes = 2 ** 50;

/**
 * One run's budget, shared by all its branches: every limit is counted here and nowhere else.
 *
 * Library code reports to it: `charge` before it makes something whose size depends on its operands, `work` before it
 * does what takes time that depends on them, `piece` where it does so in pieces (see pieces.ts), `print` for output.
 * The fields without `#` are for generated code, which counts inline.
 */
export class Thread {
  readonly options: ThreadOptions;
  readonly maxDepth: number;
  /** Steps that are left of what was granted; below zero, `refill` must be asked before going on. */
  fuel: number = 0;
  /** Calls that are active in the running branch. */
  depth: number = 0;
  /** The branch that is running. */
  fiber: Fiber = new Fiber(null, null);
  /** Where in its program the call is that was begun last, of those that may wait; 0 where that is not known. */
  site: number = 0;
  /** Why the innermost call is suspended, once it is. */
  request: Request = null;
  /** What the call that is gone on with has waited for: see `takeAnswer`. */
  answer: unknown = null;
  /** Calls that have just been suspended, the innermost first, on their way to the driver: see suspend.ts. */
  readonly suspendedCalls: SuspendedCall[] = [];

  readonly #maxSteps: number;
  readonly #maxBytes: number;
  readonly #maxInOneGo: number;
  readonly #sliceMs: number;
  readonly #clockMs: () => number;
  #granted = 0;
  /** Elements that are not settled yet, and those settled since the slice began. */
  #work = 0;
  #unbroken = 0;
  #settled = 0;
  #freeSteps = freeElements / elementsPerStep;
  #room: number;
  #overdrawn = false;
  #pauseDue = false;
  #sliceStart = 0;
  #printedBytes = 0;
  #cancelled: StarlarkError | null = null;
  #onCancel: (error: StarlarkError) => void = () => undefined;
  #roots: () => Iterable<unknown> = () => [];

  constructor(options: ThreadOptions = {}) {
    this.options = options;
    this.maxDepth = options.maxDepth ?? defaultMaxDepth;
    this.#maxSteps = options.maxSteps ?? Number.MAX_SAFE_INTEGER;
    this.#maxBytes = Math.min(options.maxBytes ?? unlimitedBytes, unlimitedBytes);
    this.#maxInOneGo = options.maxInOneGo ?? Infinity;
    this.#sliceMs = options.sliceMs ?? defaultSliceMs;
    this.#clockMs = options.clockMs ?? Date.now;
    this.#room = this.#maxBytes;
  }

  /** Steps taken so far, by all branches. */
  get steps(): number {
    return this.#granted - this.fuel;
  }

  /** An upper bound, by the documented estimate, of what the run holds now. */
  get bytesHeld(): number {
    return this.#maxBytes - this.#room;
  }

  /** Branches that `parallel` has been asked to run so far, nested ones included. */
  parallelBranches: number = 0;

  /** The reason why the run must end, once it was cancelled. */
  get cancelled(): StarlarkError | null {
    return this.#cancelled;
  }

  /** Ends the run: calls of the host's that are under way are told, and the script fails where it stands. */
  cancel(reason: Error): void {
    if (this.#cancelled !== null) return;
    this.#cancelled = new StarlarkError('cancelled', reason.message, { cause: reason });
    this.#forceRefill();
    this.#onCancel(this.#cancelled);
  }

  /**
   * For a host function: has `listener` called if the run, or the branch that called the function, is cancelled
   * while the function is under way. Ask before the first await. The result ends the listening.
   */
  onCancel(listener: (reason: Error) => void): () => void {
    return this.fiber.onCancel(listener);
  }

  /**
   * Counts an allocation that is about to be made, refusing it when it is larger than the run may hold.
   * Sizes by docs/decisions/starlark-engine.md: string 16 + length, bytes 16 + length, list and tuple
   * 32 + 8 per element, dict and set 48 + 64 per entry, big int 16 + bits / 8.
   * @throws StarlarkError 'memory_limit'
   */
  charge(bytes: number): void {
    if ((this.#room -= bytes) < 0 || bytes > largestBytes) this.#overdraw(bytes);
  }

  /**
   * Pays for what is about to be done in one go, in elements: one is about 8 ns, what an element of a list or some
   * characters of a text take (see costs.ts). The first ten million or so cost no steps, as in the Go implementation;
   * beyond them 128 elements are a step, so that built-in functions cannot do boundless work for a bounded number of steps.
   * @throws StarlarkError 'step_limit', also for more than the host allows in one go
   */
  work(elements: number): void {
    if ((this.#work += elements) >= settledElements) this.#settleWork();
  }

  /**
   * As {@link work}, for a value that is made, or made larger, at once.
   * @throws StarlarkError 'memory_limit' when that takes more than the host allows in one go
   */
  make(elements: number): void {
    if (elements > this.#maxInOneGo) throw tooLarge('this value is too large to be made at once');
    this.work(elements);
  }

  /**
   * As {@link work}, for a value that grows and pays `elements` of what moving all of it comes to: see `Meter.grow`.
   * @throws StarlarkError 'memory_limit' when moving it takes more memory, or time, than the host allows
   */
  grow(kind: string, moving: number, elements: number, bytes: number): void {
    if (bytes > this.#maxBytes) throw this.#memoryError();
    if (moving > this.#maxInOneGo) throw tooLarge(`this ${kind} is as large as one may be`);
    const before = this.#unbroken;
    this.#work += elements;
    this.#settle();
    // The element that makes a value grow is not refused for what came before it: others have their turn after it.
    this.#unbroken = Math.max(before, Math.min(this.#unbroken, this.#maxInOneGo));
    if (this.#isPauseDue()) this.#forceRefill();
  }

  /**
   * As {@link work}, for the next piece of what is done in pieces. True when others should have their turn before it.
   * @throws StarlarkError 'step_limit' or 'cancelled'
   */
  piece(elements: number): boolean {
    this.work(elements);
    if (this.#cancelled !== null) throw this.#cancelled;
    if (!this.#isPauseDue()) return false;
    this.request = null;
    return true;
  }

  /** All that was paid for so far, in elements. */
  get worked(): number {
    return this.#settled + this.#work;
  }

  #settleWork(): void {
    const max = this.#maxInOneGo;
    if (this.#work > max || this.#unbroken + this.#work > 1.5 * max) throw this.#tooMuchInOneGo();
    this.#settle();
  }

  #settle(): void {
    const elements = this.#work;
    this.#work = 0;
    this.#settled += elements;
    this.#unbroken += elements;
    const steps = Math.floor(elements / elementsPerStep);
    const free = Math.min(steps, this.#freeSteps);
    this.fuel -= steps;
    this.#freeSteps -= free;
    this.#granted -= free;
    if (steps > free && this.steps > this.#maxSteps) {
      throw new StarlarkError('step_limit', this.#stepMessage());
    }
  }

  #isPauseDue(): boolean {
    return (
      this.#pauseDue ||
      this.#overdrawn ||
      this.#unbroken > this.#maxInOneGo / 2 ||
      this.#clockMs() - this.#sliceStart >= this.#sliceMs
    );
  }

  /** Writes one line, in the order of the list when branches run side by side. @throws StarlarkError 'print_limit' */
  print(text: string): void {
    const { maxPrintBytes } = this.options;
    if (maxPrintBytes !== undefined) this.#countPrinted(text, maxPrintBytes);
    if (this.fiber.output === null) this.options.print?.(text);
    else this.fiber.output.push(text);
  }

  #countPrinted(text: string, most: number): void {
    const isLonger = this.#printedBytes + text.length > most;
    this.#printedBytes += isLonger ? text.length : utf8Length(text) + 1;
    if (!isLonger && this.#printedBytes <= most) return;
    throw new StarlarkError('print_limit', `printed more than ${most} bytes; print less`);
  }

  /**
   * For running code whose fuel is used up: grants more. True when the code should pause, that is yield, if it can.
   * @throws StarlarkError 'step_limit' or 'cancelled'
   */
  refill(): boolean {
    if (this.#cancelled !== null) throw this.#cancelled;
    if (this.steps > this.#maxSteps) throw new StarlarkError('step_limit', this.#stepMessage());
    // Nothing is granted while a pause is due, so that the next code that can pause comes here at once.
    const wanted = this.#pauseDue ? 0 : grantSteps;
    const granted = Math.min(this.steps + wanted, this.#maxSteps) - this.#granted;
    this.#granted += granted;
    this.fuel += granted;
    this.charge(wanted * bytesPerStep);
    this.#pauseDue = this.#isPauseDue();
    this.request = null;
    return this.#pauseDue;
  }

  /**
   * For built-in functions that call back: counts what they refer to among the bytes held until the result is called.
   */
  hold(values: Live): () => void {
    const { held } = this.fiber;
    held.add(values);
    return () => held.delete(values);
  }

  /** For the driver: a slice of computing begins. */
  beginSlice(): void {
    this.#sliceStart = this.#clockMs();
    this.#unbroken = 0;
    this.#pauseDue = this.#overdrawn;
  }

  /** For the driver: what to do when the run is cancelled. */
  whenCancelled(act: (error: StarlarkError) => void): void {
    this.#onCancel = act;
  }

  /** For the driver: how to find what the suspended calls and the branches refer to. */
  whenCounted(roots: () => Iterable<unknown>): void {
    this.#roots = roots;
  }

  /**
   * For the host, whenever the run does not run itself: finds out what of `bytesHeld` is still reachable. It goes through
   * all of it, so it is for when memory is short. False when it cannot be found out now, since a built-in function has
   * paused: that will not take long.
   */
  recount(): boolean {
    const live = liveBytes(this.#roots());
    if (live === undefined) return false;
    this.#room = this.#maxBytes - Math.min(live, this.bytesHeld);
    if (this.#room >= 0) this.#overdrawn = false;
    return true;
  }

  /**
   * For the driver, while every branch is suspended: if the room for allocations is used up, finds out what is
   * still reachable. What is not reachable any more makes room again. Where a built-in function has paused, that is left
   * for the next time. It is done in pieces, between which the event loop may turn but nothing of the script's may run.
   * @param roots what the suspended calls and the branches refer to
   * @throws StarlarkError 'memory_limit' when too much is
   */
  *reclaim(roots: Iterable<unknown>): Generator<void, void, void> {
    if (!this.#overdrawn) return;
    const before = this.bytesHeld;
    const counting = countLive(roots);
    let step = counting.next();
    for (; step.done !== true; step = counting.next()) {
      this.#payCounting(step.value);
      yield;
    }
    if (step.value === undefined) return;
    // What the host has handed in meanwhile is not among it.
    const live = Math.min(step.value + this.bytesHeld - before, this.bytesHeld);
    if (live > this.#maxBytes) throw this.#memoryError();
    this.#room = Math.max(this.#maxBytes - live, this.#maxBytes / 8);
    this.#overdrawn = false;
  }

  /** Counting is paid for in part: a script that does it often has many values, or makes much garbage. */
  #payCounting(values: number): void {
    this.#unbroken = 0;
    this.work(values >>> 3);
  }

  #overdraw(bytes: number): void {
    if (bytes > this.#maxBytes || bytes > largestBytes || this.#room < -this.#maxBytes) {
      // What is refused is not made, and is no reason to refuse what other branches make.
      this.#room += bytes;
      throw this.#memoryError();
    }
    if (this.#overdrawn) return;
    this.#overdrawn = true;
    this.#forceRefill();
  }

  #forceRefill(): void {
    this.#granted -= this.fuel + 1;
    this.fuel = -1;
  }

  #memoryError(): StarlarkError {
    return new StarlarkError(
      'memory_limit',
      `out of memory: a script may hold ${this.#maxBytes} bytes; work on less at a time`,
    );
  }

  #tooMuchInOneGo(): StarlarkError {
    return new StarlarkError(
      'step_limit',
      'too much in one go: this takes longer than a script may hold up others; work on less at a time',
      { inOneGo: true },
    );
  }

  #stepMessage(): string {
    return `too many steps: a script may take ${this.#maxSteps}; loop over less`;
  }
}

function tooLarge(what: string): StarlarkError {
  return new StarlarkError('memory_limit', `out of memory: ${what}; work on less at a time`, {
    inOneGo: true,
  });
}
