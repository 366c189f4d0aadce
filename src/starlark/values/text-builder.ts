import type { Thread } from '../eval/thread.ts';
import { copying } from './costs.ts';
import { TextParts } from './text-parts.ts';

/** Pieces of a text are held as they came until so many characters are there. */
const settledLength = 4096;

/** Collects a long text piece by piece, and pays for it as it grows. */
export class TextBuilder {
  readonly #thread: Thread;
  /** What is complete, in pieces of some thousands. */
  #done: TextParts | null = null;
  #text: string = '';
  #pieces = 0;

  constructor(thread: Thread) {
    this.#thread = thread;
  }

  add(piece: string): void {
    this.#text += piece;
    this.#pieces++;
    if (this.#text.length > settledLength) this.#settle();
  }

  /** How long the text is so far. */
  get length(): number {
    return (this.#done?.length ?? 0) + this.#text.length;
  }

  /** The whole text. */
  finish(): string {
    if (this.#done === null) {
      this.#thread.charge(16 + this.#text.length);
      return this.#text;
    }
    this.#settle();
    this.#thread.make(copying(this.#done.length));
    return this.#done.join();
  }

  /**
   * A string put together from many small ones is held as a tree of them, which takes many times its length:
   * looking at a character makes V8 write it out.
   */
  #settle(): void {
    const { length } = this.#text;
    this.#thread.charge(length);
    this.#thread.work(copying(length) + 4 * this.#pieces);
    this.#text.charCodeAt(0);
    (this.#done ??= new TextParts()).push(this.#text);
    this.#text = '';
    this.#pieces = 0;
  }
}
