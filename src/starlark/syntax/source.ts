import type { Diagnostic, Span } from '../errors.ts';

/** A file's text, and the way from offsets to lines. Offsets count UTF-16 code units from 0. */
export class Source {
  readonly filename: string;
  readonly text: string;
  #lineStarts: number[] | null = null;

  constructor(filename: string, text: string) {
    this.filename = filename;
    this.text = text;
  }

  /** The span between two offsets. */
  span(start: number, end: number): Span {
    const line = this.#lineAt(start);
    const endLine = this.#lineAt(Math.max(start, end));
    return {
      filename: this.filename,
      line,
      column: start - this.#starts()[line - 1]! + 1,
      endLine,
      endColumn: Math.max(start, end) - this.#starts()[endLine - 1]! + 1,
    };
  }

  /** The text of a line, counted from 1, without its line break. */
  line(number: number): string {
    const starts = this.#starts();
    return this.text.slice(starts[number - 1], starts[number]).replace(/[\r\n]+$/, '');
  }

  diagnostic(code: 'syntax' | 'resolve', message: string, start: number, end: number): Diagnostic {
    const span = this.span(start, end);
    return { code, message, span, sourceLine: this.line(span.line) };
  }

  #starts(): number[] {
    if (this.#lineStarts === null) {
      this.#lineStarts = [0];
      for (let at = this.text.indexOf('\n'); at >= 0; at = this.text.indexOf('\n', at + 1)) {
        this.#lineStarts.push(at + 1);
      }
    }
    return this.#lineStarts;
  }

  #lineAt(offset: number): number {
    const starts = this.#starts();
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  }
}
