import type { Thread } from '../eval/thread.ts';

/** Collects a long text piece by piece, and charges for it as it grows. */
export class TextBuilder {
  readonly #thread: Thread;
  /** What is complete, in pieces of some thousands. */
  readonly #done: string[] = [];
  #text: string = '';

  constructor(thread: Thread) {
    this.#thread = thread;
  }

  add(piece: string): void {
    this.#text += piece;
    if (this.#text.length > 4096) this.#settle();
  }

  /** The whole text. */
  finish(): string {
    if (this.#done.length === 0) {
      this.#thread.charge(16 + this.#text.length);
      return this.#text;
    }
    this.#settle();
    return this.#done.join('');
  }

  /**
   * A string put together from many small ones is held as a tree of them, which takes many times its length:
   * looking at a character makes V8 write it out.
   */
  #settle(): void {
    this.#thread.charge(this.#text.length);
    this.#thread.work(2 * this.#text.length);
    this.#text.charCodeAt(0);
    this.#done.push(this.#text);
    this.#text = '';
  }
}
