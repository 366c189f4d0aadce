/** What a script prints: kept up to a limit, and beyond it only counted. */
export class Printed {
  readonly #maxBytes: number;
  #lines: string[] = [];
  #bytes = 0;
  #lost = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Takes one line, without its line break. */
  add(line: string): void {
    const bytes = Buffer.byteLength(line) + 1;
    if (this.#lost > 0 || this.#bytes + bytes > this.#maxBytes) {
      this.#lost++;
      return;
    }
    this.#bytes += bytes;
    this.#lines.push(line);
  }

  /** The lines, and a mark where some were left out. */
  text(): string {
    if (this.#lost === 0) return this.#lines.join('\n');
    return [...this.#lines, `<cut: ${this.#lost} more printed lines left out; print less>`].join('\n');
  }
}
