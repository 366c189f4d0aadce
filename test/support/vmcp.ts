import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { eventually } from './eventually.ts';
import { parseMetrics, type Sample } from './metrics-text.ts';

export const repositoryRoot: string = resolve(import.meta.dirname, '../..');

/**
 * The command line under test: what `npm run build` made. `VMCP_CLI` names another file, such as `src/cli/main.ts`
 * while working on the source.
 */
export const cliFile: string = resolve(repositoryRoot, process.env['VMCP_CLI'] ?? 'dist/cli/main.js');

if (!existsSync(cliFile)) throw new Error(`${cliFile} is not there: run \`npm run build\` first`);

export interface VmcpOptions {
  /** Where it listens, to come back after a restart; a free port unless given. */
  readonly port?: number;
  /** Further arguments after `serve --config FILE --port PORT`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A file that is there already, used instead of one with the configuration given. */
  readonly configFile?: string;
}

/** A `vmcp serve` of its own process, on a free port, with a configuration file of its own. */
export interface Vmcp {
  /** Without a path: `http://127.0.0.1:PORT`. */
  readonly origin: string;
  readonly mcpUrl: URL;
  readonly configFile: string;
  readonly pid: number;
  /** Everything it has said on stderr so far. */
  log(): string;
  /** Replaces the configuration by rename, as an editor does. */
  writeConfig(config: object | string): void;
  get(path: string): Promise<Response>;
  metrics(): Promise<Sample[]>;
  /** `/status`, once `until` accepts it. */
  status(until?: (status: VmcpStatus) => boolean): Promise<VmcpStatus>;
  signal(name: NodeJS.Signals): void;
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** SIGTERM, and the exit code. */
  stop(): Promise<number | NodeJS.Signals>;
}

/** What `/status` says, as far as tests read it. */
export interface VmcpStatus {
  readonly backends: readonly {
    readonly name: string;
    readonly health: string;
    readonly [key: string]: unknown;
  }[];
  readonly [key: string]: unknown;
}

/** For `status(until)`: every backend serves. */
export function allHealthy({ backends }: VmcpStatus): boolean {
  return backends.every(({ health }) => health === 'healthy');
}

/** Waits for the line that says where vmcp listens, and returns the URL in it without its path. */
export function listeningOrigin(log: () => string): Promise<string> {
  return eventually(() => {
    const url = /http:\/\/[^\s"]+?:\d+(?=\/|\s|")/.exec(log())?.[0];
    if (url !== undefined) return url;
    throw new Error(`vmcp has not said where it listens; it said:\n${log()}`);
  });
}

/** Starts `vmcp serve` and waits for the line that says where it listens. */
export async function startVmcp(config: object | string, options: VmcpOptions = {}): Promise<Vmcp> {
  const folder = mkdtempSync(join(tmpdir(), 'vmcp-test-'));
  const configFile = options.configFile ?? join(folder, 'vmcp.yaml');
  if (options.configFile === undefined) writeConfigFile(configFile, config);
  const args = [cliFile, 'serve', '--config', configFile, '--port', String(options.port ?? 0)];
  args.push(...(options.args ?? []));
  const child = spawn(process.execPath, args, {
    cwd: repositoryRoot,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const log = collect(child.stderr);
  const ended = endOf(child).finally(() => rmSync(folder, { recursive: true, force: true }));
  const origin = await readyLine(child, log);
  const get = (path: string): Promise<Response> => fetch(`${origin}${path}`);
  return {
    origin,
    mcpUrl: new URL('/mcp', origin),
    configFile,
    pid: child.pid ?? Number.NaN,
    log,
    writeConfig: (next) => writeConfigFile(configFile, next),
    get,
    metrics: async () => parseMetrics(await (await get('/metrics')).text()),
    status: (until) => readStatus(origin, until),
    signal: (name) => void child.kill(name),
    ended,
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

function writeConfigFile(file: string, config: object | string): void {
  const text = typeof config === 'string' ? config : JSON.stringify(config, null, 2); // JSON is YAML
  writeFileSync(`${file}.next`, text);
  renameSync(`${file}.next`, file);
}

function collect(stream: Readable): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return () => text;
}

async function endOf(child: ChildProcessByStdio<null, null, Readable>): Promise<number | NodeJS.Signals> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return code ?? signal ?? Number.NaN;
}

async function readyLine(
  child: ChildProcessByStdio<null, null, Readable>,
  log: () => string,
): Promise<string> {
  try {
    return await listeningOrigin(log);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

/** What `/status` says there, once it is as awaited. */
export async function readStatus(
  origin: string,
  until: (status: VmcpStatus) => boolean = () => true,
): Promise<VmcpStatus> {
  return eventually(async () => {
    const status = (await (await fetch(`${origin}/status`)).json()) as VmcpStatus;
    if (!until(status)) throw new Error(`/status is not as awaited: ${JSON.stringify(status)}`);
    return status;
  });
}
