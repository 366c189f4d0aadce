/**
 * Pushing metrics and spans over OTLP (HTTP with protobuf). The exporters are loaded only where they are wanted: they
 * would double the time that a start takes.
 */
import type { IMetricReader, PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace-node';
import { trustedWith } from '../lib/certificates.ts';
import { toError } from '../lib/thrown.ts';

/** Where to push, and what; the contract's `telemetry` keys. */
export interface OtlpOptions {
  /** `host:port`, or a URL whose path, if any, comes before `/v1/metrics` and `/v1/traces`. */
  readonly endpoint: string;
  /** Plain HTTP. A URL with `http:` says so as well. */
  readonly insecure?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** Further certificate authorities, as PEM text, beside those that Node trusts. */
  readonly caCert?: string;
  readonly metrics: boolean;
  readonly traces: boolean;
  /** Time between two pushes of metrics; 60 s unless given. */
  readonly metricIntervalMs?: number;
  /** Told of every push that did not arrive. Unless given, nobody is. */
  onFailure?(signal: OtlpSignal, error: Error): void;
}

export type OtlpSignal = 'metrics' | 'traces';

/** The URL that one signal is posted to. Throws a `TypeError` when the endpoint is none. */
export function toOtlpUrl(endpoint: string, signal: OtlpSignal, insecure = false): string {
  const given = /^https?:\/\//i.test(endpoint) ? endpoint : `https://${endpoint}`;
  if (!URL.canParse(given))
    throw new TypeError(`expected host:port or a URL as OTLP endpoint, found "${endpoint}"`);
  const url = new URL(given);
  if (insecure) url.protocol = 'http:';
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/${signal}`;
  return url.href;
}

/** A reader that pushes the meter's data from time to time, and once more when it is closed. */
export async function createOtlpReader(options: OtlpOptions): Promise<IMetricReader> {
  const [{ OTLPMetricExporter }, { PeriodicExportingMetricReader }] = await Promise.all([
    import('@opentelemetry/exporter-metrics-otlp-proto'),
    import('@opentelemetry/sdk-metrics'),
  ]);
  const exporter: PushMetricExporter = new OTLPMetricExporter(toExporterOptions(options, 'metrics'));
  return new PeriodicExportingMetricReader({
    exporter: reporting(exporter, 'metrics', options),
    exportIntervalMillis: options.metricIntervalMs ?? 60_000,
    exportTimeoutMillis: Math.min(30_000, options.metricIntervalMs ?? 60_000),
  });
}

/** A processor that pushes ended spans in batches. */
export async function createOtlpSpanProcessor(options: OtlpOptions): Promise<SpanProcessor> {
  const [{ OTLPTraceExporter }, { BatchSpanProcessor }] = await Promise.all([
    import('@opentelemetry/exporter-trace-otlp-proto'),
    import('@opentelemetry/sdk-trace-node'),
  ]);
  const exporter: SpanExporter = new OTLPTraceExporter(toExporterOptions(options, 'traces'));
  return new BatchSpanProcessor(reporting(exporter, 'traces', options));
}

function toExporterOptions(
  options: OtlpOptions,
  signal: OtlpSignal,
): { url: string; headers: Record<string, string>; httpAgentOptions?: { ca: string[] } } {
  return {
    url: toOtlpUrl(options.endpoint, signal, options.insecure),
    headers: { ...options.headers },
    ...(options.caCert !== undefined && { httpAgentOptions: { ca: trustedWith(options.caCert) } }),
  };
}

/** What both kinds of exporter have in common. `code` 0 is success. */
interface Exporter<Batch> {
  export(batch: Batch, done: (result: { code: number; error?: unknown }) => void): void;
}

/** Tells of failed exports, which the SDK hides. */
function reporting<Batch, E extends Exporter<Batch>>(
  exporter: E,
  signal: OtlpSignal,
  options: OtlpOptions,
): E {
  const send = exporter.export.bind(exporter);
  exporter.export = (batch, done) =>
    send(batch, (result) => {
      // Before the report: the SDK waits for it, whatever becomes of that.
      done(result);
      if (result.code !== 0) {
        options.onFailure?.(signal, toError(result.error ?? 'the collector took nothing of it'));
      }
    });
  return exporter;
}
