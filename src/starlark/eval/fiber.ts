import type { StarlarkError } from '../errors.ts';
import type { Callable, Live, Outcome } from './callable.ts';
import type { Group } from './group.ts';
import type { SuspendedCall } from './suspend.ts';

/**
 * Where a branch stands:
 *
 * - `unbegun`: it waits for a slot to begin in
 * - `ready`: it has a reply, and waits for its turn
 * - `running`: it has its turn
 * - `waiting`: for the host
 * - `forked`: for branches of its own
 * - `joined`: these have ended; it waits for a slot to go on in
 * - `ended`: it has an outcome
 */
export type Standing = 'unbegun' | 'ready' | 'running' | 'waiting' | 'forked' | 'joined' | 'ended';

/** One branch of a run: the program itself, or a callable that `parallel` runs beside others. */
export class Fiber {
  /** The group of branches it belongs to; null for the program itself. */
  readonly group: Group | null;
  /** What it will run; null once it has begun, or never will. */
  branch: Callable | null;
  /** Changed by the driver alone. */
  standing: Standing = 'unbegun';
  /** Whether it counts among the branches under way. */
  hasSlot: boolean = false;
  /** Its suspended calls, the innermost last; empty until it begins, and while it runs. */
  readonly calls: SuspendedCall[] = [];
  /** What it goes on with; nothing unless it is ready or joined. */
  reply: Outcome | null = null;
  /** The branches that it waits for while it is forked, else null. */
  fork: Group | null = null;
  /** The error that it must end with, once it was cancelled: no code of the script's runs in it from then on. */
  cancelled: StarlarkError | null = null;
  /** Calls active in it, while it is not the one that runs. */
  depth: number = 0;
  /** Functions active in it that must not be called again (see recursion.ts). */
  active: Set<number> = new Set();
  /** What built-in functions under way in it refer to. */
  readonly held: Set<Live> = new Set();
  /** Lines it has printed, kept until the branches before it have finished; null when lines go straight out. */
  readonly output: string[] | null;
  /** How it ended; null until then. */
  outcome: Outcome | null = null;
  readonly #listeners = new Set<(reason: Error) => void>();

  constructor(group: Group | null, branch: Callable | null) {
    this.group = group;
    this.branch = branch;
    this.output = group === null ? null : [];
  }

  onCancel(listener: (reason: Error) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells the host's calls under way, all of them. @throws what the first of them to throw threw */
  notifyCancelled(reason: Error): void {
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    const thrown: unknown[] = [];
    for (const listener of listeners) {
      try {
        listener(reason);
      } catch (error) {
        thrown.push(error);
      }
    }
    if (thrown.length > 0) throw thrown[0];
  }

  /** The wait is over: there is no call left to tell. */
  clearListeners(): void {
    this.#listeners.clear();
  }
}
