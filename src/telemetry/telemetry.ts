import { randomUUID } from 'node:crypto';
import type { HrTime } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { type IMetricReader, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { adaptReader } from './collection.ts';
import { instrumentationName } from './declarations.ts';
import { createInstruments, type GaugeSources, type Instruments } from './instruments.ts';
import { createMetricsHandler, type MetricsHandler } from './metrics-handler.ts';
import { MetricsText } from './metrics-text.ts';

/** Attribute sets that an SDK instrument may have. Its labels are closed lists, so this is never reached. */
const cardinalityLimit = 100_000;

export interface TelemetryOptions {
  readonly serviceName: string;
  readonly serviceVersion: string;
  /** Tells replicas apart over OTLP; a random one unless given. */
  readonly instanceId?: string;
  /** Put on the resource: on all metrics and spans over OTLP, and on `target_info` at `/metrics`. */
  readonly customAttributes?: Readonly<Record<string, string>>;
  /** Further readers of the one MeterProvider: OTLP, or a test's. */
  readonly readers?: readonly IMetricReader[];
}

/** The one owner of metrics and traces of a server. */
export interface Telemetry {
  readonly instruments: Instruments;
  /** Answers `/metrics`. */
  readonly handleMetrics: MetricsHandler;
  /** Says where the code mode gauge reads the configuration now in force. Until then the server counts as nameless and off. */
  setCodeModeSource(source: GaugeSources['codeMode']): void;
  /** Says where the gauge of backends reads how many are configured. */
  setBackendSource(source: GaugeSources['backends']): void;
  /** Sends what is not sent yet. */
  flush(): Promise<void>;
  /** Flushes and ends everything. Idempotent. */
  close(): Promise<void>;
}

/** Makes the server's one MeterProvider with every instrument of the contract on it. */
export function createTelemetry(options: TelemetryOptions): Telemetry {
  const sources: GaugeSources = { codeMode: () => ({ enabled: false, name: '' }), backends: () => 0 };
  const serverName = (): string => sources.codeMode().name;
  const startTime = toHrTime(Date.now());
  const scrape = adaptReader(new PullReader({ cardinalitySelector: () => cardinalityLimit }), {
    serverName,
    startTime,
  });
  const provider: MeterProvider = new MeterProvider({
    resource: resourceFromAttributes({
      'service.name': options.serviceName,
      'service.version': options.serviceVersion,
      'service.instance.id': options.instanceId ?? randomUUID(),
      ...options.customAttributes,
    }),
    readers: [
      scrape,
      ...(options.readers ?? []).map((reader) =>
        adaptReader(reader, { serverName, startTime, operations: () => instruments.operations }),
      ),
    ],
  });
  const instruments: Instruments = createInstruments(provider.getMeter(instrumentationName), {
    codeMode: () => sources.codeMode(),
    backends: () => sources.backends(),
  });
  let closed: Promise<void> | undefined;
  return {
    instruments,
    handleMetrics: createMetricsHandler({
      collect: async () => (await scrape.collect()).resourceMetrics,
      text: new MetricsText(instruments.operations),
    }),
    setCodeModeSource: (source) => void (sources.codeMode = source),
    setBackendSource: (source) => void (sources.backends = source),
    flush: () => provider.forceFlush(),
    close: () => (closed ??= provider.shutdown()),
  };
}

/** Collects when asked, which is what a scrape is. */
class PullReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

function toHrTime(epochMs: number): HrTime {
  return [Math.floor(epochMs / 1000), (epochMs % 1000) * 1e6];
}
