import { plainBuiltin } from '../../eval/builtin.ts';
import { asString, assertPositional } from '../../values/arguments.ts';
import { HostValue } from '../../values/host-value.ts';
import { toInt } from '../../values/int.ts';
import type { BinaryOperator } from '../../values/operator.ts';
import type { Value } from '../../values/value.ts';
import { Duration } from './duration.ts';
import { formatLayout } from './layout.ts';
import { assertZone, toCivil } from './zone.ts';

/** A `time.time`: an instant, to the nanosecond, and the zone that it is told in. */
export class Moment extends HostValue {
  /** Since 1970 began in UTC. */
  readonly nanos: bigint;
  /** See zone.ts. */
  readonly zone: string;
  readonly hash: number;

  constructor(nanos: bigint, zone: string) {
    super();
    this.nanos = nanos;
    this.zone = zone;
    this.hash = Number(BigInt.asUintN(30, nanos)) | 0x20000000;
  }

  get type(): string {
    return 'time.time';
  }

  /** Times are equal when they are one instant, in whatever zones they are told. */
  equals(other: HostValue): boolean {
    return other instanceof Moment && this.nanos === other.nanos;
  }

  override compare(other: HostValue): number | undefined {
    if (!(other instanceof Moment)) return undefined;
    return this.nanos < other.nanos ? -1 : Number(this.nanos > other.nanos);
  }

  override binary(operator: BinaryOperator, other: Value, reversed: boolean): Value | undefined {
    if (other instanceof Duration) {
      if (operator === '+') return new Moment(this.nanos + other.nanos, this.zone);
      return operator === '-' && !reversed ? new Moment(this.nanos - other.nanos, this.zone) : undefined;
    }
    if (!(other instanceof Moment) || operator !== '-' || reversed) return undefined;
    return new Duration(this.nanos - other.nanos);
  }

  override attr(name: string): Value | undefined {
    if (name === 'format') return this.#format;
    if (name === 'in_location') return this.#inLocation;
    if (name === 'unix_nano') return toInt(this.nanos);
    if (name === 'unix') return toInt((this.nanos - (((this.nanos % second) + second) % second)) / second);
    return isField(name) ? toCivil(this.nanos, this.zone)[name] : undefined;
  }

  override attributeNames(): readonly string[] {
    return [...fields, 'unix', 'unix_nano', 'format', 'in_location'];
  }

  toString(): string {
    return formatLayout(toCivil(this.nanos, this.zone), this.zone, '2006-01-02 15:04:05.999999999 -0700 MST');
  }

  get #format(): Value {
    return plainBuiltin('format', 'step', (_thread, args, kwargs) => {
      assertPositional('format', args, kwargs, 1, 1);
      return formatLayout(toCivil(this.nanos, this.zone), this.zone, asString('format', 1, args[0] as Value));
    });
  }

  get #inLocation(): Value {
    return plainBuiltin('in_location', 'step', (_thread, args, kwargs) => {
      assertPositional('in_location', args, kwargs, 1, 1);
      const zone = asString('in_location', 1, args[0] as Value);
      assertZone(zone);
      return new Moment(this.nanos, zone);
    });
  }
}

const second = 1_000_000_000n;
const fields = ['year', 'month', 'day', 'hour', 'minute', 'second', 'nanosecond'] as const;

function isField(name: string): name is (typeof fields)[number] {
  return (fields as readonly string[]).includes(name);
}
