const newline = 10;
/** How much of each end of an oversized line is kept, to find out which request it answers. */
const keptBytes = 512;

/** Where the lines of a byte stream go. */
export interface LineSink {
  onLine(line: string): void;
  /** A line longer than the bound; only its two ends were kept. */
  onTooLong(head: string, tail: string): void;
}

/** Splits a byte stream into lines of UTF-8, holding at most `maxBytes` of one line. */
export class LineDecoder {
  readonly #maxBytes: number;
  readonly #sink: LineSink;
  #parts: Buffer[] = [];
  #held = 0;
  /** Set while the rest of an oversized line is thrown away. */
  #oversized: { head: string; tail: Buffer } | undefined;

  constructor(maxBytes: number, sink: LineSink) {
    this.#maxBytes = maxBytes;
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      this.#endLine(chunk.subarray(start, end));
      start = end + 1;
    }
    if (start < chunk.length) this.#hold(chunk.subarray(start));
  }

  #endLine(last: Buffer): void {
    if (this.#held > 0 || this.#oversized !== undefined || last.length > this.#maxBytes) {
      this.#hold(last);
      this.#flush();
    } else if (last.length > 0) {
      this.#sink.onLine(last.toString('utf8'));
    }
  }

  #hold(part: Buffer): void {
    if (this.#oversized !== undefined) {
      this.#oversized.tail = Buffer.concat([this.#oversized.tail, part.subarray(-keptBytes)]).subarray(
        -keptBytes,
      );
      return;
    }
    this.#parts.push(part);
    this.#held += part.length;
    if (this.#held <= this.#maxBytes) return;
    const all = Buffer.concat(this.#parts);
    this.#oversized = {
      head: all.subarray(0, keptBytes).toString('utf8'),
      tail: Buffer.from(all.subarray(-keptBytes)),
    };
    this.#parts = [];
    this.#held = 0;
  }

  #flush(): void {
    const oversized = this.#oversized;
    if (oversized !== undefined) {
      this.#oversized = undefined;
      this.#sink.onTooLong(oversized.head, oversized.tail.toString('utf8'));
      return;
    }
    const line = Buffer.concat(this.#parts).toString('utf8');
    this.#parts = [];
    this.#held = 0;
    if (line !== '') this.#sink.onLine(line);
  }
}
