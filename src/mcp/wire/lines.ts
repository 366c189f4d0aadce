/**
 * Messages on a byte stream, one a line, as the stdio transport has them.
 *
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/stdio
 */
import { joinChunks } from '../../lib/join-chunks.ts';

const newline = 10;
const carriageReturn = 13;
/** How much of each end of an oversized line is kept, to find out which request it is about. */
const keptBytes = 512;

/** Where the lines of a byte stream go. */
export interface LineSink {
  /** A line without its end, which may be that of Windows; never empty. The bytes are valid only during the call. */
  onLine(line: Buffer): void;
  /** A line longer than the bound; only its two ends were kept. */
  onTooLong(head: Buffer, tail: Buffer): void;
}

/** Splits a byte stream into lines, holding at most `maxBytes` of one line. */
export class LineReader {
  readonly #maxBytes: number;
  readonly #sink: LineSink;
  #parts: Buffer[] = [];
  #held = 0;
  /** Set while the rest of an oversized line is thrown away. */
  #oversized: { readonly head: Buffer; tail: Buffer } | undefined;

  constructor(maxBytes: number, sink: LineSink) {
    this.#maxBytes = maxBytes;
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      this.#hold(chunk.subarray(start, end));
      this.#endLine();
      start = end + 1;
    }
    if (start < chunk.length) this.#hold(chunk.subarray(start));
  }

  /** The stream is over: what came last is a line, whether it was ended or not. */
  end(): void {
    this.#endLine();
  }

  #hold(part: Buffer): void {
    if (this.#oversized !== undefined) {
      const tail = Buffer.concat([this.#oversized.tail, part.subarray(-keptBytes)]);
      this.#oversized.tail = tail.subarray(-keptBytes);
      return;
    }
    this.#parts.push(part);
    this.#held += part.length;
    if (this.#held <= this.#maxBytes) return;
    const all = this.#take();
    this.#oversized = {
      head: Buffer.from(all.subarray(0, keptBytes)),
      tail: Buffer.from(all.subarray(-keptBytes)),
    };
  }

  #endLine(): void {
    const oversized = this.#oversized;
    if (oversized !== undefined) {
      this.#oversized = undefined;
      return this.#sink.onTooLong(oversized.head, oversized.tail);
    }
    const whole = this.#take();
    const line = whole.at(-1) === carriageReturn ? whole.subarray(0, -1) : whole;
    if (line.length > 0) this.#sink.onLine(line);
  }

  #take(): Buffer {
    const all = joinChunks(this.#parts);
    this.#parts = [];
    this.#held = 0;
    return all;
  }
}
