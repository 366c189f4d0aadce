/**
 * Counters and histograms with a series per backend tool, kept outside the OpenTelemetry SDK.
 *
 * The SDK hashes the attributes of each measurement (3 to 10 µs) and collects all its series in one uninterruptible
 * step (10 ms and more for 1,000 tools). Here a measurement is a few additions on a series that the caller holds, and
 * `/metrics` reads series one by one. Readers of the MeterProvider get them as SDK metric data, under the same scope and
 * resource as every other instrument: see `collection.ts` and docs/decisions/per-tool-series.md.
 */
import type { Declaration } from './kit/declaration.ts';

/** Attributes of one series, keys as in OTLP. */
export type SeriesAttributes = Readonly<Record<string, string>>;

/** One series of a counter. */
export class CounterSeries {
  readonly attributes: SeriesAttributes;
  /** Total since the process started. */
  value = 0;
  constructor(attributes: SeriesAttributes) {
    this.attributes = attributes;
  }
}

/** One series of a histogram. `counts` holds one entry per bound and one for the infinite bucket, not cumulated. */
export class HistogramSeries {
  readonly attributes: SeriesAttributes;
  readonly bounds: readonly number[];
  readonly counts: number[];
  sum = 0;
  count = 0;
  constructor(attributes: SeriesAttributes, bounds: readonly number[]) {
    this.attributes = attributes;
    this.bounds = bounds;
    this.counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  /** A value belongs to the first bucket whose bound is not below it. */
  record(value: number): void {
    let bucket = 0;
    while (bucket < this.bounds.length && value > this.bounds[bucket]!) bucket++;
    this.counts[bucket]!++;
    this.sum += value;
    this.count++;
  }
}

/** All series of one instrument, ordered as Go's registry orders them: fewer labels first, then by label values. */
export class SeriesTable<S extends { readonly attributes: SeriesAttributes }> {
  readonly declaration: Declaration;
  readonly #series: S[] = [];
  #sorted = true;

  constructor(declaration: Declaration) {
    this.declaration = declaration;
  }

  /** Adds a series. The caller makes sure that its attributes are not in the table yet, and keeps it. */
  add(series: S): S {
    this.#series.push(series);
    this.#sorted = false;
    return series;
  }

  /** Every series, in order. The array is the table's own: it is not to be changed, and may grow after an await. */
  ordered(): readonly S[] {
    if (!this.#sorted) this.#series.sort((a, b) => compareAttributes(a.attributes, b.attributes));
    this.#sorted = true;
    return this.#series;
  }
}

/** Order of series within a family: fewer labels first, then label values in the order of the labels' names. */
export function compareAttributes(
  a: Readonly<Record<string, unknown>>,
  b: Readonly<Record<string, unknown>>,
): number {
  const keys = Object.keys(a).sort();
  const others = Object.keys(b).sort();
  if (keys.length !== others.length) return keys.length - others.length;
  for (const [i, key] of keys.entries()) {
    const left = String(a[key]);
    const right = String(b[others[i]!]);
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}
