import { StarlarkError } from '../../errors.ts';

/** A date and a time of day as a clock on the wall shows them. */
export interface Civil {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  /** How far the clock is ahead of UTC. */
  readonly offsetSeconds: number;
}

const nanosPerSecond = 1_000_000_000n;
/** The years 1 to 9999: what a layout can write. */
const minSeconds = -62_135_596_800n;
const maxSeconds = 253_402_300_799n;

/** What a clock in `zone` shows `nanos` after 1970 began in UTC. `zone` is `UTC`, an IANA name, or such as `+02:00`. */
export function toCivil(nanos: bigint, zone: string): Civil {
  const seconds = floorDivide(nanos, nanosPerSecond);
  if (seconds < minSeconds || seconds > maxSeconds)
    throw new StarlarkError('value', 'time out of range (years 1 to 9999)');
  const offsetSeconds = offsetAt(Number(seconds), zone);
  const date = new Date((Number(seconds) + offsetSeconds) * 1000);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    nanosecond: Number(nanos - seconds * nanosPerSecond),
    weekday: date.getUTCDay(),
    offsetSeconds,
  };
}

function floorDivide(x: bigint, y: bigint): bigint {
  const quotient = x / y;
  return x < 0n && quotient * y !== x ? quotient - 1n : quotient;
}

/** Fields that may lie outside their usual range, such as a 13th month: they carry over. */
export type CivilFields = Pick<Civil, 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'nanosecond'>;

/** The instant at which a clock in `zone` shows `fields`, in nanoseconds since 1970 began in UTC. */
export function fromCivil(fields: CivilFields, zone: string): bigint {
  const date = new Date(0);
  date.setUTCFullYear(fields.year, fields.month - 1, fields.day);
  date.setUTCHours(fields.hour, fields.minute, fields.second);
  const local = date.getTime() / 1000;
  if (Number.isNaN(local)) throw new StarlarkError('value', 'time out of range (years 1 to 9999)');
  // The offset belongs to the instant that is sought; a second look settles it on days when the clocks change.
  const guess = local - offsetAt(local, zone);
  const seconds = local - offsetAt(guess, zone);
  return BigInt(seconds) * nanosPerSecond + BigInt(fields.nanosecond);
}

/** True for `UTC`, an IANA name that the host knows, and a fixed offset such as `+02:00`. */
export function isZone(zone: string): boolean {
  return fixedOffset(zone) !== undefined || formatterOf(zone) !== undefined;
}

/** @throws StarlarkError when there is no such zone */
export function assertZone(zone: string): void {
  if (!isZone(zone))
    throw new StarlarkError('value', `time: unknown time zone ${JSON.stringify(zone.slice(0, 100))}`);
}

function offsetAt(seconds: number, zone: string): number {
  const fixed = fixedOffset(zone);
  if (fixed !== undefined) return fixed;
  const formatter = formatterOf(zone);
  if (formatter === undefined)
    throw new StarlarkError('value', `time: unknown time zone ${JSON.stringify(zone)}`);
  const name = formatter.formatToParts(new Date(seconds * 1000)).find((part) => part.type === 'timeZoneName');
  return fixedOffset(name?.value.replace('GMT', '') ?? '') ?? 0;
}

/** Seconds ahead of UTC for `UTC`, an empty name, `+02:00` and `-07:30:15`; undefined for other names. */
function fixedOffset(zone: string): number | undefined {
  if (zone === 'UTC' || zone === '') return 0;
  const match = /^([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(zone);
  if (match === null) return undefined;
  const [, sign, hours, minutes, seconds = '0'] = match;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds));
}

function formatterOf(zone: string): Intl.DateTimeFormat | undefined {
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]{1,60}$/.test(zone)) return undefined;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
