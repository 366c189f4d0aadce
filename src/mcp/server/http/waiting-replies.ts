import { TransientSet, type Membership } from '../../../lib/transient-set.ts';
import { contain, type OnDefect } from '../../../lib/guarded.ts';

/** A reply that can become a stream. */
export interface SlowReply {
  stream(): void;
}

const maxOpenedAtOnce = 16;

/**
 * Replies that are not answered yet, and not streams. Those that wait too long are made streams, so that headers and
 * keep-alives go out, and a legacy client that loses its connection can come back for the answer.
 */
export class WaitingReplies {
  readonly #waiting = new TransientSet<{ readonly reply: SlowReply; readonly sinceMs: number }>();
  readonly #slowMs: number;
  readonly #now: () => number;
  readonly #onDefect: OnDefect;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    slowMs: number,
    { now, onDefect }: { readonly now: () => number; readonly onDefect: OnDefect },
  ) {
    this.#slowMs = slowMs;
    this.#now = now;
    this.#onDefect = onDefect;
  }

  /** Returns what to delete it by, once it is answered or a stream. */
  add(reply: SlowReply): Membership {
    const membership = this.#waiting.add({ reply, sinceMs: this.#now() });
    // One timer for all, which runs on while there is anything to look at: a timer a request would cost more.
    this.#timer ??= setInterval(this.#look, this.#slowMs / 2).unref();
    return membership;
  }

  delete(membership: Membership): void {
    this.#waiting.delete(membership);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#waiting.clear();
  }

  readonly #look = (): void => {
    if (this.#waiting.size === 0) return this.close();
    const beforeMs = this.#now() - this.#slowMs;
    let opened = 0;
    for (const { reply, sinceMs } of this.#waiting) {
      if (sinceMs > beforeMs) return;
      // Hundreds of slow answers are not to hold up the quick ones.
      if (++opened > maxOpenedAtOnce) return void setImmediate(this.#look);
      contain('a slow answer', this.#onDefect, () => reply.stream());
    }
  };
}
