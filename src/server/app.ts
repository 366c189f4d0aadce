/**
 * The composition root: the only place where parts meet. Beside it, `shared.ts` makes what outlives a reload,
 * `generation.ts` what a reload replaces, `reload.ts` replaces it, `pipeline.ts` has the order of the funnel and `ports.ts` the ports. Each part is
 * made once, its options come from the configuration, and its callbacks are connected here.
 */
import { AssertionError } from 'node:assert';
import type { Readable, Writable } from 'node:stream';
import { fingerprintsOf, type ConfigFingerprints } from '../config/index.ts';
import { changesForNextStart, configChange } from './changes.ts';
import type { Config, LoadedConfig } from './config.ts';
import { prepareGeneration, type Generation } from './generation.ts';
import type { IncomingMessage } from 'node:http';
import {
  isLoopback,
  probeRoutes,
  type Handler,
  type Listener,
  type Route,
  type StatusAnswer,
} from '../http/index.ts';
import { FeatureError, type ServerState } from '../features/feature.ts';
import type { Authenticator, BackendStatus, Gateway, Principal, Wishes } from '../gateway/index.ts';
import { messageOf } from '../lib/thrown.ts';
import { AppError } from './app-error.ts';
import { assertMayListen, listen, MetricsPort, type Address } from './ports.ts';
import type { Log } from './log.ts';
import { createMcpEndpoint, type McpEndpoint } from '../mcp/server/index.ts';
import { prepareReload, type Prepared, type PrepareStep } from './reload.ts';
import {
  answerStatus,
  backendsOf,
  isReady,
  readinessOf,
  statusOf,
  unavailableCount,
  type AppStatus,
  type StatusSource,
} from './status.ts';
import { assertNoDiscovery, type DiscoveryView } from './discovery.ts';
import { createServerView } from './server-view.ts';
import { createShared, type ClosableShared, type SharedOptions } from './shared.ts';

export interface AppOptions extends SharedOptions, Address {
  readonly sessionTtlMs: number;
  /** What finds backends beside those of the file. */
  readonly discovery?: DiscoveryView | undefined;
  /** How a port is chosen, for the error when it is taken. */
  readonly portSetting?: string;
  /** Told before each step of a reload that may fail; a test that throws here injects a fault. */
  readonly onReloadStep?: (step: PrepareStep) => void;
}

/** A running server. */
export interface App {
  /** `http://host:port`, with the port that was bound. */
  readonly url: string;
  readonly log: Log;
  /**
   * Starts the backends, side by side, and lets requests in; those that came before have waited. To be called once.
   * @throws AppError where a feature cannot serve the configuration
   */
  open(): Promise<void>;
  /** What `/status` tells. Waits for backends that are still connecting, as a list does. */
  status(): Promise<AppStatus>;
  /** The funnel in force, once the server is open. */
  gateway(): Gateway;
  /** Each backend as it stands, once the server is open. */
  backends(): readonly BackendStatus[];
  /**
   * Serves one client on two streams until it closes its end.
   * @param wishes what the client's user wishes, as read from the command line
   * @throws AppError where `VMCP_TOKEN` makes no principal
   */
  serveStdio(input: Readable, output: Writable, wishes?: Wishes): Promise<void>;
  /**
   * Puts another configuration in force. Calls under way end where they began.
   * @param options.waitMs how long backends that are new are waited for; 5 s unless given
   * @throws AppError when it cannot be served here; the one in force stays
   */
  reload(loaded: LoadedConfig, options?: { readonly waitMs?: number }): Promise<void>;
  /** Opens files again by their names, such as the audit log: what rotates them has moved them away. */
  reopenFiles(): void;
  /** Takes note that the configuration was changed and refused, and why; until the next `reload` that succeeds. */
  configRefused(problems: readonly string[]): void;
  /** Accepts nothing more, lets calls under way finish for at most `drainMs`, and ends every connection and child. */
  close(drainMs: number): Promise<void>;
  /** Kills every child at once: for a process that ends before `close` has done its work, whatever makes it end. */
  killChildren(): void;
}

/**
 * Makes a server that listens and is not yet open: where it cannot listen, no child process has been started for
 * nothing, and who waits for it hears as early as can be where it is.
 * @throws AppError when it cannot listen, or may not
 */
export async function startApp(options: AppOptions): Promise<App> {
  assertMayListen(options.loaded.config, options.host);
  if (options.discovery === undefined) assertNoDiscovery(options.loaded.config);
  const { discovery } = options;
  const onCredentialRefused = discovery && ((): void => discovery.credentialRefused());
  const app = new RunningApp(options, await createShared({ ...options, onCredentialRefused }));
  await app.listen();
  return app;
}

/** A generation with the endpoint that clients reach it by. */
interface Opened {
  readonly generation: Generation;
  readonly endpoint: McpEndpoint;
}

class RunningApp implements App {
  readonly log: Log;
  readonly #options: AppOptions;
  readonly #shared: ClosableShared;
  readonly #metricsPort: MetricsPort;
  readonly #retiring = new Set<Promise<void>>();
  #listener: Listener | undefined;
  /** Absent until the first generation stands. Requests that come before wait for `#opening`. */
  #opened: Opened | undefined;
  readonly #opening = Promise.withResolvers<void>();
  /** When the configuration in force came to be so, and how often another one did before. */
  readonly #inForce = { sinceMs: Date.now(), reloads: 0 };
  #configRefused: ServerState['config']['refused'];
  /** The configuration in force. */
  #loaded: LoadedConfig;
  /** One reload at a time, in the order in which they were asked for. */
  #reloads: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;
  /** The fingerprints of the configuration that they were last asked of. */
  #printed: { readonly of: Config; readonly prints: ConfigFingerprints } | undefined;

  constructor(options: AppOptions, shared: ClosableShared) {
    this.#options = options;
    this.#shared = shared;
    this.log = shared.log;
    this.#loaded = options.loaded;
    shared.kept.onReload(() => this.#reloadAgain());
    this.#metricsPort = new MetricsPort(options, this.#onceOpened(this.#handleMetrics), this.log.defect);
  }

  get url(): string {
    return this.#listener?.url ?? '';
  }

  async listen(): Promise<void> {
    const { portSetting } = this.#options;
    try {
      this.#listener = await listen(this.#options, this.#routes(), {
        onDefect: this.log.defect,
        ...(portSetting !== undefined && { setting: portSetting }),
        moreRoutes: (path) => this.#featureRoute(path),
      });
      (await this.#metricsPort.prepare(this.#options.loaded.config.telemetry)).commit();
    } catch (error) {
      await this.close(0);
      throw error;
    }
  }

  async open(): Promise<void> {
    const generation = await prepareGeneration(this.#options.loaded.config, this.#shared);
    generation.commit();
    const endpoint = this.#createEndpoint(() => this.#opened?.generation ?? generation);
    this.#opened = { generation, endpoint };
    const { telemetry, features, kept } = this.#shared;
    telemetry.setServerName(() => this.#now.generation.config.name);
    telemetry.setBackendSource(() => {
      const { generation } = this.#now;
      return { configured: generation.config.backends.length, unavailable: unavailableCount(generation) };
    });
    telemetry.setConfigRejectedSource(() => this.#configRefused !== undefined);
    kept.setServer(
      createServerView(
        () => this.#now.generation,
        () => this.#state(),
      ),
    );
    kept.observe(features, () => this.#now.generation);
    this.#opening.resolve();
  }

  async serveStdio(input: Readable, output: Writable, wishes?: Wishes): Promise<void> {
    const { generation, endpoint } = this.#now;
    const token = this.#options.environment['VMCP_TOKEN'];
    const principal = await principalOfStdio(generation.authenticator, token);
    await endpoint.serveStdio(input, output, principal, wishes);
  }

  reload(loaded: LoadedConfig, { waitMs }: { readonly waitMs?: number } = {}): Promise<void> {
    const reload = this.#reloads.then(() => this.#reload(loaded, waitMs));
    this.#reloads = reload.catch(() => undefined);
    return reload;
  }

  /** A file that a feature reads beside the configuration has changed. */
  #reloadAgain(): void {
    if (this.#closing !== undefined || this.#opened === undefined) return;
    const reload = this.#reloads.then(() => this.#reload(this.#loaded));
    this.#reloads = reload.catch((error: unknown) => {
      const problems = [messageOf(error)];
      this.configRefused(problems);
      this.log.write('error', 'config not reloaded', { problems });
    });
  }

  async #reload(loaded: LoadedConfig, waitMs?: number): Promise<void> {
    const { generation: before, endpoint } = this.#now;
    const { host, onReloadStep } = this.#options;
    const old = { config: before.config, tools: before.catalogue.toolNames() };
    const prepared = await prepareReload(loaded, {
      host,
      endpoint,
      before,
      shared: this.#shared,
      metricsPort: this.#metricsPort,
      secrets: this.#loaded.secrets,
      waitMs,
      ...(onReloadStep && { onStep: onReloadStep }),
    });
    const { generation } = prepared;
    prepared.commit();
    this.#opened = { generation, endpoint };
    this.#configRefused = undefined;
    this.#inForce.sinceMs = Date.now();
    this.#inForce.reloads++;
    this.#loaded = loaded;
    endpoint.gatewaySwapped(prepared.changedFor);
    this.#retire(before, prepared);
    generation.onOccurrence({ kind: 'reload', inForce: true });
    const { config, catalogue } = generation;
    const change = configChange(old, { config, tools: catalogue.toolNames() });
    this.log.write('info', 'config reloaded', { name: config.name, ...change });
    for (const key of changesForNextStart(before.config, config)) {
      this.log.write('warn', `the change of ${key} takes effect at the next start`);
    }
  }

  configRefused(problems: readonly string[]): void {
    const { redact } = this.#shared.secrets;
    this.#configRefused = { atMs: Date.now(), problems: problems.map((problem) => redact(problem)) };
    this.#opened?.generation.onOccurrence({ kind: 'reload', inForce: false });
  }

  reopenFiles(): void {
    this.#shared.kept.reopen();
  }

  async #state(): Promise<ServerState> {
    const { name, version, backends } = await this.status();
    const { sinceMs, reloads } = this.#inForce;
    const refused = this.#configRefused;
    const config = { inForceSinceMs: sinceMs, reloads, ...(refused && { refused }) };
    const { codeMode: limits } = this.#now.generation.config as Partial<Config>;
    return { name, version, backends, config, ...(limits && { scriptLimits: limits }) };
  }

  close(drainMs: number): Promise<void> {
    this.#closing ??= this.#close(drainMs);
    return this.#closing;
  }

  killChildren(): void {
    this.#shared.children.kill();
  }

  async #close(drainMs: number): Promise<void> {
    await this.#shared.kept.drain();
    await Promise.all([
      this.#listener?.close(drainMs),
      this.#opened?.endpoint.close(drainMs),
      this.#metricsPort.close(),
    ]);
    await this.#shared.close();
    await Promise.all(this.#retiring);
  }

  get #now(): Opened {
    if (this.#opened === undefined)
      throw new AssertionError({ message: 'the server was asked before it had started' });
    return this.#opened;
  }

  #retire(generation: Generation, prepared: Prepared): void {
    const retiring = Promise.all([prepared.retire(), generation.retire()])
      .catch((error: unknown) => this.log.defect(error, 'the end of a configuration'))
      .then(() => undefined)
      .finally(() => this.#retiring.delete(retiring));
    this.#retiring.add(retiring);
  }

  async #answerStatus(request: IncomingMessage): Promise<StatusAnswer> {
    await this.#opening.promise;
    return answerStatus(request, this.#statusSource());
  }

  #statusSource(): StatusSource {
    const { version, host, discovery } = this.#options;
    const { features, secrets } = this.#shared;
    const { generation, endpoint } = this.#now;
    const fingerprints = isLoopback(host) ? this.#fingerprints(generation.config) : undefined;
    return { generation, endpoint, version, features, fingerprints, discovery, redact: secrets.redact };
  }

  #fingerprints(config: Config): ConfigFingerprints {
    if (this.#printed?.of !== config)
      this.#printed = { of: config, prints: fingerprintsOf({ config, secrets: this.#loaded.secrets }) };
    return this.#printed.prints;
  }

  async status(): Promise<AppStatus> {
    await this.#opening.promise;
    return statusOf(this.#statusSource());
  }

  gateway(): Gateway {
    return this.#now.generation.gateway;
  }

  backends(): readonly BackendStatus[] {
    const generation = this.#opened?.generation;
    return generation === undefined ? [] : backendsOf(generation, this.#shared.secrets.redact);
  }

  #createEndpoint(inForce: () => Generation): McpEndpoint {
    const { version, sessionTtlMs } = this.#options;
    return createMcpEndpoint({
      gateway: () => inForce().gateway,
      get serverInfo() {
        return { name: inForce().config.name, version };
      },
      get forwardedHeaders() {
        return inForce().config.passthroughHeaders;
      },
      wishes: this.#shared.features.flatMap(({ wishes = [] }) => wishes),
      authenticator: () => inForce().authenticator,
      limits: { sessionTtlMs },
      ...(this.#shared.state && { shared: this.#shared.state }),
      onOperation: (operation) => this.#shared.telemetry.instruments.recordRequest(operation),
      onOccurrence: (occurrence) => inForce().onOccurrence(occurrence),
      onOddClient: (message) => this.log.write('warn', message),
      onFault: this.log.defect,
    });
  }

  #routes(): Route[] {
    return [
      {
        path: '/mcp',
        handler: this.#onceOpened((request, response) => this.#now.endpoint.handle(request, response)),
      },
      { path: '/metrics', handler: this.#onceOpened(this.#handleMetricsHere), hostCheck: 'on-loopback' },
      ...probeRoutes({
        page: () => this.#opened?.generation.page,
        ready: () => this.#opened !== undefined && isReady(this.#opened.generation, this.#options.discovery),
        readiness: (named) => readinessOf(this.#opened?.generation, named),
        status: (request) => this.#answerStatus(request),
        title: `vmcp ${this.#options.version}`,
      }),
    ];
  }

  /** The longest path of a feature that fits; one that ends in a slash stands for all below it. */
  #featureRoute(path: string): Handler | undefined {
    const routes = this.#opened?.generation.routes;
    if (routes === undefined || routes.size === 0) return undefined;
    let prefix = path;
    for (;;) {
      const route = routes.get(prefix);
      if (route !== undefined) return route.handle;
      const slash = prefix.lastIndexOf('/', prefix.length - 2);
      if (slash < 0 || prefix === '/') return undefined;
      prefix = prefix.slice(0, slash + 1);
    }
  }

  #onceOpened(handler: Handler): Handler {
    return (request, response) => {
      if (this.#opened !== undefined) return handler(request, response);
      return this.#opening.promise.then(() => handler(request, response));
    };
  }

  readonly #handleMetrics: Handler = (request, response) =>
    this.#shared.telemetry.handleMetrics(request, response);

  /** On the port of `/mcp`, where the configuration may not want them. */
  readonly #handleMetricsHere: Handler = (request, response) => {
    const { enablePrometheusMetricsPath, metricsOnTransportPort } = this.#now.generation.config.telemetry;
    if (enablePrometheusMetricsPath && metricsOnTransportPort) return this.#handleMetrics(request, response);
    response
      .writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
      .end('metrics are not served on this port\n');
  };
}

async function principalOfStdio(authenticator: Authenticator, token: string | undefined): Promise<Principal> {
  try {
    return await authenticator.authenticateStdio(token);
  } catch (error) {
    if (error instanceof FeatureError) throw new AppError('cannot_prepare', error.message, { cause: error });
    throw error;
  }
}
