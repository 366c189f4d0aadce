import { z } from 'zod';
import type { Defaulted } from './parts.ts';

/** Nanoseconds would be lost in a double; thousandths of a millisecond are kept. */
const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const goDuration = /^[+-]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/u;
const part = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gu;

/** Timers of JavaScript hold 31 bits of milliseconds; a longer one would fire at once. */
const longestMs = 2 ** 31 - 1;

/**
 * Reads a duration as Go's `time.ParseDuration` does (`30s`, `1m30s`, `1.5h`, `0`).
 * @returns milliseconds, or undefined when the text is no such duration
 */
export function parseGoDuration(text: string): number | undefined {
  if (!goDuration.test(text)) return undefined;
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(part)) totalMs += Number(amount) * (unitMs[unit ?? ''] ?? 0);
  return text.startsWith('-') ? -totalMs : totalMs;
}

export interface DurationRules {
  /** Used when the key is absent and, as ToolHive does, when it says 0, unless `zeroStays`. */
  readonly fallback: string;
  readonly zeroStays?: boolean;
  readonly atLeast?: string;
}

/** A key that holds a Go duration. Its output is milliseconds. */
export function duration(rules: DurationRules): Defaulted<number, string> {
  return boundedDuration(rules.atLeast)
    .transform((ms) => (ms === 0 && !rules.zeroStays ? (parseGoDuration(rules.fallback) ?? 0) : ms))
    .prefault(rules.fallback);
}

/** A duration that must be more than nothing, as the values of `perWorkload`. */
export function positiveDuration(): z.ZodType<number> {
  return boundedDuration()
    .refine((ms) => ms > 0, { error: 'expected a duration longer than 0' })
    .meta({ pattern: notNegative.replace('^', '^(?=.*[1-9])') });
}

/** A period longer than nothing: a duration, or the mapping `{duration: …}` that Kubernetes resources may have. */
export function refillPeriod(): z.ZodType<number, string | { duration: string }> {
  const error = 'expected a duration such as "1m30s", or a mapping {duration: 1m30s}';
  return z
    .union(
      [
        positiveDuration(),
        z.strictObject({ duration: positiveDuration().describe('The period, such as "1m".') }),
      ],
      { error },
    )
    .transform((value) => (typeof value === 'number' ? value : value.duration)) as z.ZodType<
    number,
    string | { duration: string }
  >;
}

function boundedDuration(atLeast?: string): z.ZodType<number, string> {
  const leastMs = atLeast === undefined ? 0 : (parseGoDuration(atLeast) ?? 0);
  return z
    .string()
    .regex(goDuration, { error: 'expected a duration such as "30s" or "1m30s"' })
    .transform((text, context) => {
      const ms = parseGoDuration(text) ?? 0;
      const fault = faultOf(ms, leastMs, atLeast);
      if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
      return ms;
    })
    .meta({ pattern: notNegative });
}

/** What editors can tell of it. */
const notNegative = goDuration.source.replace('[+-]?', '\\+?');

function faultOf(ms: number, leastMs: number, atLeast: string | undefined): string | undefined {
  if (ms < 0) return 'expected a duration that is not negative';
  if (ms > longestMs) return 'expected a duration of at most 596h (a longer timer cannot be set)';
  if (ms !== 0 && ms < leastMs) return `expected a duration of at least ${atLeast}`;
  return undefined;
}
