/** The window of the report: parsed, cut into pieces, and what of it the data covers. */
import { AdoptionError } from './errors.ts';
import type { Series } from './prometheus.ts';

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
const units: Readonly<Record<string, number>> = {
  s: 1,
  m: minute,
  h: hour,
  d: day,
  w: 7 * day,
  y: 365 * day,
};

/** Lengths that a piece may have, so that it begins at a round time and its tiles fit in. */
const pieceLengths = [
  5 * minute,
  10 * minute,
  30 * minute,
  hour,
  2 * hour,
  6 * hour,
  12 * hour,
  day,
  7 * day,
  28 * day,
];
const maxPieces = 31;

/** Seconds of a window as Prometheus writes durations: `30d`, `1h30m`. Throws an `AdoptionError`. */
export function parseWindow(text: string): number {
  const parts = [...text.matchAll(/(\d+)([a-z]+)/g)];
  const seconds = parts.reduce(
    (sum, [, count, unit]) => sum + Number(count) * (units[unit!] ?? Number.NaN),
    0,
  );
  if (
    parts.map(([part]) => part).join('') !== text ||
    !(seconds >= 5 * minute) ||
    seconds > units['y']! * 2
  ) {
    throw new AdoptionError(
      'bad-input',
      `expected a window from 5m to 2y such as 30d, 7d or 12h, found "${text}"`,
    );
  }
  return seconds;
}

/** A piece of the window; its end is a multiple of `tileSeconds`. */
export interface Piece {
  readonly from: number;
  readonly to: number;
  readonly tileSeconds: number;
}

/**
 * Cuts the window into at most 31 pieces, oldest first. The last ends at the next multiple of its tile, so that what has
 * just happened is in it: Prometheus lets one ask about a moment that is yet to come.
 */
export function toPieces(windowSeconds: number, now: number): Piece[] {
  const length =
    windowSeconds < hour
      ? Math.ceil(Math.max(windowSeconds / 10, Math.min(2 * minute, windowSeconds / 5)))
      : (pieceLengths.find((seconds) => windowSeconds / seconds <= maxPieces) ?? 28 * day);
  const tileSeconds = Math.min(length, hour);
  const end = Math.ceil(now / tileSeconds) * tileSeconds;
  const count = Math.ceil(windowSeconds / length);
  return Array.from({ length: count }, (_, i) => {
    const to = end - (count - 1 - i) * length;
    return { from: to - length, to, tileSeconds };
  });
}

/** Since when there is data, and where there is a hole in it. */
export interface Coverage {
  readonly dataFrom: number;
  readonly gaps: { readonly from: number; readonly to: number }[];
}

/** Reads the coverage off a range query that has a point wherever there is data. Undefined when it has none. */
export function toCoverage(series: readonly Series[], stepSeconds: number): Coverage | undefined {
  const times = [...new Set(series.flatMap(({ points }) => points.map(([seconds]) => seconds)))].sort(
    (a, b) => a - b,
  );
  const [dataFrom] = times;
  if (dataFrom === undefined) return undefined;
  const gaps: Coverage['gaps'] = [];
  for (const [i, to] of times.entries()) {
    const from = times[i - 1];
    if (from !== undefined && to - from > 1.5 * stepSeconds) gaps.push({ from, to });
  }
  return { dataFrom, gaps };
}
