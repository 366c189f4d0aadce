import type { Live, Outcome } from './callable.ts';
import type { SuspendedCall } from './suspend.ts';

/** One branch of a run: the program itself, or a callable that `parallel` runs beside others. */
export class Fiber {
  /** The group of branches it belongs to; null for the program itself. */
  readonly group: Group | null;
  readonly index: number;
  /** Its suspended calls, the innermost last; empty until it begins, and while it runs. */
  readonly calls: SuspendedCall[] = [];
  hasBegun: boolean = false;
  /** Calls active in it, while it is not the one that runs. */
  depth: number = 0;
  /** Functions active in it that must not be called again (see recursion.ts). */
  active: Set<number> = new Set();
  /** What built-in functions under way in it refer to. */
  readonly held: Set<Live> = new Set();
  /** Lines it has printed, kept until the branches before it have finished; null when lines go straight out. */
  readonly output: string[] | null;
  /** Counts its waits on the host, so that the answer to one that was given up is ignored. */
  wait: number = 0;
  isWaiting: boolean = false;
  outcome: Outcome | null = null;
  readonly #listeners = new Set<(reason: Error) => void>();

  constructor(group: Group | null, index: number) {
    this.group = group;
    this.index = index;
    this.output = group === null ? null : [];
  }

  onCancel(listener: (reason: Error) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells the host's calls under way. */
  notifyCancelled(reason: Error): void {
    for (const listener of this.#listeners) listener(reason);
    this.#listeners.clear();
  }

  /** The wait is over: nobody needs to be told any more. */
  clearListeners(): void {
    this.#listeners.clear();
  }
}

/** The branches of one call of `parallel`. */
export interface Group {
  readonly parent: Fiber;
  readonly onError: 'fail' | 'collect';
  readonly fibers: Fiber[];
  unfinished: number;
  /** The error of the branch that failed first. */
  failure: { readonly error: unknown } | null;
}
