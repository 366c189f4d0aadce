import { StarlarkError } from '../../errors.ts';
import { StarlarkFloat } from '../../values/float.ts';
import { HostValue } from '../../values/host-value.ts';
import { isInt, toInt } from '../../values/int.ts';
import type { BinaryOperator } from '../../values/operator.ts';
import type { Value } from '../../values/value.ts';

/** Nanoseconds in each unit, by the name that durations are written with, longest first. */
export const unitNanos: Readonly<Record<string, bigint>> = {
  h: 3_600_000_000_000n,
  m: 60_000_000_000n,
  s: 1_000_000_000n,
  ms: 1_000_000n,
  us: 1_000n,
  µs: 1_000n,
  ns: 1n,
};

/** A `time.duration`: a whole number of nanoseconds, within 64 bits as in the Go implementation. */
export class Duration extends HostValue {
  readonly nanos: bigint;
  readonly hash: number;

  constructor(nanos: bigint) {
    super();
    if (nanos !== BigInt.asIntN(64, nanos))
      throw new StarlarkError('value', 'time.duration out of range (292 years)');
    this.nanos = nanos;
    this.hash = Number(BigInt.asUintN(31, nanos)) | 0x40000000;
  }

  get type(): string {
    return 'time.duration';
  }

  override truth(): boolean {
    return this.nanos !== 0n;
  }

  equals(other: HostValue): boolean {
    return other instanceof Duration && this.nanos === other.nanos;
  }

  override compare(other: HostValue): number | undefined {
    if (!(other instanceof Duration)) return undefined;
    return this.nanos < other.nanos ? -1 : Number(this.nanos > other.nanos);
  }

  override binary(operator: BinaryOperator, other: Value, reversed: boolean): Value | undefined {
    if (other instanceof Duration) return reversed ? undefined : this.#withDuration(operator, other);
    if (operator === '*' && isInt(other)) return new Duration(this.nanos * BigInt(other));
    if (reversed || operator !== '/') return undefined;
    const divisor = isInt(other) ? Number(other) : other instanceof StarlarkFloat ? other.value : undefined;
    if (divisor === undefined) return undefined;
    if (divisor === 0) throw new StarlarkError('zero_division', 'time.duration division by zero');
    if (isInt(other)) return new Duration(this.nanos / BigInt(other));
    return new Duration(BigInt(Math.trunc(Number(this.nanos) / divisor)));
  }

  #withDuration(operator: BinaryOperator, other: Duration): Value | undefined {
    if (operator === '+') return new Duration(this.nanos + other.nanos);
    if (operator === '-') return new Duration(this.nanos - other.nanos);
    if (operator !== '/' && operator !== '//') return undefined;
    if (other.nanos === 0n) throw new StarlarkError('zero_division', 'time.duration division by zero');
    if (operator === '/') return new StarlarkFloat(Number(this.nanos) / Number(other.nanos));
    return toInt(this.nanos / other.nanos);
  }

  override attr(name: string): Value | undefined {
    const scale = attributes.get(name);
    if (scale === undefined) return undefined;
    if (scale >= 1_000_000_000n) return new StarlarkFloat(Number(this.nanos) / Number(scale));
    return toInt(this.nanos / scale);
  }

  override attributeNames(): readonly string[] {
    return Array.from(attributes.keys());
  }

  /** As the Go implementation writes it: `1h30m0s`, `1.5s`, `2.5ms`. */
  toString(): string {
    const { nanos } = this;
    const sign = nanos < 0n ? '-' : '';
    const magnitude = nanos < 0n ? -nanos : nanos;
    if (magnitude === 0n) return '0s';
    if (magnitude < 1_000n) return `${sign}${magnitude}ns`;
    if (magnitude < 1_000_000n) return `${sign}${decimal(magnitude, 3)}µs`;
    if (magnitude < 1_000_000_000n) return `${sign}${decimal(magnitude, 6)}ms`;
    const seconds = `${decimal(magnitude % 60_000_000_000n, 9)}s`;
    const minutes = magnitude / 60_000_000_000n;
    if (minutes === 0n) return sign + seconds;
    return minutes < 60n
      ? `${sign}${minutes}m${seconds}`
      : `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
  }
}

const attributes: ReadonlyMap<string, bigint> = new Map([
  ['hours', 3_600_000_000_000n],
  ['minutes', 60_000_000_000n],
  ['seconds', 1_000_000_000n],
  ['milliseconds', 1_000_000n],
  ['microseconds', 1_000n],
  ['nanoseconds', 1n],
]);

/** `value / 10^places`, without trailing zeros. */
function decimal(value: bigint, places: number): string {
  const digits = String(value).padStart(places + 1, '0');
  const fraction = digits.slice(-places).replace(/0+$/, '');
  return digits.slice(0, -places) + (fraction === '' ? '' : `.${fraction}`);
}

/** 2^63 nanoseconds have 19 digits; zeros may stand before them. */
const maxWholeDigits = 100;

/** No duration that says anything is longer. */
const longestText = 1000;

/** Reads `1h30m`, `-1.5s`, `300ms`. @throws StarlarkError */
export function parseDuration(text: string): Duration {
  if (text.length > longestText) {
    throw new StarlarkError('value', `time: a duration of more than ${longestText} characters`);
  }
  const [, sign, body] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (body === '0') return new Duration(0n);
  if (body === undefined || !/^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:h|ms|us|µs|μs|ns|m|s))+$/.test(body)) {
    throw new StarlarkError(
      'value',
      `time: invalid duration ${JSON.stringify(text)} (write such as "1h30m" or "300ms"; a day is "24h")`,
    );
  }
  let nanos = 0n;
  for (const [, whole = '', decimals = '', unit = ''] of body.matchAll(
    /(\d*)(?:\.(\d*))?(h|ms|us|µs|μs|ns|m|s)/g,
  )) {
    const scale = unitNanos[unit === 'μs' ? 'us' : unit] as bigint;
    // An hour has 3.6e12 nanoseconds, so further digits are less than one.
    const fraction = decimals.slice(0, 20);
    if (whole.length > maxWholeDigits) throw new StarlarkError('value', 'time: duration out of range');
    nanos +=
      BigInt(whole || '0') * scale + (BigInt(fraction || '0') * scale) / 10n ** BigInt(fraction.length);
  }
  return new Duration(sign === '-' ? -nanos : nanos);
}
