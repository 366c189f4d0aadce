/** Bytes of a line that are worth showing when the rest of it does not fit. */
const leastPart = 40;

/** What a script prints: kept up to a limit, and beyond it only counted. */
export class Printed {
  readonly #maxBytes: number;
  #lines: string[] = [];
  #bytes = 0;
  /** Characters of the last line kept that did not fit. */
  #lostCharacters = 0;
  #lostLines = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Takes one line, without its line break. */
  add(line: string): void {
    if (this.#isCut) {
      this.#lostLines++;
      return;
    }
    const room = this.#maxBytes - this.#bytes;
    // A character has a byte at least: what is far too long is not measured.
    const bytes = line.length < room ? Buffer.byteLength(line) + 1 : Infinity;
    if (bytes > room) this.#addPart(line);
    else {
      this.#bytes += bytes;
      this.#lines.push(line);
    }
  }

  /** The lines, and a mark where something was left out. */
  text(): string {
    const left: string[] = [];
    if (this.#lostCharacters > 0) left.push(`${this.#lostCharacters} more characters of this line`);
    if (this.#lostLines > 0)
      left.push(this.#lostLines === 1 ? '1 more line' : `${this.#lostLines} more lines`);
    if (left.length === 0) return this.#lines.join('\n');
    const mark = `<cut: ${left.join(' and ')} left out; print less>`;
    const lines = this.#lines.join('\n');
    return this.#lostCharacters > 0 ? lines + mark : [...this.#lines, mark].join('\n');
  }

  get #isCut(): boolean {
    return this.#lostCharacters > 0 || this.#lostLines > 0;
  }

  /** As much of the start of a line as there is room for. */
  #addPart(line: string): void {
    const part = startOf(line, this.#maxBytes - this.#bytes);
    if (part.length < leastPart) {
      this.#lostLines++;
      return;
    }
    this.#lines.push(part);
    this.#bytes += Buffer.byteLength(part) + 1;
    this.#lostCharacters = line.length - part.length;
  }
}

/** The longest start of `text` with at most `maxBytes` bytes of UTF-8 and no half character, or a little less. */
function startOf(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text.slice(0, maxBytes)).subarray(0, maxBytes);
  // What the limit parted shows as replacement characters at the end.
  return bytes.toString().replace(/\uFFFD{1,3}$/u, '');
}
