import { randomUUID } from 'node:crypto';
import type { HrTime } from '@opentelemetry/api';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { type IMetricReader, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import type { BasicTracerProvider, SpanProcessor } from '@opentelemetry/sdk-trace-node';
import { adaptReader } from './collection.ts';
import { instrumentationName } from './declarations.ts';
import { FeatureInstruments } from './feature-instruments.ts';
import type { InstrumentsOf, Metrics } from './kit/declaration.ts';
import { createInstruments, type GaugeSources, type Instruments } from './instruments.ts';
import { createMetricsHandler, type MetricsHandler } from './metrics-handler.ts';
import { MetricsText } from './metrics-text.ts';
import { createOtlpReader, createOtlpSpanProcessor, type OtlpOptions } from './otlp.ts';
import { createTracing, type Tracing, type TracingOptions } from './tracing.ts';

/** Attribute sets that an SDK instrument may have. Its labels are closed lists, so this is never reached. */
const cardinalityLimit = 100_000;

/** A collector that does not answer keeps a server from ending no longer than this. */
const closeTimeoutMs = 5000;

export interface TelemetryOptions {
  readonly serviceName: string;
  readonly serviceVersion: string;
  /** Tells replicas apart over OTLP; a random one unless given. */
  readonly instanceId?: string;
  /** Put on the resource: on all metrics and spans over OTLP, and on `target_info` at `/metrics`. */
  readonly customAttributes?: Readonly<Record<string, string>>;
  /** Where metrics and spans are pushed to. `/metrics` is there in any case. */
  readonly otlp?: OtlpOptions;
  /** The share of traces without a parent that is recorded, from 0 to 1; 0.05 unless given. A client's sampled trace always is. */
  readonly samplingRate?: number;
  readonly environment?: TracingOptions['environment'];
  readonly useLegacyAttributes?: boolean;
  /** Further readers of the one MeterProvider, for tests. */
  readonly readers?: readonly IMetricReader[];
  /** Further receivers of spans, for tests. Spans are made when there is any, or `otlp.traces`. */
  readonly spanProcessors?: readonly SpanProcessor[];
}

/** The one owner of metrics and traces of a server. */
export interface Telemetry {
  readonly instruments: Instruments;
  /** Undefined when nobody receives spans; a client's trace context then passes on to backends as it came. */
  readonly tracing?: Tracing;
  /** Answers `/metrics`. */
  readonly handleMetrics: MetricsHandler;
  /** Makes the instruments of a feature's metrics; to be called once for each feature. */
  instrumentsOf<M extends Metrics>(metrics: M): InstrumentsOf<M>;
  /** Says where the name now in force is read. Until then the server has none. */
  setServerName(source: GaugeSources['serverName']): void;
  /** Says where the gauges of backends read how many are configured, and how many of these do not serve. */
  setBackendSource(source: GaugeSources['backends']): void;
  /** Says where the gauge reads whether the last change of the configuration was refused. */
  setConfigRejectedSource(source: GaugeSources['configRejected']): void;
  /** Sends what is not sent yet. */
  flush(): Promise<void>;
  /** Flushes and ends everything, in 5 s at most. Idempotent. Rejects with what kept something from being sent. */
  close(): Promise<void>;
}

/** Makes the server's one MeterProvider with every instrument of the contract on it, and its tracer where it has one. */
export async function createTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const { otlp } = options;
  const readers = [...(options.readers ?? []), ...(otlp?.metrics ? [await createOtlpReader(otlp)] : [])];
  const processors = [
    ...(options.spanProcessors ?? []),
    ...(otlp?.traces ? [await createOtlpSpanProcessor(otlp)] : []),
  ];
  const resource = toResource(options);
  const sources: GaugeSources = {
    serverName: () => '',
    backends: () => ({ configured: 0, unavailable: 0 }),
    configRejected: () => false,
  };
  const metrics = createMetrics(resource, readers, sources);
  const tracer = await createTracerProvider(resource, processors, options.samplingRate ?? 0.05);
  let closed: Promise<void> | undefined;
  return {
    instruments: metrics.instruments,
    ...(tracer && {
      tracing: createTracing(tracer.getTracer(instrumentationName), {
        serverName: () => sources.serverName(),
        ...(options.environment && { environment: options.environment }),
        useLegacyAttributes: options.useLegacyAttributes ?? false,
      }),
    }),
    handleMetrics: metrics.handle,
    instrumentsOf: (declared) => metrics.features.of(declared),
    setServerName: (source) => void (sources.serverName = source),
    setBackendSource: (source) => void (sources.backends = source),
    setConfigRejectedSource: (source) => void (sources.configRejected = source),
    flush: () => allOf([metrics.provider, tracer], 'forceFlush'),
    close: () => (closed ??= inTime(allOf([metrics.provider, tracer], 'shutdown'))),
  };
}

function toResource(options: TelemetryOptions): Resource {
  return resourceFromAttributes({
    'service.name': options.serviceName,
    'service.version': options.serviceVersion,
    'service.instance.id': options.instanceId ?? randomUUID(),
    ...options.customAttributes,
  });
}

/** The MeterProvider with `/metrics` as one of its readers, and the instruments on it. */
function createMetrics(
  resource: Resource,
  readers: readonly IMetricReader[],
  sources: GaugeSources,
): {
  provider: MeterProvider;
  instruments: Instruments;
  features: FeatureInstruments;
  handle: MetricsHandler;
} {
  const isCurrent: FeatureInstruments['isCurrent'] = (...series) => features.isCurrent(...series);
  const options = { isCurrent, startTime: toHrTime(Date.now()) };
  const scrape = adaptReader(new PullReader({ cardinalitySelector: () => cardinalityLimit }), options);
  const operations = (): Instruments['operations'] => instruments.operations;
  const provider: MeterProvider = new MeterProvider({
    resource,
    readers: [scrape, ...readers.map((reader) => adaptReader(reader, { ...options, operations }))],
  });
  const meter = provider.getMeter(instrumentationName);
  const instruments: Instruments = createInstruments(meter, {
    serverName: () => sources.serverName(),
    backends: () => sources.backends(),
    configRejected: () => sources.configRejected(),
  });
  const features = new FeatureInstruments(meter);
  const handle = createMetricsHandler({
    collect: async () => (await scrape.collect()).resourceMetrics,
    text: new MetricsText(instruments.operations, () => features.declared),
  });
  return { provider, instruments, features, handle };
}

/** Undefined when there is nobody to receive spans. The tracing SDK is loaded only when there is. */
async function createTracerProvider(
  resource: Resource,
  spanProcessors: SpanProcessor[],
  samplingRate: number,
): Promise<BasicTracerProvider | undefined> {
  if (spanProcessors.length === 0) return undefined;
  const sdk = await import('@opentelemetry/sdk-trace-node');
  // A client whose trace is recorded gets the whole of it, whatever the rate: as ToolHive samples.
  const sampler = new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(samplingRate) });
  return new sdk.BasicTracerProvider({ resource, spanProcessors, sampler });
}

/** Collects when asked, which is what a scrape is. */
class PullReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

function toHrTime(epochMs: number): HrTime {
  return [Math.floor(epochMs / 1000), (epochMs % 1000) * 1e6];
}

/** Asks every provider that there is, waits for all, then rejects with the first failure, if any. */
async function allOf(
  providers: readonly (MeterProvider | BasicTracerProvider | undefined)[],
  what: 'forceFlush' | 'shutdown',
): Promise<void> {
  const present = providers.filter((provider) => provider !== undefined);
  const settled = await Promise.allSettled(present.map((provider) => provider[what]()));
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
}

async function inTime(work: Promise<void>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`the last metrics and spans were not sent within ${closeTimeoutMs / 1000} s`)),
    closeTimeoutMs,
  );
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
