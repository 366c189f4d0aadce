/** Where `tools`, `call` and `run` find their tools: in a configuration, whose backends are started, or at a server. */
import { AppError, configReader, openConfig, openServer, type ToolSource } from '../../server/index.ts';
import { configFile } from '../kit/config-file.ts';
import type { ParsedOptions } from '../kit/options.ts';
import { createProgress, during, type Progress } from '../kit/progress.ts';
import { exitCodes, InputError, type Terminal, UsageError } from '../kit/terminal.ts';
import { packageVersion } from '../../lib/package-version.ts';

/** The tool that code mode adds. */
export const scriptTool = 'execute_tool_script';

/** What a command does with the tools. */
export interface ToolUse {
  readonly source: ToolSource;
  /** What messages call the server or the configuration. */
  readonly where: string;
  readonly progress: Progress;
  /** Aborts at the first signal to end. */
  readonly signal: AbortSignal;
}

/** The URL of a server's MCP endpoint; one without a path is that of a vmcp. @throws UsageError */
export function parseServerUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new UsageError(`--url: expected a URL such as "http://127.0.0.1:4483/mcp", found "${text}"`);
  if (url.pathname === '/') url.pathname = '/mcp';
  return url;
}

export interface UseOptions {
  /** Whether `execute_tool_script` is needed. */
  readonly codeMode: boolean;
  /** For a command that has no --url. */
  readonly configAlone?: boolean;
  /** The configuration, where it is known already. */
  readonly file?: string;
}

/**
 * Opens the tools that the options name, has them used, and closes them whatever happens.
 * @returns the exit code: that of `use`, or that of an interruption
 * @throws InputError when they cannot be reached or a call fails on its way
 */
export async function withTools(
  options: ParsedOptions,
  terminal: Terminal,
  { codeMode, configAlone = false, file: namedFile }: UseOptions,
  use: (use: ToolUse) => Promise<number>,
): Promise<number> {
  const address = configAlone ? undefined : options.text('url');
  if (address !== undefined && options.text('config') !== undefined)
    throw new UsageError('--config and --url exclude each other: tools are those of a file or of a server');
  const url = address === undefined ? undefined : parseServerUrl(address);
  const file = url === undefined ? (namedFile ?? configFile(options)) : '';
  const interruption = new Interruption(terminal);
  const { signal } = interruption;
  const progress = createProgress(terminal);
  const where = url === undefined ? file : shownUrl(url);
  let source: ToolSource | undefined;
  try {
    source =
      url === undefined
        ? await openFile(file, terminal, codeMode)
        : await openServer(url, {
            version: packageVersion(),
            headers: headersFor(terminal, codeMode),
            signal,
          });
    const opened = source;
    terminal.onExit(() => opened.killChildren());
    await connect(opened, progress, signal);
    return await use({ source: opened, where, progress, signal });
  } catch (error) {
    progress.clear();
    if (signal.aborted) return interruption.exitCode;
    if (error instanceof AppError) throw new InputError(`${where}: ${error.message}`, { cause: error });
    throw error;
  } finally {
    progress.clear();
    await source?.close();
  }
}

async function openFile(file: string, terminal: Terminal, codeMode: boolean): Promise<ToolSource> {
  const { environment } = terminal;
  return openConfig({
    loaded: await configReader.load(file, environment),
    version: packageVersion(),
    environment,
    codeMode,
    logSink: () => undefined,
    onLogEntry: ({ message }) => terminal.err(`${message}\n`),
  });
}

/** The credential of a client without a login, and the wish for scripts where a server leaves that to its clients. */
function headersFor({ environment }: Terminal, codeMode: boolean): Record<string, string> {
  const token = environment['VMCP_TOKEN']?.trim() ?? '';
  return {
    ...(token !== '' && { authorization: `Bearer ${token}` }),
    ...(codeMode && { 'vmcp-code-mode': 'on' }),
  };
}

/** Without what may be a password. */
function shownUrl(url: URL): string {
  const shown = new URL(url);
  shown.username = shown.password = shown.search = '';
  return shown.href;
}

async function connect(source: ToolSource, progress: Progress, signal: AbortSignal): Promise<void> {
  const connecting = (): string | undefined => {
    const names = source.backends().flatMap(({ name, health }) => (health === 'unknown' ? [name] : []));
    return names.length > 0 ? `connecting to ${names.join(', ')}` : undefined;
  };
  await during(progress, connecting, () => source.ready(signal));
}

/** Signals and lost streams while tools are used: the first ends what is under way, the second the process. */
class Interruption {
  readonly #controller = new AbortController();
  #exitCode: number = exitCodes.interrupted;

  constructor(terminal: Terminal) {
    terminal.onSignal(() => {
      if (this.signal.aborted) process.exit(exitCodes.interrupted);
      this.#controller.abort(new Error('interrupted'));
    });
    terminal.onStreamLost((stream) => {
      // A reader that goes away (`vmcp tools | head`) is no failure.
      if (stream !== 'stdout') return;
      this.#exitCode = exitCodes.done;
      this.#controller.abort(new Error('the reader of stdout is gone'));
    });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get exitCode(): number {
    return this.#exitCode;
  }
}
