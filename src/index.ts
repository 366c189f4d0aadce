/**
 * vmcp as a library: starts a server of a configuration, within a program of its own. `docs/embedding.md` shows how.
 */
import { resolve } from 'node:path';
import type { FeatureParts } from './features/feature.ts';
import { packageVersion } from './lib/package-version.ts';
import {
  configReader,
  createOwnClient,
  startApp,
  type AppStatus,
  type BackendStatus,
  type CallOptions,
  type JsonObject,
  type LoadedConfig,
  type LogEntry,
  type Tool,
  type ToolResult,
} from './server/index.ts';

export { ConfigError } from './config/index.ts';
export { onlyFor, type Request, type Result, type Stage, type ToolProvider } from './gateway/index.ts';
export { ProtocolError } from './protocol/index.ts';
export { AppError } from './server/index.ts';
export type { AppStatus, BackendStatus, FeatureParts, JsonObject, LogEntry, Tool, ToolResult };

export interface ServerOptions {
  /** The address to bind; 127.0.0.1 unless given. */
  readonly host?: string;
  /** 0, which is the default, takes a free port. */
  readonly port?: number;
  /** Names that the `Host` header may have, beside those of a loopback bind. */
  readonly allowedHosts?: readonly string[];
  /** Sites whose pages may ask, such as `https://chat.example.com`. */
  readonly allowedOrigins?: readonly string[];
  /** How long a session lives without a request, in ms; 30 minutes unless given. */
  readonly sessionTtlMs?: number;
  /** Where `${VAR}` and secrets are looked up; `process.env` unless given. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Stages, providers of tools, and routes of the program's own. They see what features let by. */
  readonly parts?: readonly FeatureParts[];
  /** Takes the log. Nothing is logged otherwise. */
  readonly onLog?: (entry: LogEntry) => void;
}

/** A running server. */
export interface Server {
  /** `http://host:port`. */
  readonly url: string;
  /** What MCP clients connect to. */
  readonly mcpUrl: string;
  /** Every tool that a client without credentials sees. Waits for backends that are still connecting. */
  listTools(options?: { readonly signal?: AbortSignal }): Promise<readonly Tool[]>;
  /**
   * Calls a tool in process, as a client without credentials would; counted like one.
   * @throws AppError when the call fails; a tool's own failure is a result with `isError`
   */
  callTool(name: string, args?: JsonObject, options?: Partial<CallOptions>): Promise<ToolResult>;
  status(): Promise<AppStatus>;
  backends(): readonly BackendStatus[];
  /**
   * Puts another configuration in force.
   * @throws ConfigError, AppError; the one in force stays then
   */
  reload(config: object): Promise<void>;
  /** Ends every connection and child. @param drainMs how long calls under way may take; 10 s unless given */
  close(drainMs?: number): Promise<void>;
}

/**
 * Starts a server.
 * @param config what a configuration file would say, as an object; relative paths are those of the working directory
 * @throws ConfigError when the configuration has faults; AppError when it cannot be served
 */
export async function startServer(config: object, options: ServerOptions = {}): Promise<Server> {
  const { environment = process.env, host = '127.0.0.1', port = 0 } = options;
  const read = (value: object): LoadedConfig =>
    configReader.parse(JSON.stringify(value, undefined, 2), { file: resolve('vmcp.json'), environment });
  const app = await startApp({
    loaded: read(config),
    version: packageVersion(),
    host,
    port,
    environment,
    allowedHosts: options.allowedHosts ?? [],
    allowedOrigins: options.allowedOrigins ?? [],
    sessionTtlMs: options.sessionTtlMs ?? 30 * 60_000,
    logSink: () => undefined,
    onLogEntry: options.onLog ?? (() => undefined),
    parts: options.parts ?? [],
  });
  try {
    await app.open();
  } catch (error) {
    await app.close(0);
    throw error;
  }
  const client = createOwnClient(() => app.gateway());
  const never = new AbortController().signal;
  return {
    url: app.url,
    mcpUrl: `${app.url}/mcp`,
    listTools: ({ signal = never } = {}) => client.listTools(signal),
    callTool: (name, args = {}, call = {}) => client.callTool(name, args, { signal: never, ...call }),
    status: () => app.status(),
    backends: () => app.backends(),
    reload: async (next) => app.reload(read(next)),
    close: (drainMs = 10_000) => app.close(drainMs),
  };
}
