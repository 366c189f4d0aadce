/**
 * What a command takes, as data. The parser, `--help`, the man page, the shell completions and `docs/cli.md` all read
 * the same entry, so that none of them can say something else than the others.
 */

/** One option, by its long name without the dashes. */
export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  /** One letter. */
  readonly short?: string;
  readonly multiple?: boolean;
  /** What stands for the value in the help: `FILE`. A string option has one. */
  readonly value?: string;
  /** A phrase in the third person, with the default in brackets behind it. */
  readonly help: string;
  /** Words that the value may be, for completion. A `FILE` is completed as a file without them. */
  readonly words?: readonly string[];
}

/** One argument that stands by itself. */
export interface OperandSpec {
  readonly name: string;
  readonly help: string;
  readonly multiple?: boolean;
  readonly words?: readonly string[];
}

export interface CommandSpec {
  /** A phrase in the third person, for the overview. */
  readonly summary: string;
  /** What follows the command's name, one line for each way to call it. */
  readonly usage: readonly string[];
  /** Paragraphs between empty lines, wrapped at 80 columns. */
  readonly about: string;
  readonly operands?: readonly OperandSpec[];
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Environment variables that the command reads, each with a phrase. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly examples?: readonly { readonly line: string; readonly says: string }[];
}
