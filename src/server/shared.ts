/** What outlives a reload: the log, the instruments, the connections, what features keep. Made once, closed at the end. */
import type { Config, LoadedConfig } from './config.ts';
import { features as builtIn, type AnyFeature } from './features.ts';
import type { StandardStreams } from '../features/feature.ts';
import { KeptFeatures } from './kept.ts';
import type { FeatureParts } from '../features/feature.ts';
import { BackendPool, OwnTaskOwners } from '../gateway/index.ts';
import type { Shared } from './generation.ts';
import { isLoopback } from '../http/index.ts';
import { whyUnreachable } from '../lib/connection-fault.ts';
import { KnownSecrets } from '../lib/known-secrets.ts';
import { SharedTaskOwners } from './shared-tasks.ts';
import { openSharedState } from './shared-state.ts';
import { createLog, type Log, type LogEntry, type LogLevel } from './log.ts';
import { RunningChildren } from '../mcp/client/index.ts';
import { createTelemetry, type Telemetry } from '../telemetry/index.ts';
import { readCertificate } from './read-certificate.ts';

export interface SharedOptions {
  readonly loaded: LoadedConfig;
  readonly version: string;
  /** The address that is bound. */
  readonly host: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Takes the log's lines. */
  readonly logSink: (line: string) => void;
  /** Takes the log's entries instead, for whoever shows them in another way. */
  readonly onLogEntry?: (entry: LogEntry) => void;
  /** What is less than this is not logged, whatever the configuration says. */
  readonly leastLogLevel?: LogLevel;
  /** Told when a backend has answered 401 to what it was sent. Never throws. */
  readonly onCredentialRefused?: (() => void) | undefined;
  /** Logs each call of a client when it has ended. */
  readonly logCalls?: boolean;
  /** Where records may be written; the process's own unless given, without stdout. */
  readonly streams?: StandardStreams;
  /** Those of `features.ts` unless given. The configuration must have been read with the same. */
  readonly features?: readonly AnyFeature[];
  /** Stages, providers and routes of a program that embeds the server; they stand behind those of features. */
  readonly parts?: readonly FeatureParts[];
}

export interface ClosableShared extends Shared {
  /** Ends what features keep, connections and exporters, in this order. Never rejects. */
  close(): Promise<void>;
}

/** @throws AppError when a file that the configuration names cannot be read */
export async function createShared(options: SharedOptions): Promise<ClosableShared> {
  const { config } = options.loaded;
  const { logSink: sink, onLogEntry: onEntry, leastLogLevel: leastLevel } = options;
  const log = createLog({ level: config.operational.logLevel, leastLevel, sink, onEntry });
  const secrets = new KnownSecrets();
  secrets.configure(options.loaded.secrets);
  log.setRedact(secrets.redact);
  const sharedState = await openSharedState(config, options.environment, log);
  const telemetry = await startTelemetry(config, options, log);
  const pool = new BackendPool();
  const features = options.features ?? builtIn;
  const { environment, streams = { stderr: process.stderr } } = options;
  const { redact } = secrets;
  const kept = new KeptFeatures(features, {
    telemetry,
    log,
    environment,
    redact,
    streams,
    sharedBuckets: sharedState?.buckets,
  });
  return {
    pool,
    telemetry,
    log,
    secrets,
    children: new RunningChildren(),
    clientInfo: { name: 'vmcp', version: options.version },
    environment,
    onCredentialRefused: options.onCredentialRefused,
    logCalls: options.logCalls === true,
    isLoopback: isLoopback(options.host),
    ownParts: options.parts ?? [],
    features,
    kept,
    ...(sharedState && { state: sharedState }),
    taskOwners: sharedState === undefined ? new OwnTaskOwners() : new SharedTaskOwners(sharedState.store),
    close: async () => {
      await kept.close();
      await pool.close();
      await sharedState?.close();
      await telemetry
        .close()
        .catch((error: unknown) => log.write('warn', `telemetry: ${whyUnreachable(error)}`));
    },
  };
}

async function startTelemetry(
  { name, telemetry }: Config,
  options: SharedOptions,
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
        ...(caCertPath !== undefined && { caCert: readCertificate('telemetry.caCertPath', caCertPath) }),
        onFailure: (signal, error) =>
          log.write('warn', `${signal} did not reach the OTLP endpoint: ${whyUnreachable(error)}`),
      },
    }),
  });
}

function pick(environment: SharedOptions['environment'], names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
  );
}
