/**
 * The composition root: the only place where parts meet. It makes each part once, fills its options from the
 * configuration, and connects callbacks; `generation.ts` does the same for what a reload replaces.
 */
import { readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ScriptPool } from './codemode/index.ts';
import type { Config, LoadedConfig, TelemetryConfig } from './config/index.ts';
import { BackendPool } from './gateway/index.ts';
import { createGeneration, ownCaller, type Generation, type Shared } from './generation.ts';
import {
  createListener,
  isLoopback,
  probeRoutes,
  type Handler,
  type Listener,
  type Route,
} from './http/index.ts';
import { createRedact } from './lib/redact.ts';
import { createLog, type Log } from './log.ts';
import { createMcpEndpoint, type ChangedList, type McpEndpoint } from './mcp/server/index.ts';
import { createTelemetry, type Telemetry } from './telemetry/index.ts';

export interface AppOptions {
  readonly loaded: LoadedConfig;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly allowedHosts: readonly string[];
  readonly sessionTtlMs: number;
  readonly version: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Takes the log's lines. */
  readonly logSink: (line: string) => void;
  readonly logForPeople: boolean;
}

/** A running server. */
export interface App {
  /** `http://host:port`, with the port that was bound. */
  readonly url: string;
  readonly log: Log;
  /** Serves one client on two streams until it closes its end. */
  serveStdio(input: Readable, output: Writable): Promise<void>;
  /**
   * Puts another configuration in force. Calls under way end where they began.
   * @throws AppError when it cannot be served here; the one in force stays
   */
  reload(loaded: LoadedConfig): Promise<void>;
  /** Resolves once every backend has made its first attempt to connect. */
  settled(): Promise<void>;
  /** Accepts nothing more, lets calls under way finish for at most `drainMs`, and ends every connection and child. */
  close(drainMs: number): Promise<void>;
}

/** A sound configuration that cannot be served as asked. */
export class AppError extends Error {
  readonly code: 'needs_incoming_auth' | 'cannot_listen' | 'cannot_read_file';
  constructor(code: AppError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AppError';
    this.code = code;
  }
}

/** Longest wait of a reload for backends that are new; after it they join when they are there. */
const reloadWaitMs = 5000;

/**
 * Starts a server: it listens at once, and backends connect side by side.
 * @throws AppError when it cannot listen, or may not
 */
export async function startApp(options: AppOptions): Promise<App> {
  assertMayListen(options.loaded.config, options.host);
  const app = new RunningApp(options, await createShared(options));
  await app.start();
  return app;
}

async function createShared(options: AppOptions): Promise<Shared & { closeScripts(): Promise<void> }> {
  const { config, secrets } = options.loaded;
  const log = createLog({
    level: config.operational.logLevel,
    sink: options.logSink,
    forPeople: options.logForPeople,
  });
  log.setRedact(createRedact(secrets));
  const telemetry = await startTelemetry(config, options, log);
  let scripts: Promise<ScriptPool> | undefined;
  return {
    pool: new BackendPool(),
    telemetry,
    log,
    clientInfo: { name: 'vmcp', version: options.version },
    environment: options.environment,
    scripts: () => (scripts ??= startScripts(config, log)),
    closeScripts: async () => (await scripts)?.close(),
  };
}

async function startScripts({ codeMode }: Config, log: Log): Promise<ScriptPool> {
  const { createScriptPool } = await import('./codemode/index.ts');
  return createScriptPool({
    memoryLimitBytes: codeMode.memoryLimitBytes,
    onThreadLost: (event) => log.write('error', 'a script thread was lost and is replaced', { ...event }),
  });
}

async function startTelemetry(
  { name, telemetry }: Config,
  options: AppOptions,
  log: Log,
): Promise<Telemetry> {
  const { endpoint, caCertPath } = telemetry;
  return createTelemetry({
    serviceName: telemetry.serviceName ?? name,
    serviceVersion: telemetry.serviceVersion ?? options.version,
    customAttributes: telemetry.customAttributes,
    samplingRate: telemetry.samplingRate,
    useLegacyAttributes: telemetry.useLegacyAttributes,
    environment: pick(options.environment, telemetry.environmentVariables),
    ...(endpoint !== undefined && {
      otlp: {
        endpoint,
        insecure: telemetry.insecure,
        headers: telemetry.headers,
        metrics: telemetry.metricsEnabled,
        traces: telemetry.tracingEnabled,
        ...(caCertPath !== undefined && { caCert: readCertificate(caCertPath) }),
        onFailure: (signal, error) =>
          log.write('warn', `${signal} did not reach the OTLP endpoint: ${error.message}`),
      },
    }),
  });
}

function readCertificate(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new AppError('cannot_read_file', `telemetry.caCertPath: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function pick(environment: AppOptions['environment'], names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
  );
}

class RunningApp implements App {
  readonly log: Log;
  readonly #options: AppOptions;
  readonly #shared: Shared & { closeScripts(): Promise<void> };
  readonly #retiring = new Set<Promise<void>>();
  #generation!: Generation;
  #endpoint!: McpEndpoint;
  #listener!: Listener;
  #metricsListener: Listener | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: AppOptions, shared: Shared & { closeScripts(): Promise<void> }) {
    this.#options = options;
    this.#shared = shared;
    this.log = shared.log;
  }

  get url(): string {
    return this.#listener.url;
  }

  async start(): Promise<void> {
    const { config } = this.#options.loaded;
    this.#generation = await createGeneration(config, this.#shared);
    this.#shared.telemetry.setCodeModeSource(() => ({
      enabled: this.#generation.config.codeMode.enabled,
      name: this.#generation.config.name,
    }));
    this.#shared.telemetry.setBackendSource(() => this.#generation.config.backends.length);
    this.#endpoint = this.#createEndpoint();
    try {
      this.#listener = await this.#listen(this.#options.port, this.#routes());
      this.#metricsListener = await this.#listenForMetrics(config.telemetry);
    } catch (error) {
      await this.close(0);
      throw error;
    }
  }

  serveStdio(input: Readable, output: Writable): Promise<void> {
    return this.#endpoint.serveStdio(input, output);
  }

  settled(): Promise<void> {
    return this.#generation.settled();
  }

  async reload({ config, secrets }: LoadedConfig): Promise<void> {
    assertMayListen(config, this.#options.host);
    const before = this.#generation;
    const metricsListener = await this.#relisten(before.config.telemetry, config.telemetry);
    // The old secrets may still be in what old backends say.
    this.log.setRedact(createRedact([...this.#options.loaded.secrets, ...secrets]));
    const next = await createGeneration(config, this.#shared);
    await Promise.race([next.settled(), sleep(reloadWaitMs, undefined, { ref: false })]);
    const changed = await changedLists(before, next);
    this.#generation = next;
    this.log.setLevel(config.operational.logLevel);
    this.#endpoint.gatewaySwapped(changed);
    if (metricsListener !== this.#metricsListener) {
      await this.#metricsListener?.close();
      this.#metricsListener = metricsListener;
    }
    for (const key of fixedAtStart(before.config, config))
      this.log.write('warn', `a change of ${key} takes effect at the next start`);
    this.#retire(before);
    this.log.write('info', 'the new configuration is in force', {
      name: config.name,
      backends: config.backends.length,
    });
  }

  close(drainMs: number): Promise<void> {
    this.#closing ??= this.#close(drainMs);
    return this.#closing;
  }

  async #close(drainMs: number): Promise<void> {
    const { pool, telemetry, closeScripts } = this.#shared;
    await Promise.all([
      this.#listener?.close(drainMs),
      this.#metricsListener?.close(),
      this.#endpoint.close(drainMs),
    ]);
    await closeScripts();
    await pool.close();
    await Promise.all(this.#retiring);
    await telemetry
      .close()
      .catch((error: unknown) => this.log.write('warn', `telemetry: ${(error as Error).message}`));
  }

  #retire(generation: Generation): void {
    const retiring = generation
      .retire()
      .catch((error: unknown) => this.log.write('error', `closing backends: ${String(error)}`))
      .finally(() => this.#retiring.delete(retiring));
    this.#retiring.add(retiring);
  }

  #createEndpoint(): McpEndpoint {
    const inForce = () => this.#generation;
    const { version, sessionTtlMs } = this.#options;
    return createMcpEndpoint({
      gateway: () => inForce().gateway,
      get serverInfo() {
        return { name: inForce().config.name, version };
      },
      get forwardedHeaders() {
        return inForce().config.passthroughHeaders;
      },
      authenticate: () => ({ subject: 'anonymous' }),
      limits: { sessionTtlMs },
      onFault: (error) =>
        this.log.write('error', 'a request failed for a reason of our own', { error: describe(error) }),
    });
  }

  #routes(): Route[] {
    const metrics = this.#metricsHandler();
    const onThisPort: Handler = (request, response) => {
      const { telemetry } = this.#generation.config;
      if (telemetry.enablePrometheusMetricsPath && telemetry.metricsOnTransportPort)
        return metrics(request, response);
      response
        .writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
        .end('metrics are not served on this port\n');
    };
    return [
      { path: '/mcp', handler: (request, response) => this.#endpoint.handle(request, response) },
      { path: '/metrics', handler: onThisPort, anyHost: true },
      ...probeRoutes({
        ready: () => this.#isReady(),
        readiness: () => this.#readiness(),
        status: () => this.#status(),
        title: `vmcp ${this.#options.version}`,
      }),
    ];
  }

  #metricsHandler(): Handler {
    return (request, response) => {
      this.#shared.telemetry.handleMetrics(request, response).catch((error: unknown) => {
        this.log.write('error', 'metrics could not be collected', { error: describe(error) });
        if (response.headersSent) response.destroy();
        else response.writeHead(500).end();
      });
    };
  }

  async #listen(port: number, routes: Route[]): Promise<Listener> {
    const { host, allowedHosts } = this.#options;
    try {
      return await createListener({ host, port, allowedHosts, routes });
    } catch (error) {
      throw new AppError('cannot_listen', whyNotListening(error, host, port), { cause: error });
    }
  }

  async #listenForMetrics({
    prometheusPort,
    enablePrometheusMetricsPath,
  }: TelemetryConfig): Promise<Listener | undefined> {
    if (prometheusPort === undefined || !enablePrometheusMetricsPath) return undefined;
    return this.#listen(prometheusPort, [
      { path: '/metrics', handler: this.#metricsHandler(), anyHost: true },
    ]);
  }

  /** The listener for metrics that the new configuration wants: the one there is, when nothing about it changed. */
  async #relisten(before: TelemetryConfig, after: TelemetryConfig): Promise<Listener | undefined> {
    const same =
      before.prometheusPort === after.prometheusPort &&
      before.enablePrometheusMetricsPath === after.enablePrometheusMetricsPath;
    return same ? this.#metricsListener : this.#listenForMetrics(after);
  }

  #isReady(): boolean {
    const { config, aggregate } = this.#generation;
    const serving = aggregate.status().map(({ health }) => health === 'healthy' || health === 'degraded');
    const all = config.operational.failureHandling.partialFailureMode === 'fail';
    return all ? serving.every(Boolean) : serving.some(Boolean);
  }

  #readiness(): object {
    const statuses = this.#generation.aggregate.status();
    return { backends: Object.fromEntries(statuses.map(({ name, health }) => [name, health])) };
  }

  async #status(): Promise<object> {
    const { config, aggregate, gateway } = this.#generation;
    const tools = await gateway.listTools(ownCaller);
    return {
      name: config.name,
      version: this.#options.version,
      ...(config.groupRef !== undefined && { groupRef: config.groupRef }),
      backends: aggregate.status(),
      codeMode: { enabled: config.codeMode.enabled },
      toolCount: tools.length,
      load: this.#endpoint.load,
    };
  }
}

/** Beyond loopback anybody may come by; that must be somebody's decision, not a default. */
function assertMayListen({ incomingAuth }: Config, host: string): void {
  if (isLoopback(host) || incomingAuth !== undefined) return;
  throw new AppError(
    'needs_incoming_auth',
    `listening on ${host} lets others in, and the configuration does not say who may call: add "incomingAuth" (such as "type: anonymous") or listen on 127.0.0.1`,
  );
}

async function changedLists(before: Generation, after: Generation): Promise<ChangedList[]> {
  const readers = {
    tools: ({ gateway }: Generation) => gateway.listTools(ownCaller),
    prompts: ({ gateway }: Generation) => gateway.list('prompts', ownCaller),
    resources: ({ gateway }: Generation) =>
      Promise.all([gateway.list('resources', ownCaller), gateway.list('resourceTemplates', ownCaller)]),
  } as const;
  const changed: ChangedList[] = [];
  for (const list of ['tools', 'prompts', 'resources'] as const) {
    const [old, now] = await Promise.all([readers[list](before), readers[list](after)]);
    if (JSON.stringify(old) !== JSON.stringify(now)) changed.push(list);
  }
  return changed;
}

/** Keys that a reload changed and that are read only once. */
function fixedAtStart(before: Config, after: Config): string[] {
  const fixed = [
    'endpoint',
    'headers',
    'insecure',
    'caCertPath',
    'tracingEnabled',
    'metricsEnabled',
    'samplingRate',
    'serviceName',
    'serviceVersion',
    'customAttributes',
    'environmentVariables',
    'useLegacyAttributes',
  ] as const;
  return fixed
    .filter((key) => JSON.stringify(before.telemetry[key]) !== JSON.stringify(after.telemetry[key]))
    .map((key) => `telemetry.${key}`);
}

function whyNotListening(error: unknown, host: string, port: number): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE')
    return `port ${port} on ${host} is taken; choose another with --port (0 picks a free one)`;
  if (code === 'EACCES') return `port ${port} on ${host} needs more rights than this process has`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `this machine has no address ${host}`;
  return `cannot listen on ${host}:${port}: ${(error as Error).message}`;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
