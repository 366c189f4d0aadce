/**
 * One configuration at work: its backends, and the funnel over them. A reload prepares another generation, swaps one
 * reference, and lets the old one finish. What outlives generations (connections, what features keep, instruments) is
 * handed in.
 */
import type { BackendConfig } from '../config/index.ts';
import { AppError } from './app-error.ts';
import { clientMetadataRoutes, createOutgoingCredential } from '../features/auth/outgoing/index.ts';
import { FeatureError, type FeatureParts, type FeatureRoute, type Site } from '../features/feature.ts';
import type { Config } from './config.ts';
import { optionsOf, type AnyFeature } from './features.ts';
import type { KeptFeatures } from './kept.ts';
import {
  aggregate,
  anonymous,
  hideSecrets,
  perCallerBackend,
  probeClient,
  superviseBackend,
  type Aggregate,
  type AggregateOptions,
  type Authenticator,
  type Backend,
  type BackendClient,
  type BackendLease,
  type BackendPool,
  type BackendTuning,
  type Gateway,
  type Stage,
  type TaskOwners,
  type NameStrategy,
  type OnOccurrence,
  type CredentialContext,
  type OutgoingCredential,
  type Principal,
  type SuperviseOptions,
} from '../gateway/index.ts';
import { defectIn, tellEach } from '../lib/guarded.ts';
import { stackOf } from '../lib/thrown.ts';
import type { KnownSecrets } from '../lib/known-secrets.ts';
import type { Log } from './log.ts';
import { callLog } from './call-log.ts';
import { createGateway, providersOf } from './pipeline.ts';
import type { SharedState } from './shared-state.ts';
import {
  createBackendClient,
  SharedWays,
  type BackendTarget,
  type RunningChildren,
} from '../mcp/client/index.ts';
import type { Telemetry } from '../telemetry/index.ts';

/** What every generation shares. */
export interface Shared {
  readonly pool: BackendPool;
  readonly telemetry: Telemetry;
  /** The features that there are, on or off. */
  readonly features: readonly AnyFeature[];
  readonly kept: KeptFeatures;
  readonly log: Log;
  /** Kept out of the log, of `/status` and of errors. */
  readonly secrets: KnownSecrets;
  /** The processes of all backends. */
  readonly children: RunningChildren;
  /** How the gateway names itself to backends. */
  readonly clientInfo: { readonly name: string; readonly version: string };
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Told when a backend has answered 401 to what it was sent. Never throws. */
  readonly onCredentialRefused?: (() => void) | undefined;
  /** Whether each call of a client is logged when it has ended. */
  readonly logCalls: boolean;
  /** True where only this machine can reach the server. */
  readonly isLoopback: boolean;
  /** What a program that embeds the server puts in, behind the parts of all features. */
  readonly ownParts: readonly FeatureParts[];
  /** Absent where this process shares nothing with others. */
  readonly state?: SharedState;
  /** Whose tasks are whose, over reloads. */
  readonly taskOwners: TaskOwners;
}

export interface Generation {
  readonly config: Config;
  readonly gateway: Gateway;
  readonly authenticator: Authenticator;
  /** What features serve over HTTP beside `/mcp`, by path. */
  readonly routes: ReadonlyMap<string, FeatureRoute>;
  /** What a feature shows browsers at `/`, where one does. */
  readonly page: FeatureRoute['handle'] | undefined;
  readonly catalogue: Aggregate;
  /** What each feature that is on has made, by its key. */
  readonly parts: ReadonlyMap<string, FeatureParts>;
  /** Told of what happens beside the funnel. Never throws. */
  readonly onOccurrence: OnOccurrence;
  /** Names of the tools that are the gateway's own. */
  readonly ownTools: readonly string[];
  /** Resolves once every backend has made its first attempt to connect. Never rejects. */
  settled(): Promise<void>;
  /** Puts in force what it changes about the things that it shares with other generations. Cannot fail. */
  commit(): void;
  /** Waits for requests under way, then lets go of the backends. No request may begin any more. */
  retire(): Promise<void>;
}

/**
 * Makes what a configuration asks for, without a change to what is in force. Backends of the generation before it whose
 * configuration is the same are taken over.
 * @throws what a feature could not prepare; nothing is held then
 */
export async function prepareGeneration(config: Config, shared: Shared): Promise<Generation> {
  const prepared = await prepareFeatures(config, shared);
  const parts = [...prepared.values(), ...shared.ownParts];
  const ownTools = providersOf(parts).flatMap(({ names }) => names);
  const leases = config.backends.map((backend) => leaseBackend(backend, config, shared));
  const backends = leases.map(({ lease }) => lease.backend);
  const catalogue = aggregate(backends, {
    ...aggregateOptions(config, shared.log),
    reservedNames: ownTools,
    taskOwners: shared.taskOwners,
  });
  const watchers = parts.flatMap(({ onOccurrence }) => onOccurrence ?? []);
  const flights = new Flights();
  const { telemetry, log, logCalls } = shared;
  const gateway = createGateway({
    inFlight: flights.stage,
    telemetry,
    callLog: logCalls ? callLog(log) : undefined,
    parts,
    catalogue,
  });
  return {
    config,
    gateway,
    authenticator: parts.find(({ authenticator }) => authenticator)?.authenticator ?? anyone,
    routes: new Map(
      [...parts.flatMap(({ routes = [] }) => routes), ...clientMetadataRoutes(config.publicUrl)].map(
        (route) => [route.path, route],
      ),
    ),
    page: parts.find(({ page }) => page)?.page,
    catalogue,
    parts: prepared,
    onOccurrence: (occurrence) => tellEach('the report of an occurrence', log.defect, watchers, occurrence),
    ownTools,
    settled: async () => void (await Promise.all(backends.map((backend) => backend.settled()))),
    commit: () => {
      for (const { lease, tuning } of leases) lease.backend.retune(tuning);
      for (const { commit } of parts) commit?.();
    },
    retire: async () => {
      await flights.landed();
      catalogue.detach();
      await Promise.all([
        ...leases.map(({ lease }) => lease.release()),
        ...parts.map(async ({ retire }) => retire?.()),
      ]);
    },
  };
}

/** Where no feature asks who is calling. */
const anyone: Authenticator = {
  authenticate: () => ({ principal: anonymous }),
  authenticateStdio: () => anonymous,
  statusRequiresAuth: false,
};

/** The parts of each feature that is on, in the order of the list of features. */
async function prepareFeatures(
  config: Config,
  { features, kept, isLoopback }: Shared,
): Promise<ReadonlyMap<string, FeatureParts>> {
  const { name, publicUrl, trustedProxies, incomingAuth } = config;
  const site: Site = {
    name,
    trustedProxies,
    isLoopback,
    knowsCallers: incomingAuth !== undefined && !incomingAuth.types.includes('anonymous'),
    ...(publicUrl !== undefined && { publicUrl }),
  };
  const prepared = new Map<string, FeatureParts>();
  try {
    for (const feature of features) {
      const options = optionsOf(feature, config);
      if (!feature.isOn(options)) continue;
      const { code, host, kept: state } = await kept.load(feature, options);
      prepared.set(feature.key, await code.prepare(options, host, state, site));
    }
    return prepared;
  } catch (error) {
    await Promise.allSettled([...prepared.values()].map(async ({ retire }) => retire?.()));
    if (error instanceof FeatureError) throw new AppError('cannot_prepare', error.message, { cause: error });
    throw error;
  }
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
 * configuration says of it is put in force with the configuration.
 */
function leaseBackend(
  backend: BackendConfig,
  config: Config,
  shared: Shared,
): { readonly lease: BackendLease; readonly tuning: BackendTuning } {
  const tuning = backendTuning(backend, config);
  const { metadata: _, connection: _connection, ...target } = backend;
  const start = (): Backend => startBackend(target, tuning, shared);
  return { lease: shared.pool.acquire(JSON.stringify(target), start), tuning };
}

function startBackend(target: Target, tuning: BackendTuning, shared: Shared): Backend {
  const credential = toCredential(target, shared);
  return credential?.isPerCaller === true
    ? startPerCaller(target, credential, tuning, shared)
    : superviseBackend(createClient(target, credential, shared), {
        ...superviseOptions(target, tuning, shared),
        // A login is there from the moment that it is made.
        ...(target.transport !== 'stdio' && target.strategy.type === 'oauth' && { credentialPauseMs: 1_000 }),
      });
}

/** Callers' connections and lists apart; the gateway itself asks without a credential whether the backend is there. */
function startPerCaller(
  target: Target,
  credential: OutgoingCredential,
  tuning: BackendTuning,
  shared: Shared,
): Backend {
  const ways = new SharedWays();
  const probe = probeClient(createClient(target, credential, shared, ways));
  const options = superviseOptions(target, tuning, shared);
  return perCallerBackend({
    probe: superviseBackend(probe, options),
    tuning,
    start: (latest, share, ownTuning) =>
      superviseBackend(createClient(target, credentialOf(latest, credential), shared, ways), {
        ...superviseOptions(target, ownTuning, shared),
        share,
        // That one of many callers came is no news.
        onLog: ({ level, backend, message }) =>
          shared.log.write(level === 'info' ? 'debug' : level, message, { backend }),
      }),
    release: () => ways.close(),
    onDefect: (thrown, where) =>
      shared.log.write('error', `${defectIn(where)}: ${stackOf(thrown)}`, { backend: target.name }),
  });
}

/** What the gateway asks by itself on a caller's connection is asked as the caller. */
function credentialOf(latest: () => Principal, credential: OutgoingCredential): OutgoingCredential {
  const own = (context: CredentialContext | undefined): CredentialContext =>
    context ?? { caller: { principal: latest() } };
  return {
    headersFor: (context) => credential.headersFor(own(context)),
    refused: (context, headers) => credential.refused?.(own(context), headers) ?? false,
  };
}

function createClient(
  target: Target,
  credential: OutgoingCredential | undefined,
  { log, clientInfo, environment, children, secrets }: Shared,
  sharedWays?: SharedWays,
): BackendClient {
  const client = createBackendClient(toTarget(target), {
    clientInfo,
    environment,
    children,
    handshakeTimeoutMs: startLimitMs(target),
    ...(credential && { credential }),
    ...(sharedWays && { sharedWays }),
    onLog: ({ level, backend, message, source }) =>
      log.write(level, message, { backend, ...(source && { source }) }),
  });
  return hideSecrets(client, secrets.redact);
}

function superviseOptions(
  target: Target,
  tuning: BackendTuning,
  { log, telemetry }: Shared,
): SuperviseOptions {
  return {
    ...tuning,
    startTimeoutMs: startLimitMs(target),
    onLog: ({ level, backend, message }) => log.write(level, message, { backend }),
    onRequest: (record) => telemetry.instruments.operations.recordBackendRequest(record),
  };
}

type Target = BackendConfig extends infer Kind
  ? Kind extends BackendConfig
    ? Omit<Kind, 'metadata' | 'connection'>
    : never
  : never;

/** How the client of backends is told of one. */
export function toTarget(target: Target): BackendTarget {
  if (target.transport === 'stdio') return target;
  const {
    type: _,
    headers: _headers,
    strategy: _strategy,
    startTimeoutMs: _start,
    url,
    proxy,
    ...rest
  } = target;
  return {
    ...rest,
    url: new URL(url),
    ...(proxy && { proxy: { url: new URL(proxy.url), from: proxy.from } }),
  };
}

/** A process needs none: it has its secrets in its environment. */
export function toCredential(
  target: Target,
  { secrets, environment, onCredentialRefused }: CredentialSurroundings,
): OutgoingCredential | undefined {
  if (target.transport === 'stdio') return undefined;
  const { name, url, headers, strategy } = target;
  const credential = createOutgoingCredential({
    backend: name,
    url: new URL(url),
    environment,
    headers,
    strategy,
    onSecrets: (source, found) => secrets.learn(source, found),
  });
  if (credential === undefined || onCredentialRefused === undefined) return credential;
  return {
    headersFor: (context) => credential.headersFor(context),
    refused: (context, sent) => {
      onCredentialRefused();
      return credential.refused?.(context, sent) ?? false;
    },
    ...(credential.isPerCaller === true && { isPerCaller: true }),
  };
}

type CredentialSurroundings = Pick<Shared, 'secrets' | 'environment' | 'onCredentialRefused'>;

/** A package may have to be downloaded first. */
const processStartMs = 60_000;
const connectMs = 30_000;

/** How long one attempt to start and connect a backend may take. */
export function startLimitMs({ startTimeoutMs, transport }: Target): number {
  return startTimeoutMs ?? (transport === 'stdio' ? processStartMs : connectMs);
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
