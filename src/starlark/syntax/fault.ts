/** Thrown inside the scanner and the parser; the parser turns it into a diagnostic and goes on with the next line. */
export class SyntaxFault extends Error {
  readonly start: number;
  readonly end: number;

  constructor(message: string, start: number, end: number) {
    super(message);
    this.start = start;
    this.end = end;
  }
}
