/** All of `/metrics` as text: the SDK's few series and the many outside it, family by family, in slices. */
import { DataPointType, type MetricData, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { declarations, instrumentationName } from './declarations.ts';
import { closedAttributeSets, type Declaration, type HistogramDeclaration } from './kit/declaration.ts';
import type { OperationSeries } from './operation-series.ts';
import { compareAttributes, CounterSeries, HistogramSeries, type SeriesAttributes } from './series.ts';
import { CounterText, HistogramText, type SeriesText } from './series-text.ts';
import { type Format, joinLabels, toFamilyHeader, toLabelName, toSampleName } from './text-format.ts';

/** Lets other work of the thread in between two slices. */
export interface Pacer {
  /** Whether the present slice has lasted long enough. Asked after every few series. */
  isDue(): boolean;
  pause(): Promise<void>;
}

/** One metric with all its series, in order. */
interface Family {
  readonly name: string;
  readonly header: string;
  readonly series: Iterable<SeriesText>;
}

type Series = CounterSeries | HistogramSeries;

/** Bytes handed on at a time. */
const pieceBytes = 512 * 1024;

/** Series written between two looks at the clock: some 50 µs of work. */
const seriesPerLook = 16;

/** Writes `/metrics`. Keeps the texts of the series outside the SDK from scrape to scrape, per format. */
export class MetricsText {
  readonly #operations: OperationSeries;
  readonly #declared: () => Iterable<Declaration>;
  readonly #texts = {
    text: new WeakMap<Series, SeriesText>(),
    openmetrics: new WeakMap<Series, SeriesText>(),
  };

  /** `declared` are the metrics of features, as many as there are at the time of a scrape. */
  constructor(operations: OperationSeries, declared: () => Iterable<Declaration>) {
    this.#operations = operations;
    this.#declared = declared;
  }

  /**
   * The text in pieces. They share one buffer, so the next may be asked for only when the last has been sent: with
   * thousands of series, buffers of their own would cost more in garbage collection than all the rest.
   */
  async *write(collected: ResourceMetrics, format: Format, pacer: Pacer): AsyncGenerator<Buffer, void, void> {
    let buffer = Buffer.allocUnsafeSlow(pieceBytes);
    let end = 0;
    let written = 0;
    for (const text of this.#toTexts(collected, format)) {
      if (end + text.maxBytes > buffer.length) {
        if (end > 0) yield buffer.subarray(0, end);
        if (text.maxBytes > buffer.length) buffer = Buffer.allocUnsafeSlow(text.maxBytes);
        end = 0;
      }
      end = text.write(buffer, end);
      if (++written % seriesPerLook === 0 && pacer.isDue()) await pacer.pause();
    }
    yield buffer.subarray(0, end);
  }

  *#toTexts(collected: ResourceMetrics, format: Format): Generator<SeriesText> {
    const families = [
      ...fromSdk(collected, this.#declared(), format),
      ...this.#fromOperations(format),
      toTargetInfo(collected),
    ].sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const family of families) {
      yield toFixedText(family.header);
      yield* family.series;
    }
    if (format === 'openmetrics') yield toFixedText('# EOF\n');
  }

  *#fromOperations(format: Format): Generator<Family> {
    for (const table of [...this.#operations.counters, ...this.#operations.histograms]) {
      const series: readonly Series[] = table.ordered();
      if (series.length > 0)
        yield toFamily(table.declaration, this.#kept(series, table.declaration, format), format);
    }
  }

  *#kept(series: readonly Series[], declaration: Declaration, format: Format): Generator<SeriesText> {
    for (const one of series) {
      let text = this.#texts[format].get(one);
      if (text === undefined) {
        text = toSeriesText(one, declaration, format);
        this.#texts[format].set(one, text);
      }
      yield text;
    }
  }
}

function* fromSdk(
  collected: ResourceMetrics,
  declared: Iterable<Declaration>,
  format: Format,
): Generator<Family> {
  const metrics = new Map(
    collected.scopeMetrics.flatMap((scope) => scope.metrics.map((m) => [m.descriptor.name, m] as const)),
  );
  for (const declaration of [...Object.values<Declaration>(declarations), ...declared]) {
    const series = toSeries(metrics.get(declaration.name));
    if (isHistogram(declaration)) addEmptyHistograms(series, declaration);
    if (series.length === 0) continue;
    series.sort((a, b) => compareAttributes(a.attributes, b.attributes));
    yield toFamily(
      declaration,
      series.map((one) => toSeriesText(one, declaration, format)),
      format,
    );
  }
}

/** The SDK has no data for a histogram before its first record; the contract wants it at 0 from the start. */
function addEmptyHistograms(series: Series[], declaration: HistogramDeclaration): void {
  for (const attributes of closedAttributeSets(declaration) ?? []) {
    const present = series.some((one) => compareAttributes(one.attributes, attributes) === 0);
    if (!present) series.push(new HistogramSeries(attributes, declaration.bounds));
  }
}

function isHistogram(declaration: Declaration): declaration is HistogramDeclaration {
  return declaration.kind === 'histogram';
}

function toSeries(metric: MetricData | undefined): Series[] {
  if (metric === undefined) return [];
  switch (metric.dataPointType) {
    case DataPointType.SUM:
    case DataPointType.GAUGE:
      return metric.dataPoints.map(({ attributes, value }) =>
        Object.assign(new CounterSeries(toStrings(attributes)), { value }),
      );
    case DataPointType.HISTOGRAM:
      return metric.dataPoints.map(({ attributes, value: { buckets, sum, count } }) => {
        const series = new HistogramSeries(toStrings(attributes), buckets.boundaries);
        return Object.assign(series, { counts: buckets.counts, sum: sum ?? 0, count });
      });
    case DataPointType.EXPONENTIAL_HISTOGRAM:
      throw new TypeError(`${metric.descriptor.name}: no instrument is an exponential histogram`);
  }
}

function toStrings(attributes: Readonly<Record<string, unknown>>): SeriesAttributes {
  return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, String(value)]));
}

function toFamily(declaration: Declaration, series: Iterable<SeriesText>, format: Format): Family {
  return { name: toSampleName(declaration), header: toFamilyHeader(declaration, format), series };
}

function toSeriesText(series: Series, declaration: Declaration, format: Format): SeriesText {
  const options = { scope: instrumentationName, format };
  return series instanceof HistogramSeries
    ? new HistogramText(series, declaration, options)
    : new CounterText(series, declaration, options);
}

/** What the resource says of this process, as one series without scope labels. */
function toTargetInfo({ resource }: ResourceMetrics): Family {
  const labels = Object.entries(resource.attributes).map(
    ([key, value]) => [toLabelName(key), String(value)] as [string, string],
  );
  return {
    name: 'target_info',
    header: '# HELP target_info Target metadata\n# TYPE target_info gauge\n',
    series: [toFixedText(`target_info{${joinLabels(labels)}} 1\n`)],
  };
}

function toFixedText(text: string): SeriesText {
  const bytes = Buffer.from(text);
  return { maxBytes: bytes.length, write: (target, offset) => offset + bytes.copy(target, offset) };
}
