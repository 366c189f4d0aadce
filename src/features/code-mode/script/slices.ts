export interface SlicesOptions {
  /** Told which run has the thread from now on; 0 when all that it was given for is done. */
  onTurn(runId: number): void;
}

/** Work that is new comes before work that goes on, every second time. */
export type SliceKind = 'new' | 'further';

interface Waiting {
  readonly runId: number;
  resolve(): void;
}

/**
 * Gives a script thread to one piece of one run in each turn of the event loop. So messages are read between any two
 * pieces, however many runs there are: 500 that all went on in one turn left a ping unread for half a second, and for
 * 12 s when all of them wrote a large result. The beginning of a run, and what an answer of a tool lets it do, are
 * *new*; the next slice of a computation is *further* work. Each kind is served in the order in which it came.
 */
export class Slices {
  readonly #onTurn: SlicesOptions['onTurn'];
  readonly #waiting: Record<SliceKind, Waiting[]> = { new: [], further: [] };
  #last: SliceKind = 'further';
  #isUnderWay = false;

  constructor({ onTurn }: SlicesOptions) {
    this.#onTurn = onTurn;
  }

  /** Resolves when the thread is the run's. */
  next(runId: number, kind: SliceKind): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting[kind].push({ runId, resolve });
      if (this.#isUnderWay) return;
      this.#isUnderWay = true;
      setImmediate(this.#letOneThrough);
    });
  }

  readonly #letOneThrough = (): void => {
    const first = this.#last === 'new' ? 'further' : 'new';
    const next = this.#take(first) ?? this.#take(this.#last);
    this.#onTurn(next?.runId ?? 0);
    if (next === undefined) {
      this.#isUnderWay = false;
      return;
    }
    // Also after the last one, to note that it is done.
    setImmediate(this.#letOneThrough);
    next.resolve();
  };

  #take(kind: SliceKind): Waiting | undefined {
    const next = this.#waiting[kind].shift();
    if (next !== undefined) this.#last = kind;
    return next;
  }
}
