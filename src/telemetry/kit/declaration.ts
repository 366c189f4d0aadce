/**
 * How a metric is declared. Instruments are made from declarations, `/metrics` takes its HELP and TYPE from them, and a
 * test holds every metric and label named in a rule, a dashboard or the docs against them.
 *
 * Names are those of OTLP. `/metrics` appends `_seconds` where the unit is `s` and `_total` to counters.
 */

/** Upper bounds of duration histograms, in seconds: those of OpenTelemetry's MCP conventions. */
export const secondsBounds: readonly number[] = [
  0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300,
];

/** What a label may hold: one of a closed list, or a name that the configuration or a backend gives. Never a client's. */
export type LabelValues = readonly string[] | 'configured';

/** One instrument. */
export interface Declaration {
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly description: string;
  readonly unit?: 's';
  /** Attribute keys as in OTLP, with what they may hold. Empty when the instrument has one series. */
  readonly attributes: Readonly<Record<string, LabelValues>>;
}

export interface HistogramDeclaration extends Declaration {
  readonly kind: 'histogram';
  /** Upper bounds of the buckets, ascending, without the infinite one. */
  readonly bounds: readonly number[];
}

/** The metrics of one feature, by how its code calls each. */
export type Metrics = Readonly<
  Record<string, HistogramDeclaration | (Declaration & { readonly kind: 'counter' | 'gauge' })>
>;

export type Attributes = Readonly<Record<string, string>>;

/** Adds to a counter. Never throws, never waits. */
export interface CounterInstrument {
  add(value: number, attributes?: Attributes): void;
}

/** Records a value, in the declared unit. Never throws, never waits. */
export interface HistogramInstrument {
  record(value: number, attributes?: Attributes): void;
}

export interface Observation {
  readonly value: number;
  readonly attributes?: Attributes;
}

/** Says where a gauge reads its series at each collection; the last one that was said holds. */
export interface GaugeInstrument {
  observe(read: () => readonly Observation[]): void;
}

/** The instruments of a feature's metrics. */
export type InstrumentsOf<M extends Metrics> = {
  readonly [Key in keyof M]: M[Key]['kind'] extends 'counter'
    ? CounterInstrument
    : M[Key]['kind'] extends 'histogram'
      ? HistogramInstrument
      : GaugeInstrument;
};

/** Every set of attributes that the series of a metric can have; undefined where a label is not a closed list. */
export function closedAttributeSets({ attributes }: Declaration): Attributes[] | undefined {
  let sets: Attributes[] = [{}];
  for (const [key, values] of Object.entries(attributes)) {
    if (values === 'configured') return undefined;
    sets = sets.flatMap((set) => values.map((value) => ({ ...set, [key]: value })));
  }
  return sets;
}
