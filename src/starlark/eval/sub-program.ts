/** Another program in the place of a host function's call: see {@link SubProgram}. */
import { StarlarkError } from '../errors.ts';
import type { Value } from '../values/value.ts';
import type { Resumable } from './callable.ts';
import type { LateValue } from './late-value.ts';
import { takeAnswer } from './suspend.ts';
import type { Thread } from './thread.ts';

/** How a sub-program ended. */
export type SubOutcome =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly error: StarlarkError };

/**
 * What the promise of a host function may give instead of a value: a program to run in the place of the call. It runs in
 * the branch that made the call, as a function of the script would: its steps, bytes, depth and branches are those of the
 * run, and what cancels the run or the branch ends it. Its errors have its own lines. To be run once.
 */
export class SubProgram {
  readonly #begin: (thread: Thread) => Resumable;
  readonly #end: (outcome: SubOutcome) => PromiseLike<Value | LateValue>;

  /**
   * @param begin starts the program, and gives the value of a script that has run
   * @param end told how it ended; what it gives is the value of the call. Where the program met a limit or was cancelled
   * it is told too, and the run ends with that error whatever it gives.
   */
  constructor(
    begin: (thread: Thread) => Resumable,
    end: (outcome: SubOutcome) => PromiseLike<Value | LateValue>,
  ) {
    this.#begin = begin;
    this.#end = end;
  }

  /** For a call that was suspended: runs the program, and then waits for `end`. */
  *run(thread: Thread): Generator<readonly unknown[], Value | LateValue, void> {
    const outcome = yield* this.#outcome(thread);
    const given = this.#end(outcome);
    if (!outcome.ok && !outcome.error.catchable) {
      given.then(ignore, ignore);
      throw outcome.error;
    }
    thread.request = given;
    yield outcome.ok ? [outcome.value] : [];
    return takeAnswer(thread);
  }

  *#outcome(thread: Thread): Generator<readonly unknown[], SubOutcome, void> {
    const { depth, fiber } = thread;
    const { active } = fiber;
    // Numbers of functions are those of one program.
    fiber.active = new Set();
    try {
      return { ok: true, value: yield* this.#begin(thread) as Generator<readonly unknown[], Value, void> };
    } catch (thrown) {
      // Whatever a program throws has left it as one.
      if (!(thrown instanceof StarlarkError)) throw thrown;
      thread.depth = depth;
      return { ok: false, error: thrown };
    } finally {
      fiber.active = active;
    }
  }
}

function ignore(): void {}
