/** The module `time`, as the Go implementation has it. Its clock is the host's: see `now` of the thread. */
import { StarlarkError } from '../../errors.ts';
import { plainBuiltin, type Builtin } from '../../eval/builtin.ts';
import type { Kwargs } from '../../eval/callable.ts';
import { asIndex, asInt, asString, assertPositional, unpack } from '../../values/arguments.ts';
import { Module } from '../../values/module.ts';
import type { Value } from '../../values/value.ts';
import { Duration, parseDuration, unitNanos } from './duration.ts';
import { defaultLayout, parseLayout } from './layout.ts';
import { Moment } from './moment.ts';
import { assertZone, fromCivil, isZone } from './zone.ts';

const members: readonly Builtin[] = [
  plainBuiltin('from_timestamp', 'step', (_thread, args, kwargs) => {
    const [seconds, nanos = 0] = unpack('time.from_timestamp', args, kwargs, ['sec', 'nsec'], 1);
    const whole = BigInt(asInt('time.from_timestamp', 'sec', seconds as Value));
    return new Moment(whole * 1_000_000_000n + BigInt(asInt('time.from_timestamp', 'nsec', nanos)), 'UTC');
  }),
  plainBuiltin('is_valid_timezone', 'step', (_thread, args, kwargs) => {
    assertPositional('time.is_valid_timezone', args, kwargs, 1, 1);
    return isZone(asString('time.is_valid_timezone', 1, args[0] as Value));
  }),
  plainBuiltin('now', 'step', (thread, args, kwargs) => {
    assertPositional('time.now', args, kwargs, 0, 0);
    const nanos = thread.options.now?.();
    if (nanos === undefined) throw new StarlarkError('host', 'time.now: there is no clock here');
    return new Moment(nanos, 'UTC');
  }),
  plainBuiltin('parse_duration', 'step', (_thread, args, kwargs) => {
    assertPositional('time.parse_duration', args, kwargs, 1, 1);
    const x = args[0] as Value;
    return x instanceof Duration ? x : parseDuration(asString('time.parse_duration', 1, x));
  }),
  plainBuiltin('parse_time', 'step', (_thread, args, kwargs) => {
    const name = 'time.parse_time';
    const [x, format = defaultLayout, location = 'UTC'] = unpack(
      name,
      args,
      kwargs,
      ['x', 'format', 'location'],
      1,
    );
    const zone = asString(name, 'location', location);
    assertZone(zone);
    const parsed = parseLayout(asString(name, 'x', x as Value), asString(name, 'format', format), zone);
    return new Moment(parsed.nanos, parsed.zone);
  }),
  plainBuiltin('time', 'step', (_thread, args, kwargs) => timeOf(args, kwargs)),
];

const parts = ['year', 'month', 'day', 'hour', 'minute', 'second', 'nanosecond', 'location'];

/** `time.time(year = 1, month = 1, day = 1, hour = 0, …, location = "UTC")`: all by name. */
function timeOf(args: readonly Value[], kwargs: Kwargs): Moment {
  if (args.length > 0) throw new StarlarkError('arguments', 'time.time: unexpected positional arguments');
  const [year = 1, month = 1, day = 1, hour = 0, minute = 0, second = 0, nanosecond = 0, location = 'UTC'] =
    unpack('time.time', args, kwargs, parts, 0);
  const zone = asString('time.time', 'location', location);
  assertZone(zone);
  const field = (name: string, value: Value): number => asIndex('time.time', name, value);
  const fields = {
    year: field('year', year),
    month: field('month', month),
    day: field('day', day),
    hour: field('hour', hour),
    minute: field('minute', minute),
    second: field('second', second),
    nanosecond: field('nanosecond', nanosecond),
  };
  return new Moment(fromCivil(fields, zone), zone);
}

const units: readonly [string, string][] = [
  ['nanosecond', 'ns'],
  ['microsecond', 'us'],
  ['millisecond', 'ms'],
  ['second', 's'],
  ['minute', 'm'],
  ['hour', 'h'],
];

/** The module `time`. */
export const time: Module = new Module(
  'time',
  new Map<string, Value>([
    ...members.map((member): [string, Value] => [member.name, member]),
    ...units.map(([name, unit]): [string, Value] => [name, new Duration(unitNanos[unit] as bigint)]),
  ]),
);
