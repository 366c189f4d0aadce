/** What a command may touch of the process it runs in. Results go to stdout, everything else to stderr. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** True where a person reads stdout, so that colour and progress make sense. */
  readonly stdoutIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
}

/** Every exit code there is. */
export const exitCodes = {
  done: 0,
  /** The input was at fault: a configuration, a script, a server that cannot be reached. */
  failed: 1,
  /** The command line was at fault. */
  usage: 2,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

/** Runs one command with the arguments after its name; resolves to the exit code. */
export type RunCommand = (args: readonly string[], terminal: Terminal) => Promise<number>;

/** The command line makes no sense; the message says why, and the exit code is 2. */
export class UsageError extends Error {
  readonly code = 'usage';
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** The process itself as a Terminal. A reader that goes away (`vmcp validate | head`) ends the process quietly. */
export function processTerminal(): Terminal {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(exitCodes.done);
      throw error;
    });
  }
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    environment: process.env,
    stdoutIsTerminal: process.stdout.isTTY === true,
    stderrIsTerminal: process.stderr.isTTY === true,
  };
}
