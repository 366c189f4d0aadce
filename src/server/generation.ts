/**
 * One configuration at work: its backends, and the funnel over them. A reload makes another generation and swaps one
 * reference; the old one lives on until its calls are done. What outlives generations (connections, script threads,
 * instruments) is handed in.
 */
import type { ScriptPool, ScriptTracer } from '../features/code-mode/index.ts';
import type { BackendConfig, Config } from '../config/index.ts';
import {
  aggregate,
  anonymous,
  superviseBackend,
  type Aggregate,
  type AggregateOptions,
  type Backend,
  type BackendLease,
  type BackendPool,
  type BackendTuning,
  type Caller,
  type Gateway,
  type Stage,
  type ToolProvider,
  type NameStrategy,
} from '../gateway/index.ts';
import type { Log } from './log.ts';
import { createGateway } from './pipeline.ts';
import { createBackendClient, type BackendTarget, type RunningChildren } from '../mcp/client/index.ts';
import type { Telemetry } from '../telemetry/index.ts';

/** What every generation shares. */
export interface Shared {
  readonly pool: BackendPool;
  readonly telemetry: Telemetry;
  /** The script threads, with room for the scripts of this configuration; made when a generation first asks for them. */
  readonly scripts: (config: Config) => Promise<ScriptPool>;
  readonly log: Log;
  /** The processes of all backends. */
  readonly children: RunningChildren;
  /** How the gateway names itself to backends. */
  readonly clientInfo: { readonly name: string; readonly version: string };
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface Generation {
  readonly config: Config;
  readonly gateway: Gateway;
  readonly catalogue: Aggregate;
  /** Names of the tools that are the gateway's own. */
  readonly ownTools: readonly string[];
  /** Resolves once every backend has made its first attempt to connect. Never rejects. */
  settled(): Promise<void>;
  /** Waits for calls under way, then lets go of the backends. No call may begin any more. */
  retire(): Promise<void>;
}

/** Puts a configuration to work. Backends of the generation before it whose configuration is the same are taken over. */
export async function createGeneration(config: Config, shared: Shared): Promise<Generation> {
  const leases = config.backends.map((backend) => leaseBackend(backend, config, shared));
  const backends = leases.map(({ backend }) => backend);
  const providers = await toolProviders(config, shared);
  const ownTools = providers.flatMap(({ names }) => names);
  const catalogue = aggregate(backends, { ...aggregateOptions(config, shared.log), reservedNames: ownTools });
  const flights = new Flights();
  const { telemetry } = shared;
  const gateway = createGateway({ inFlight: flights.stage, telemetry, providers, catalogue });
  return {
    config,
    gateway,
    catalogue,
    ownTools,
    settled: async () => void (await Promise.all(backends.map((backend) => backend.settled()))),
    retire: () => retire(catalogue, leases, flights),
  };
}

async function retire(
  catalogue: Aggregate,
  leases: readonly BackendLease[],
  flights: Flights,
): Promise<void> {
  await flights.landed();
  catalogue.detach();
  await Promise.all(leases.map((lease) => lease.release()));
}

async function toolProviders(config: Config, shared: Shared): Promise<ToolProvider[]> {
  const { codeMode: options } = config;
  if (!options.enabled) return [];
  const { enabled: _, ...limits } = options;
  const [{ codeMode }, pool] = await Promise.all([
    import('../features/code-mode/index.ts'),
    shared.scripts(config),
  ]);
  const { log, telemetry } = shared;
  const tracer: ScriptTracer | undefined = telemetry.tracing?.scripts;
  return [
    codeMode({
      ...limits,
      pool,
      ...(tracer && { tracer }),
      onStart: (start) => log.write('info', 'script started', { ...start }),
      onRun: (run) => {
        telemetry.instruments.recordScript(run);
        const durationMs = Number(run.durationMs.toFixed(2));
        log.write(run.status === 'success' ? 'info' : 'warn', 'script ended', { ...run, durationMs });
      },
    }),
  ];
}

function aggregateOptions({ aggregation }: Config, log: Log): AggregateOptions {
  return {
    strategy: nameStrategy(aggregation),
    tools: aggregation.tools.map(({ overrides, ...rest }) => ({
      ...rest,
      overrides: Object.fromEntries(
        Object.entries(overrides).map(([tool, { annotations, ...override }]) => [
          tool,
          { ...override, ...(annotations && { annotations: { ...annotations } }) },
        ]),
      ),
    })),
    excludeAllTools: aggregation.excludeAllTools,
    defaultToolVisibility: aggregation.defaultToolVisibility,
    onLog: ({ level, message }) => log.write(level, message),
  };
}

function nameStrategy({ conflictResolution, conflictResolutionConfig }: Config['aggregation']): NameStrategy {
  const { prefixFormat, priorityOrder } = conflictResolutionConfig;
  switch (conflictResolution) {
    case 'prefix':
      return { kind: 'prefix', prefixFormat };
    case 'priority':
      return { kind: 'priority', order: priorityOrder, promptPrefixFormat: prefixFormat };
    case 'manual':
      return { kind: 'manual', promptPrefixFormat: prefixFormat };
  }
}

/**
 * Two backends with the same name and target are the same backend, whose connection is kept: what else the
 * configuration says of it is put in force where it stands.
 */
function leaseBackend(backend: BackendConfig, config: Config, shared: Shared): BackendLease {
  const tuning = backendTuning(backend, config);
  const { metadata: _, connection: _connection, ...target } = backend;
  const start = (): Backend => startBackend(target, tuning, shared);
  const lease = shared.pool.acquire(JSON.stringify(target), start);
  lease.backend.retune(tuning);
  return lease;
}

function startBackend(target: Target, tuning: BackendTuning, shared: Shared): Backend {
  const { log, clientInfo, environment, telemetry, children } = shared;
  const client = createBackendClient(toTarget(target), {
    clientInfo,
    environment,
    children,
    onLog: ({ level, backend, message, source }) =>
      log.write(level, message, { backend, ...(source && { source }) }),
  });
  return superviseBackend(client, {
    ...tuning,
    onLog: ({ level, backend, message }) => log.write(level, message, { backend }),
    onRequest: (record) => telemetry.instruments.operations.recordBackendRequest(record),
  });
}

type Target = BackendConfig extends infer Kind
  ? Kind extends BackendConfig
    ? Omit<Kind, 'metadata' | 'connection'>
    : never
  : never;

function toTarget(target: Target): BackendTarget {
  if (target.transport === 'stdio') return target;
  const { type: _, url, ...rest } = target;
  return { ...rest, url: new URL(url) };
}

function backendTuning({ name, connection }: BackendConfig, { operational }: Config): BackendTuning {
  const { timeouts, failureHandling } = operational;
  const { enabled, ...circuitBreaker } = failureHandling.circuitBreaker;
  return {
    timeoutMs: timeouts.perWorkloadMs[name] ?? timeouts.defaultMs,
    healthCheckIntervalMs: failureHandling.healthCheckIntervalMs,
    healthCheckTimeoutMs: failureHandling.healthCheckTimeoutMs,
    unhealthyThreshold: failureHandling.unhealthyThreshold,
    ...(enabled && { circuitBreaker }),
    lazy: connection === 'lazy',
  };
}

/** Counts what is under way in a generation, so that it is not taken apart under a running call. */
class Flights {
  #count = 0;
  #landed = Promise.withResolvers<void>();

  readonly stage: Stage = (request, next) => this.#during(next(request));

  async landed(): Promise<void> {
    if (this.#count > 0) await this.#landed.promise;
  }

  async #during<Result>(work: Promise<Result>): Promise<Result> {
    this.#count++;
    try {
      return await work;
    } finally {
      this.#count--;
      if (this.#count === 0) {
        this.#landed.resolve();
        this.#landed = Promise.withResolvers();
      }
    }
  }
}

/** Who asks when the gateway itself wants to know what clients see. */
export const ownCaller: Caller = {
  sessionId: 'vmcp',
  hasSession: false,
  principal: anonymous,
  revision: '2026-07-28',
  capabilities: {},
  forwardedHeaders: {},
};
