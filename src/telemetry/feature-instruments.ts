import { type Meter, ValueType } from '@opentelemetry/api';
import {
  closedAttributeSets,
  type Attributes,
  type CounterInstrument,
  type Declaration,
  type GaugeInstrument,
  type HistogramDeclaration,
  type HistogramInstrument,
  type InstrumentsOf,
  type Metrics,
  type Observation,
} from './kit/declaration.ts';

/**
 * Makes the instruments of features' metrics, and keeps what was declared: `/metrics` writes HELP, TYPE and empty
 * histograms from it. Counters whose labels are closed lists start at 0 in all their series.
 */
export class FeatureInstruments {
  readonly #meter: Meter;
  readonly #declared = new Map<string, Declaration>();
  /** The series that a gauge had in the last reading: the SDK keeps every set it ever observed. */
  readonly #observed = new Map<string, ReadonlySet<string>>();

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  /** Every metric declared so far. */
  get declared(): Iterable<Declaration> {
    return this.#declared.values();
  }

  /** To be called once for each feature. */
  of<M extends Metrics>(metrics: M): InstrumentsOf<M> {
    const made = Object.entries(metrics).map(([key, declaration]) => {
      if (this.#declared.has(declaration.name)) throw new Error(`"${declaration.name}" is declared twice`);
      this.#declared.set(declaration.name, declaration);
      return [key, this.#make(declaration)];
    });
    return Object.fromEntries(made) as InstrumentsOf<M>;
  }

  /** False for a gauge's series that only an earlier reading had. */
  isCurrent(metric: string, attributes: object): boolean {
    const observed = this.#observed.get(metric);
    return observed === undefined || observed.has(keyOf(attributes));
  }

  #make(declaration: Metrics[string]): CounterInstrument | HistogramInstrument | GaugeInstrument {
    switch (declaration.kind) {
      case 'counter':
        return this.#counter(declaration);
      case 'gauge':
        return this.#gauge(declaration);
      case 'histogram':
        return this.#histogram(declaration);
    }
  }

  #counter(declaration: Declaration): CounterInstrument {
    const counter = this.#meter.createCounter(declaration.name, toOptions(declaration));
    for (const attributes of closedAttributeSets(declaration) ?? []) counter.add(0, attributes);
    return { add: (value, attributes) => counter.add(value, attributes) };
  }

  #histogram(declaration: HistogramDeclaration): HistogramInstrument {
    const { name, description, unit, bounds } = declaration;
    const histogram = this.#meter.createHistogram(name, {
      description,
      ...(unit && { unit }),
      advice: { explicitBucketBoundaries: [...bounds] },
    });
    return { record: (value, attributes) => histogram.record(value, attributes) };
  }

  #gauge(declaration: Declaration): GaugeInstrument {
    let read: () => readonly Observation[] = () => [];
    const gauge = this.#meter.createObservableGauge(declaration.name, toOptions(declaration));
    gauge.addCallback((result) => {
      const observations = read();
      this.#observed.set(
        declaration.name,
        new Set(observations.map(({ attributes = {} }) => keyOf(attributes))),
      );
      for (const { value, attributes } of observations) result.observe(value, attributes);
    });
    return { observe: (source) => void (read = source) };
  }
}

function toOptions({ description, unit }: Declaration) {
  return { description, ...(unit && { unit }), valueType: ValueType.INT };
}

function keyOf(attributes: Attributes | object): string {
  return JSON.stringify(Object.entries(attributes).sort(([left], [right]) => (left < right ? -1 : 1)));
}
