import { codeOf } from '../../lib/thrown.ts';
import { createInterface } from 'node:readline/promises';
import { decodeText } from '../../lib/decode-text.ts';

/** What a command may touch of the process it runs in. Results go to stdout, everything else to stderr. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /**
   * The line that a person answers a question with; empty where stdin is none.
   * @param signal takes the question back: rejects then
   */
  ask(question: string, signal?: AbortSignal): Promise<string>;
  /** All of stdin, as text. */
  readInput(): Promise<string>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** True where a person reads stdout, so that colour and progress make sense. */
  readonly stdoutIsTerminal: boolean;
  /** True where a person can answer a question. */
  readonly stdinIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  /** Columns of the terminal that stdout is; undefined where it is none. */
  readonly stdoutColumns?: number | undefined;
  /** The same of stderr, and its rows. */
  readonly stderrColumns?: number | undefined;
  readonly stderrRows?: number | undefined;
  /** Takes signals over for the rest of the process; until then Ctrl-C just ends it. */
  onSignal(handler: (signal: Signal) => void): void;
  /** Takes over what follows once a stream cannot be written to any more; until then the process just ends. */
  onStreamLost(handler: (stream: OutputStream) => void): void;
  /**
   * Takes over what nothing caught, exceptions and rejections, for which the process ends otherwise. `handler` must not
   * throw. Returns what gives it back.
   */
  onUncaught(handler: (thrown: unknown, origin: UncaughtOrigin) => void): () => void;
  /** Told as the last thing before the process ends, whatever ends it but SIGKILL. It must not wait for anything. */
  onExit(handler: () => void): void;
}

export type UncaughtOrigin = 'uncaughtException' | 'unhandledRejection';

export type OutputStream = 'stdout' | 'stderr';

export type Signal = (typeof signals)[number];
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

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

/** What the command was given is at fault: a file, a server, a script. The message says what; the exit code is 1. */
export class InputError extends Error {
  readonly code = 'input';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'InputError';
  }
}

/** Runs a command as this process: its arguments, its streams, its signals, its exit code. */
export async function runAsProcess(run: RunCommand): Promise<void> {
  const interrupt = (): void => process.exit(exitCodes.interrupted);
  process.once('SIGINT', interrupt);
  let onStreamLost: ((stream: OutputStream) => void) | undefined;
  for (const stream of ['stdout', 'stderr'] as const) {
    process[stream].on('error', (error) => {
      if (onStreamLost === undefined) endQuietly(error);
      else onStreamLost(stream);
    });
  }
  process.exitCode = await run(process.argv.slice(2), {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    ask: async (question, signal) => {
      const lines = createInterface({ input: process.stdin, output: process.stderr });
      try {
        return await lines.question(question, signal === undefined ? {} : { signal });
      } finally {
        lines.close();
      }
    },
    readInput: async () => decodeText(Buffer.concat(await process.stdin.toArray())),
    environment: process.env,
    stdinIsTerminal: process.stdin.isTTY === true,
    stdoutIsTerminal: process.stdout.isTTY === true,
    stderrIsTerminal: process.stderr.isTTY === true,
    // Asked anew each time: a window changes its size.
    get stdoutColumns() {
      return process.stdout.columns;
    },
    get stderrColumns() {
      return process.stderr.columns;
    },
    get stderrRows() {
      return process.stderr.rows;
    },
    onSignal(handler) {
      process.off('SIGINT', interrupt);
      for (const signal of signals) process.on(signal, () => handler(signal));
    },
    onStreamLost: (handler) => void (onStreamLost = handler),
    onUncaught(handler) {
      const origins = ['uncaughtException', 'unhandledRejection'] as const;
      const handlers = origins.map((origin) => (thrown: unknown) => handler(thrown, origin));
      origins.forEach((origin, index) => process.on(origin, handlers[index]!));
      return () => origins.forEach((origin, index) => process.off(origin, handlers[index]!));
    },
    onExit: (handler) => void process.on('exit', handler),
  });
  process.off('SIGINT', interrupt);
}

/** A reader that goes away (`vmcp init | head`) is no failure. */
function endQuietly(error: unknown): void {
  if (codeOf(error) !== 'EPIPE') throw error;
  process.exit(exitCodes.done);
}
