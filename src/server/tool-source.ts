/**
 * The tools of a configuration, or of a server that runs, for a program that uses them and ends: no port is opened and
 * nothing is exported.
 */
import type { Config, LoadedConfig } from './config.ts';
import { createOutgoingCredential } from '../features/auth/outgoing/index.ts';
import { features as builtIn, type AnyFeature } from './features.ts';
import { noClient, type BackendStatus, type Places, type Tool } from '../gateway/index.ts';
import { prepareGeneration, type Generation } from './generation.ts';
import { createBackendClient } from '../mcp/client/index.ts';
import {
  callTimeoutMs,
  createOwnClient,
  inWords,
  ownCaller,
  toParams,
  toPort,
  untilAborted,
  type OwnClient,
} from './own-client.ts';
import { assertNoDiscovery } from './discovery.ts';
import { backendsOf } from './status.ts';
import { createServerView } from './server-view.ts';
import { createShared, type SharedOptions } from './shared.ts';

/** Tools that can be listed and called, by a program that ends. */
export interface ToolSource extends OwnClient {
  /** Resolves once every backend has been connected, or has failed to be; at once where the server has seen to that. */
  ready(signal: AbortSignal): Promise<void>;
  /** Of a configuration; empty for a server. */
  backends(): readonly BackendStatus[];
  /** Whose each tool is. Of a configuration alone. */
  locate?(signal: AbortSignal): Promise<Places>;
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
  const all: readonly AnyFeature[] = builtIn;
  const features = all.filter(({ onlyServing }) => onlyServing !== true);
  assertNoDiscovery(options.loaded.config);
  const shared = await createShared({ ...options, loaded, host: '127.0.0.1', features });
  let generation: Generation;
  try {
    generation = await prepareGeneration(config, shared);
  } catch (error) {
    await shared.close();
    throw error;
  }
  const { kept, secrets } = shared;
  const sinceMs = Date.now();
  kept.setServer(
    createServerView(
      () => generation,
      async () => ({
        name: config.name,
        version: options.version,
        backends: backendsOf(generation, secrets.redact),
        config: { inForceSinceMs: sinceMs, reloads: 0 },
      }),
    ),
  );
  generation.commit();
  return {
    ready: (signal) => untilAborted(generation.settled(), signal),
    backends: () => backendsOf(generation, shared.secrets.redact),
    ...createOwnClient(() => generation.gateway),
    locate: (signal) =>
      inWords(() =>
        generation.gateway.ask({
          origin: 'client',
          method: 'locate',
          caller: ownCaller,
          client: noClient,
          signal,
        }),
      ),
    close: async () => {
      await generation.retire();
      await shared.close();
    },
    killChildren: () => shared.children.kill(),
  };
}

/**
 * No client calls in, and what the operator asks for is not kept to scripts. Nothing of one use goes to where the server's own metrics and traces go, no backend waits to be needed, and what is no
 * error is for whoever asks for the backends' status.
 */
function forOneUse(config: Config, codeMode: boolean): Config {
  const { endpoint: _, prometheusPort: _port, caCertPath: _ca, ...telemetry } = config.telemetry;
  return {
    ...config,
    incomingAuth: undefined,
    telemetry: { ...telemetry, tracingEnabled: false, metricsEnabled: false },
    backends: config.backends.map((backend) => ({ ...backend, connection: 'eager' })),
    console: { ...config.console, enabled: false },
    codeMode: { ...config.codeMode, enabled: config.codeMode.enabled || codeMode, mode: 'alongside' },
    operational: { ...config.operational, logLevel: 'error' },
  };
}

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
    backend: target.name,
    url,
    environment: {},
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
