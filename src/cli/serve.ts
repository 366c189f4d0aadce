import { stat } from 'node:fs/promises';
import {
  AppError,
  createDiscovery,
  FollowedConfig,
  startApp,
  type App,
  type FoundGroup,
  type LoadedConfig,
  type RunningDiscovery,
} from '../server/index.ts';
import {
  ConfigError,
  formatProblem,
  parseGoDuration,
  readConfigText,
  watchFile,
  type ConfigWatch,
} from '../config/index.ts';
import { whyNotRead } from '../lib/file-fault.ts';
import { contain } from '../lib/guarded.ts';
import { messageOf } from '../lib/thrown.ts';
import { commands } from './kit/commands.ts';
import { configFile } from './kit/config-file.ts';
import { guardServer } from './guard.ts';
import { parseOptions, type ParsedOptions } from './kit/options.ts';
import { Screen } from './serve/screen.ts';
import { exitCodes, UsageError, type RunCommand, type Terminal } from './kit/terminal.ts';
import { packageVersion } from '../lib/package-version.ts';

/** How long calls may go on after the signal to end. Kubernetes kills after 30 s. */
const drainMs = 25_000;

/** What `serve` was asked to do. */
interface ServeRequest {
  readonly file: string;
  readonly host: string;
  readonly port: number;
  readonly sessionTtlMs: number;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly stdio: boolean;
  /** What the client on stdin wishes of code mode. */
  readonly codeMode?: 'on' | 'off';
  readonly verbose: boolean;
  readonly quiet: boolean;
  /** How another port is chosen, where it is not `--port` by itself. */
  readonly portSetting?: string;
}

/** `vmcp serve`: serves until a signal, or until the client on stdin is gone. */
export const runServe: RunCommand = (args, terminal) => serve(parseRequest(args), terminal);

/**
 * Serves a configuration file.
 * @param whenReady called with the server once it listens, after the line that says so
 */
export async function serve(
  request: ServeRequest,
  terminal: Terminal,
  whenReady?: (app: App) => void,
): Promise<number> {
  const signals = new Signals(terminal, request);
  const text = await readConfigText(request.file);
  const config = new FollowedConfig(text, { file: request.file, environment: terminal.environment });
  const screen = terminal.stderrIsTerminal ? createScreen(request, terminal) : undefined;
  const started = await start(request, config, terminal, screen);
  if (started === undefined) return exitCodes.failed;
  const { app, discovery } = started;
  terminal.onExit(() => app.killChildren());
  const release = guardServer(terminal, app.log);
  try {
    return await serveUntilTheEnd(
      { request, text, config, app, discovery, screen },
      terminal,
      signals,
      whenReady,
    );
  } catch (error) {
    // Without what failed here there is no server to go on: the process is to end by it.
    release();
    throw error;
  }
}

interface Started {
  readonly request: ServeRequest;
  /** The configuration file, as it was read. */
  readonly text: string;
  readonly config: FollowedConfig;
  readonly app: App;
  /** What finds backends beside the file's. */
  readonly discovery: RunningDiscovery | undefined;
  /** Where a person reads stderr. */
  readonly screen: Screen | undefined;
}

async function serveUntilTheEnd(
  { request, text, config, app, discovery, screen }: Started,
  terminal: Terminal,
  signals: Signals,
  whenReady: ((app: App) => void) | undefined,
): Promise<number> {
  if (screen === undefined) terminal.err(readyLine(request, app));
  logWarnings(app, request.file, config.first);
  if (screen === undefined) whenReady?.(app);
  try {
    await app.open();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    screen?.close();
    terminal.err(`vmcp: ${error.message}\n`);
    await app.close(0);
    return exitCodes.failed;
  }
  void screen?.settle(app).then(() => whenReady?.(app));
  if (discovery !== undefined) followDiscovery(discovery, config, request.file, app);
  const watch = (await stat(request.file)).isFile()
    ? watchConfig({ request, text, config, discovery }, app)
    : readOnce(app);
  signals.onHangUp = () => {
    // Also sent when a terminal is closed: then this line does not arrive, and the loss of the stream ends the server.
    if (terminal.stderrIsTerminal) terminal.err('vmcp: reading the configuration again\n');
    app.reopenFiles();
    void watch.refresh();
  };
  if (request.stdio) void serveStdio(app, terminal, request).then((code) => signals.end(code));
  const exitCode = await signals.ended;
  watch.close();
  screen?.close();
  if (!request.stdio) sayThatItEnds(app, terminal);
  await Promise.all([discovery?.close(), app.close(drainMs)]);
  config.close();
  return exitCode;
}

function createScreen({ file, verbose, quiet }: ServeRequest, terminal: Terminal): Screen {
  return new Screen(terminal, { verbose, quiet, title: `vmcp ${packageVersion()}, ${file}` });
}

/** The exit code, when the client is gone or was never let in. */
async function serveStdio(app: App, terminal: Terminal, { codeMode }: ServeRequest): Promise<number> {
  try {
    await app.serveStdio(process.stdin, process.stdout, codeMode === undefined ? {} : { codeMode });
    return exitCodes.done;
  } catch (error) {
    if (error instanceof AppError) terminal.err(`vmcp: ${error.message}\n`);
    else app.log.defect(error, 'the session on stdin and stdout');
    return exitCodes.failed;
  }
}

/** To a person whatever the log's level is: it explains why the prompt does not come back yet. */
function sayThatItEnds(app: App, terminal: Terminal): void {
  const words = 'ending; calls under way may finish (again to stop at once)';
  if (terminal.stderrIsTerminal) terminal.err(`vmcp: ${words}\n`);
  else app.log.write('info', words);
}

function readyLine({ stdio }: ServeRequest, { url }: App): string {
  return stdio
    ? `vmcp serves MCP on stdin and stdout, and ${url}/metrics\n`
    : `vmcp serves MCP on ${url}/mcp\n`;
}

/** @throws UsageError */
export function parseRequest(
  args: readonly string[],
  defaults: { readonly config?: string; readonly portSetting?: string } = {},
): ServeRequest {
  const options = parseOptions(args, commands.serve);
  const stdio = options.flag('stdio');
  const codeMode = parseWish(options, stdio);
  if (options.flag('verbose') && options.flag('quiet'))
    throw new UsageError('--verbose and --quiet exclude each other');
  return {
    file: requestedFile(options, defaults.config),
    host: parseAddress(options.text('host') || '127.0.0.1'),
    port: parsePort(options, stdio ? 0 : 4483),
    sessionTtlMs: parseTtl(options),
    allowedHosts: options.texts('allowed-host').map(parseAllowedHost),
    allowedOrigins: options.texts('allowed-origin').map(parseAllowedOrigin),
    stdio,
    ...(codeMode !== undefined && { codeMode }),
    verbose: options.flag('verbose'),
    quiet: options.flag('quiet'),
    ...(defaults.portSetting !== undefined && { portSetting: defaults.portSetting }),
  };
}

function requestedFile(options: ParsedOptions, fallback: string | undefined): string {
  const [operand] = options.operands;
  return configFile(options, operand ?? (options.text('config') === undefined ? fallback : undefined));
}

function parseWish(options: ParsedOptions, stdio: boolean): 'on' | 'off' | undefined {
  const text = options.text('code-mode');
  if (text === undefined) return undefined;
  if (text !== 'on' && text !== 'off')
    throw new UsageError(`--code-mode: expected on or off, found "${text}"`);
  if (!stdio)
    throw new UsageError(
      '--code-mode is for --stdio; over HTTP each client wishes with the header Vmcp-Code-Mode or ?codeMode= in the URL',
    );
  return text;
}

/** As the system takes it: an IPv6 address without the brackets that it has in a URL. */
function parseAddress(text: string): string {
  return text.replace(/^\[(.*)\]$/, '$1').toLowerCase();
}

/** The name in a `Host` header, as URLs have it: without the port, which any request may have, and without capitals. */
function parseAllowedHost(text: string): string {
  const url = URL.parse(`http://${text}`);
  const isName = url !== null && /^[^/?#@*]+$/.test(text);
  if (isName) return url.hostname;
  throw new UsageError(`--allowed-host: expected a host name such as "vmcp.example.com", found "${text}"`);
}

/** As browsers write it in `Origin`: scheme, name, and a port that is not the scheme's own. */
function parseAllowedOrigin(text: string): string {
  const url = URL.parse(text);
  const isSite = url !== null && /^https?:$/.test(url.protocol) && /^https?:\/\/[^/?#@*]+\/?$/i.test(text);
  if (isSite) return url.origin;
  throw new UsageError(
    `--allowed-origin: expected a site such as "https://chat.example.com", found "${text}"`,
  );
}

function parsePort(options: ParsedOptions, fallback: number): number {
  const text = options.text('port');
  if (text === undefined) return fallback;
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new UsageError(`--port: expected 0 to 65535, found "${text}"`);
  return Number(text);
}

function parseTtl(options: ParsedOptions): number {
  const text = options.text('session-ttl') ?? '30m';
  const ms = parseGoDuration(text);
  if (ms === undefined || ms <= 0)
    throw new UsageError(`--session-ttl: expected a duration such as "30m", found "${text}"`);
  return ms;
}

async function start(
  request: ServeRequest,
  config: FollowedConfig,
  terminal: Terminal,
  screen: Screen | undefined,
): Promise<Pick<Started, 'app' | 'discovery'> | undefined> {
  try {
    const discovery = createDiscovery(config.first.config, terminal.environment);
    const app = await startApp({
      ...request,
      loaded: config.first,
      discovery,
      version: packageVersion(),
      environment: terminal.environment,
      logSink: (line) => terminal.err(line),
      // With --stdio, what is on stdout is MCP and nothing else.
      streams: { stderr: process.stderr, ...(!request.stdio && { stdout: process.stdout }) },
      ...(screen !== undefined && { onLogEntry: (entry) => screen.onEntry(entry) }),
      ...(request.quiet && { leastLogLevel: 'warn' }),
      logCalls: request.verbose,
    });
    return { app, discovery };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    terminal.err(`vmcp: ${error.message}\n`);
    return undefined;
  }
}

function logWarnings(app: App, file: string, { warnings }: LoadedConfig): void {
  for (const warning of warnings) app.log.write('warn', formatProblem(file, warning));
}

/** For a pipe, which is empty once it has been read. */
function readOnce(app: App): ConfigWatch {
  const refused = 'config not reloaded: it came from a pipe, which cannot be read again';
  return { refresh: async () => app.log.write('warn', refused), close: () => {} };
}

/** Follows the file. A text that is not sound changes nothing, and the log says what is wrong with it. */
function watchConfig(
  { request: { file }, text, config, discovery }: Pick<Started, 'request' | 'text' | 'config' | 'discovery'>,
  app: App,
): ConfigWatch {
  return watchFile(file, {
    text,
    onDefect: app.log.defect,
    onLost: (error) => app.log.write('error', `config not reloaded: ${file}: ${whyNotRead(error)}`),
    onChange: (changed) =>
      reload(app, file, async () => {
        const loaded = config.withText(changed);
        logWarnings(app, file, loaded);
        await app.reload(loaded);
        discovery?.putInForce(config.refused);
      }),
  });
}

/** Backends that come to a group are to be served within 2 s: one that does not answer joins later. */
const foundWaitMs = 1_000;

/** Puts backends in force as they are found. */
function followDiscovery(discovery: RunningDiscovery, config: FollowedConfig, file: string, app: App): void {
  let warned = new Set<string>();
  const onFound = async (found: FoundGroup): Promise<void> => {
    const loaded = config.withFound(found);
    const warnings = [...config.refused, ...found.skipped].map(
      ({ kind, name, reason }) => `${kind} "${name}" is not served: ${reason}`,
    );
    for (const warning of warnings) if (!warned.has(warning)) app.log.write('warn', warning);
    warned = new Set(warnings);
    await app.reload(loaded, { waitMs: foundWaitMs });
    discovery.putInForce(config.refused);
  };
  discovery.start(
    (found) =>
      contain('the discovery of backends', app.log.defect, () => reload(app, file, () => onFound(found))),
    app.log.defect,
  );
}

/** What goes wrong is logged, and leaves in force what was. */
async function reload(app: App, file: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const problems =
      error instanceof ConfigError
        ? error.problems.map((problem) => formatProblem(file, problem))
        : [messageOf(error)];
    app.configRefused(problems);
    app.log.write('error', 'config not reloaded', { problems });
  }
}

/** Signals as `serve` takes them: one to end, another to end at once, and one to read the configuration again. */
class Signals {
  /** The exit code, once the server is to end. */
  readonly ended: Promise<number>;
  readonly end: (exitCode: number) => void;
  onHangUp: () => void = () => {};

  constructor(terminal: Terminal, { stdio }: Pick<ServeRequest, 'stdio'>) {
    const { promise, resolve } = Promise.withResolvers<number>();
    let ending = false;
    this.ended = promise;
    this.end = resolve;
    terminal.onSignal((signal) => {
      if (signal === 'SIGHUP') return this.onHangUp();
      const exitCode = signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.done;
      if (ending) process.exit(exitCode || exitCodes.failed);
      ending = true;
      resolve(exitCode);
    });
    terminal.onStreamLost((stream) => {
      // With stdout a client on stdio is gone, with its terminal a server that was started by hand. Who reads the log or
      // the audit log elsewhere may come and go.
      if ((stream === 'stdout' && stdio) || terminal.stderrIsTerminal) resolve(exitCodes.done);
    });
  }
}
