import type { Thread } from '../eval/thread.ts';

/** Collects a long text piece by piece and charges the thread for it as it grows. */
export class TextBuilder {
  readonly thread: Thread;
  #text: string = '';
  #charged: number = 0;

  constructor(thread: Thread) {
    this.thread = thread;
  }

  add(piece: string): void {
    this.#text += piece;
    if (this.#text.length - this.#charged > 4096) this.#charge();
  }

  /** The whole text. */
  finish(): string {
    this.#charge();
    return this.#text;
  }

  #charge(): void {
    this.thread.charge(this.#text.length - this.#charged + (this.#charged === 0 ? 16 : 0));
    this.#charged = this.#text.length;
  }
}
