import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
import type {
  CollectionResult,
  HistogramMetricData,
  IMetricReader,
  MetricData,
  MetricProducer,
  ScopeMetrics,
  SumMetricData,
} from '@opentelemetry/sdk-metrics';
import { type HrTime, ValueType } from '@opentelemetry/api';
import { instrumentationName } from './declarations.ts';
import type { Declaration } from './kit/declaration.ts';
import type { OperationSeries } from './operation-series.ts';
import type { CounterSeries, HistogramSeries, SeriesTable } from './series.ts';

/** What a reading of the MeterProvider gets beside the SDK's own data. */
export interface CollectionOptions {
  /** False for a series of a gauge that only an earlier reading had. */
  readonly isCurrent: (metric: string, attributes: object) => boolean;
  /** Series outside the SDK to be added; none for `/metrics`, which reads them one by one. */
  readonly operations?: () => OperationSeries;
  /** When the process began to count, for the added series. */
  readonly startTime: HrTime;
}

/**
 * Makes a reader see the meter as the contract has it: the SDK keeps every attribute set that an observable ever had, so
 * series of earlier readings are taken out; and the series kept outside the SDK are put in, under the same scope.
 * To be called before the reader is given to the MeterProvider.
 */
export function adaptReader<R extends IMetricReader>(reader: R, options: CollectionOptions): R {
  const bind = reader.setMetricProducer.bind(reader);
  reader.setMetricProducer = (producer: MetricProducer) =>
    bind({
      async collect(collectOptions): Promise<CollectionResult> {
        const { resourceMetrics, errors } = await producer.collect(collectOptions);
        const scopeMetrics = resourceMetrics.scopeMetrics.map((scope) => adaptScope(scope, options));
        return { resourceMetrics: { ...resourceMetrics, scopeMetrics }, errors };
      },
    });
  return reader;
}

function adaptScope({ scope, metrics }: ScopeMetrics, options: CollectionOptions): ScopeMetrics {
  if (scope.name !== instrumentationName) return { scope, metrics };
  const present = metrics.map((metric) => withoutOldSeries(metric, options));
  return {
    scope,
    metrics: options.operations ? [...present, ...toMetrics(options.operations(), options)] : present,
  };
}

function withoutOldSeries(metric: MetricData, { isCurrent }: CollectionOptions): MetricData {
  if (metric.dataPointType !== DataPointType.GAUGE) return metric;
  const { name } = metric.descriptor;
  return { ...metric, dataPoints: metric.dataPoints.filter(({ attributes }) => isCurrent(name, attributes)) };
}

function toMetrics(operations: OperationSeries, { startTime }: CollectionOptions): MetricData[] {
  const now = Date.now();
  const times = { startTime, endTime: [Math.floor(now / 1000), (now % 1000) * 1e6] as HrTime };
  return [
    ...operations.counters.map((table) => toSum(table, times)),
    ...operations.histograms.map((table) => toHistogram(table, times)),
  ].filter((metric) => metric.dataPoints.length > 0);
}

interface Times {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
}

function toSum(table: SeriesTable<CounterSeries>, times: Times): SumMetricData {
  return {
    ...toBase(table.declaration, ValueType.INT),
    dataPointType: DataPointType.SUM,
    isMonotonic: true,
    dataPoints: table.ordered().map(({ attributes, value }) => ({ ...times, attributes, value })),
  };
}

function toHistogram(table: SeriesTable<HistogramSeries>, times: Times): HistogramMetricData {
  return {
    ...toBase(table.declaration, ValueType.DOUBLE),
    dataPointType: DataPointType.HISTOGRAM,
    dataPoints: table.ordered().map(({ attributes, bounds, counts, sum, count }) => ({
      ...times,
      attributes,
      value: { buckets: { boundaries: [...bounds], counts: [...counts] }, sum, count },
    })),
  };
}

function toBase(
  { name, description, unit }: Declaration,
  valueType: ValueType,
): {
  descriptor: MetricData['descriptor'];
  aggregationTemporality: AggregationTemporality;
} {
  return {
    descriptor: { name, description, unit: unit ?? '', valueType },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
}
