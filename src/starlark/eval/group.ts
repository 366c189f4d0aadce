import { StarlarkError } from '../errors.ts';
import type { Fork, Outcome } from './callable.ts';
import { Fiber } from './fiber.ts';

/** The branches of one call of `parallel`, at least one. */
export class Group {
  /** The branch that made the call, and waits. */
  readonly parent: Fiber;
  readonly fibers: readonly Fiber[];
  readonly #onError: Fork['onError'];
  readonly #onJoin: (group: Group) => void;
  #unfinished: number;
  #failure: { readonly error: unknown } | null = null;

  /** @param onJoin called once, by the `end` of the last branch */
  constructor(parent: Fiber, { branches, onError }: Fork, onJoin: (group: Group) => void) {
    this.parent = parent;
    this.fibers = branches.map((branch) => new Fiber(this, branch));
    this.#onError = onError;
    this.#onJoin = onJoin;
    this.#unfinished = branches.length;
  }

  /** The error that the call of `parallel` ends with; null while no branch had one that it must end with. */
  get failure(): { readonly error: unknown } | null {
    return this.#failure;
  }

  /**
   * Takes note of an error that a branch ends with. The first ends the call, unless errors are collected; one that no
   * script survives ends it in either case. True when this is the one that ends it: the other branches are to be cancelled.
   */
  fails(error: unknown): boolean {
    const mustEnd = this.#onError === 'fail' || (error instanceof StarlarkError && !error.catchable);
    if (!mustEnd || this.#failure !== null) return false;
    this.#failure = { error };
    return true;
  }

  /**
   * Ends a branch, whether it ran to its end, was cancelled, or never began. There is no other way to end one, so that
   * the count cannot reach zero without the join.
   */
  end(fiber: Fiber, outcome: Outcome): void {
    if (fiber.outcome !== null) throw new Error('a branch of parallel ended twice');
    fiber.standing = 'ended';
    fiber.outcome = outcome;
    fiber.branch = null;
    this.#unfinished--;
    if (this.#unfinished === 0) this.#onJoin(this);
  }
}
