/**
 * The tools of a configuration, or of a server that runs, for a program that uses them and ends: no port is opened and
 * nothing is exported.
 */
import { AppError } from './app-error.ts';
import type { Config, LoadedConfig } from './config.ts';
import { createOutgoingCredential } from '../features/auth/outgoing/index.ts';
import type { ScriptCheck, ToolDescription } from '../features/code-mode/index.ts';
import {
  anonymous,
  BackendError,
  noClient,
  waitFor,
  type BackendStatus,
  type Caller,
  type ClientPort,
  type Tool,
  type ToolResult,
} from '../gateway/index.ts';
import { prepareGeneration, type Generation } from './generation.ts';
import { createBackendClient } from '../mcp/client/index.ts';
import { ProtocolError, type JsonObject } from '../protocol/index.ts';
import { backendsOf } from './status.ts';
import { createShared, type SharedOptions } from './shared.ts';

export type { ScriptCheck, ToolDescription, ToolParameter } from '../features/code-mode/index.ts';

export interface CallOptions {
  readonly signal: AbortSignal;
  /** Told what the tool reports of its progress. */
  onProgress?(progress: JsonObject): void;
}

/** Tools that can be listed and called. Whatever fails, but for a tool's own failure, is thrown as an AppError. */
export interface ToolSource {
  /** Resolves once every backend has been connected, or has failed to be; at once where the server has seen to that. */
  ready(signal: AbortSignal): Promise<void>;
  /** Of a configuration; empty for a server. */
  backends(): readonly BackendStatus[];
  listTools(signal: AbortSignal): Promise<readonly Tool[]>;
  callTool(name: string, args: JsonObject, options: CallOptions): Promise<ToolResult>;
  /** Ends every connection and child. */
  close(): Promise<void>;
  /** Kills every child at once, for a process that cannot wait. */
  killChildren(): void;
}

/**
 * Starts the backends of a configuration, with everything that a client's call passes on its way to them.
 * @param options.codeMode true has `execute_tool_script` among the tools, whatever the configuration says
 */
export async function openConfig(
  options: Omit<SharedOptions, 'host'> & { readonly codeMode?: boolean },
): Promise<ToolSource> {
  const config = forOneUse(options.loaded.config, options.codeMode === true);
  const loaded: LoadedConfig = { ...options.loaded, config };
  const shared = await createShared({ ...options, loaded, host: '127.0.0.1' });
  let generation: Generation;
  try {
    generation = await prepareGeneration(config, shared);
  } catch (error) {
    await shared.close();
    throw error;
  }
  generation.commit();
  const { gateway } = generation;
  return {
    ready: (signal) => untilAborted(generation.settled(), signal),
    backends: () => backendsOf(generation, shared.secrets.redact),
    listTools: (signal) =>
      inWords(() => {
        const asked = {
          origin: 'client',
          method: 'tools/list',
          caller: ownCaller,
          client: noClient,
        } as const;
        return untilAborted(gateway.ask({ ...asked, signal }), signal);
      }),
    callTool: (name, args, call) =>
      inWords(async () => ({
        ...(await gateway.ask({
          origin: 'client',
          method: 'tools/call',
          name,
          params: toParams(name, args, call),
          caller: ownCaller,
          client: toPort(call),
          signal: call.signal,
        })),
      })),
    close: async () => {
      await generation.retire();
      await shared.close();
    },
    killChildren: () => shared.children.kill(),
  };
}

/**
 * No client calls in. Nothing of one use goes to where the server's own metrics and traces go, no backend waits to be needed, and what is no
 * error is for whoever asks for the backends' status.
 */
function forOneUse(config: Config, codeMode: boolean): Config {
  const { endpoint: _, prometheusPort: _port, caCertPath: _ca, ...telemetry } = config.telemetry;
  return {
    ...config,
    incomingAuth: undefined,
    telemetry: { ...telemetry, tracingEnabled: false, metricsEnabled: false },
    backends: config.backends.map((backend) => ({ ...backend, connection: 'eager' })),
    codeMode: { ...config.codeMode, enabled: config.codeMode.enabled || codeMode },
    operational: { ...config.operational, logLevel: 'error' },
  };
}

/** Longer than a server may take for any call. Whoever does not want to wait interrupts. */
const callTimeoutMs = 60 * 60_000;

/**
 * Connects to an MCP server.
 * @param url of its MCP endpoint
 * @param options.headers sent with every request
 * @throws AppError `unreachable`
 */
export async function openServer(
  url: URL,
  options: {
    readonly version: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly signal: AbortSignal;
  },
): Promise<ToolSource> {
  const { version, headers, signal } = options;
  const target = { name: url.host, transport: 'streamable-http', url } as const;
  const credential = createOutgoingCredential({
    headers,
    strategy: { type: 'unauthenticated' },
    onSecrets: () => undefined,
  });
  const client = createBackendClient(target, {
    clientInfo: { name: 'vmcp', version },
    environment: {},
    ...(credential && { credential }),
    onLog: () => undefined,
  });
  try {
    await inWords(() => client.connect(signal));
  } catch (error) {
    await client.close();
    throw error;
  }
  return {
    ready: () => Promise.resolve(),
    backends: () => [],
    listTools: (stop) => inWords(async () => (await client.list('tools', stop)) as Tool[]),
    callTool: (name, args, call) =>
      inWords(() =>
        client.request({
          method: 'tools/call',
          params: toParams(name, args, call),
          caller: ownCaller,
          client: toPort(call),
          signal: call.signal,
          timeoutMs: callTimeoutMs,
        }),
      ),
    close: () => client.close(),
    killChildren: () => undefined,
  };
}

/** Who asks where the program itself does. */
const ownCaller: Caller = {
  sessionId: 'vmcp',
  hasSession: false,
  principal: anonymous,
  revision: '2026-07-28',
  capabilities: {},
  forwardedHeaders: {},
};

function toParams(name: string, args: JsonObject, { onProgress }: CallOptions): JsonObject {
  return { name, arguments: args, ...(onProgress !== undefined && { _meta: { progressToken: 1 } }) };
}

/** The end of a client that can be asked nothing. */
function toPort({ onProgress }: CallOptions): ClientPort {
  return {
    canAsk: false,
    notify: (method, params) => {
      if (method === 'notifications/progress') onProgress?.(params);
    },
    request: (method) =>
      Promise.reject(new ProtocolError(-32601, `expected no question in mid-call, found ${method}`)),
  };
}

/** What goes wrong with the other side, as one line for people. */
async function inWords<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof BackendError) throw new AppError('unreachable', cause.reason, { cause });
    if (cause instanceof ProtocolError) throw new AppError('call_failed', cause.message, { cause });
    throw cause;
  }
}

function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const timeout = (): AppError => new AppError('unreachable', 'did not answer within an hour');
  return waitFor(work, { signal, timeoutMs: callTimeoutMs, timeout });
}

/** What a script would do, as far as its text tells. Loads the language only when asked. */
export async function checkScript(
  ...[script, options]: Parameters<CodeMode['checkScript']>
): Promise<ScriptCheck> {
  const { checkScript: check } = await import('../features/code-mode/index.ts');
  return check(script, options);
}

/** A tool as people are shown it. */
export async function describeTool(tool: Tool): Promise<ToolDescription> {
  const { describeTool: describe } = await import('../features/code-mode/index.ts');
  return describe(tool);
}

type CodeMode = typeof import('../features/code-mode/index.ts');
