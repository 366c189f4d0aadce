/** So many characters are put together at once. */
const joinedLength = 2 ** 21;

/**
 * The parts of a long text, in order. Many small strings that live are what V8's collections take long for: it copies
 * them twice before it lets them be, so they are put together while they are few.
 */
export class TextParts {
  readonly #joined: string[] = [];
  #parts: string[] = [];
  #partsLength = 0;
  #length = 0;

  /** How long the text is so far. */
  get length(): number {
    return this.#length;
  }

  push(part: string): void {
    this.#parts.push(part);
    this.#length += part.length;
    this.#partsLength += part.length;
    if (this.#partsLength < joinedLength) return;
    this.#joined.push(this.#parts.join(''));
    this.#parts = [];
    this.#partsLength = 0;
  }

  /** The whole text. */
  join(): string {
    if (this.#joined.length === 0) return this.#parts.length === 1 ? this.#parts[0]! : this.#parts.join('');
    return [...this.#joined, ...this.#parts].join('');
  }
}
