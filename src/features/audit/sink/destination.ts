/** Where lines are written to. One caller at a time. */
export interface Destination {
  /**
   * Writes whole lines, in order.
   * @throws WriteError when not all could be written
   */
  write(lines: readonly string[]): Promise<void>;
  /** Opens a file again by its name. Cannot fail: what is open stays open then, and is told of. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

/** Some lines could not be written. */
export class WriteError extends Error {
  readonly code = 'write';
  /** How many of the lines were written whole. */
  readonly written: number;
  constructor(written: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'WriteError';
    this.written = written;
  }
}
