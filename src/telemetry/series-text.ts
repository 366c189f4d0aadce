/**
 * The text of one series at `/metrics`, kept from scrape to scrape. Names and labels are encoded once; on a scrape only
 * digits change, in place while their number of digits stays. That makes 50,000 lines a matter of copying bytes.
 */
import type { Declaration } from './kit/declaration.ts';
import type { CounterSeries, HistogramSeries } from './series.ts';
import { type Format, toFloat, toLabels, toSampleName } from './text-format.ts';

/** Bytes that a number and its newline take at most. */
const numberBytes = 32;

/** Writes a series' lines. */
export interface SeriesText {
  /** No `write` needs more bytes than this. */
  readonly maxBytes: number;
  /** Writes the present values at `offset` and returns the offset after them. */
  write(target: Buffer, offset: number): number;
}

/** The one line of a counter's series. */
export class CounterText implements SeriesText {
  readonly #series: CounterSeries;
  readonly #head: Buffer;
  readonly #format: Format;

  constructor(series: CounterSeries, declaration: Declaration, options: { scope: string; format: Format }) {
    this.#series = series;
    this.#format = options.format;
    this.#head = Buffer.from(`${toSampleName(declaration)}{${toLabels(series.attributes, options.scope)}} `);
  }

  get maxBytes(): number {
    return this.#head.length + numberBytes;
  }

  write(target: Buffer, offset: number): number {
    const end = offset + this.#head.copy(target, offset);
    return end + target.write(`${toFloat(this.#series.value, this.#format)}\n`, end, 'latin1');
  }
}

/** The bucket, sum and count lines of a histogram's series. */
export class HistogramText implements SeriesText {
  readonly #series: HistogramSeries;
  readonly #format: Format;
  /** What stands before each bucket's count: name, labels and `le`. */
  readonly #prefixes: readonly string[];
  readonly #sumPrefix: string;
  /** Bucket lines with their counts, and the sum's name and labels. */
  #head: Buffer = Buffer.alloc(0);
  /** Of each bucket: the offset in `#head` just after its count, the count there, and the first with more digits. */
  readonly #ends: number[] = [];
  readonly #written: number[] = [];
  readonly #ceilings: number[] = [];
  /** The number of records that `#head` tells of. */
  #encoded = 0;
  /** The newline after the sum, and the count's name and labels. */
  readonly #tail: Buffer;

  constructor(series: HistogramSeries, declaration: Declaration, options: { scope: string; format: Format }) {
    const name = toSampleName(declaration);
    const labels = toLabels(series.attributes, options.scope);
    this.#series = series;
    this.#format = options.format;
    this.#prefixes = [...series.bounds, Infinity].map(
      (bound) => `${name}_bucket{${labels},le="${toFloat(bound, options.format)}"} `,
    );
    this.#sumPrefix = `${name}_sum{${labels}} `;
    this.#tail = Buffer.from(`\n${name}_count{${labels}} `);
    this.#encode();
  }

  get maxBytes(): number {
    // A rebuild in `write` can lengthen each bucket's count.
    return this.#head.length + this.#tail.length + (this.#prefixes.length + 2) * numberBytes;
  }

  write(target: Buffer, offset: number): number {
    this.#refresh();
    let end = offset + this.#head.copy(target, offset);
    end += target.write(toFloat(this.#series.sum, this.#format), end, 'latin1');
    end += this.#tail.copy(target, end);
    return end + target.write(`${this.#series.count}\n`, end, 'latin1');
  }

  /** Brings the bucket counts in `#head` up to date. Plain loops: this runs for each series at each scrape. */
  #refresh(): void {
    const { counts, count } = this.#series;
    if (count === this.#encoded) return;
    this.#encoded = count;
    let cumulated = 0;
    for (let bucket = 0; bucket < counts.length; bucket++) {
      cumulated += counts[bucket]!;
      if (cumulated >= this.#ceilings[bucket]!) return this.#encode();
      if (cumulated !== this.#written[bucket]) this.#overwrite(bucket, cumulated);
    }
  }

  /** Replaces a bucket's count by one of as many digits. */
  #overwrite(bucket: number, count: number): void {
    this.#written[bucket] = count;
    let at = this.#ends[bucket]!;
    for (let rest = count; rest > 0; rest = Math.floor(rest / 10)) this.#head[--at] = 48 + (rest % 10);
  }

  /** Writes `#head` anew. */
  #encode(): void {
    let text = '';
    let cumulated = 0;
    let bytes = 0;
    for (const [bucket, prefix] of this.#prefixes.entries()) {
      cumulated += this.#series.counts[bucket]!;
      const digits = String(cumulated);
      bytes += Buffer.byteLength(prefix) + digits.length;
      this.#ends[bucket] = bytes++;
      this.#written[bucket] = cumulated;
      this.#ceilings[bucket] = 10 ** digits.length;
      text += `${prefix}${digits}\n`;
    }
    this.#head = Buffer.from(text + this.#sumPrefix);
  }
}
