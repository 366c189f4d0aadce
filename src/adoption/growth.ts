/** Whether a share has changed between two times, or the difference may be chance. */
import type { Growth } from './report.ts';

/** A share, and the number of calls that it is a share of. */
export interface Part {
  readonly share: number | null;
  readonly of: number;
}

/** A difference counts from this many standard errors on: calls come in bursts, so that the usual two are too few. */
const leastErrors = 3;
/** And from two points of a hundred on, or from a quarter of the larger share. */
const leastPoints = 0.02;
const leastPart = 0.25;

export function growthOf(first: Part, second: Part): Growth {
  const halves = { firstHalf: first.share, secondHalf: second.share };
  if (first.share === null || second.share === null) return { ...halves, trend: null };
  const difference = second.share - first.share;
  if (difference === 0 || !isNotable(Math.abs(difference), Math.max(first.share, second.share)))
    return { ...halves, trend: 'same' };
  if (Math.abs(difference) < leastErrors * errorOf(first, second)) return { ...halves, trend: 'same' };
  return { ...halves, trend: difference > 0 ? 'grown' : 'fallen' };
}

function isNotable(difference: number, larger: number): boolean {
  return difference >= Math.min(leastPoints, leastPart * larger);
}

/** The standard error of the difference of two shares that are in truth the same. */
function errorOf(first: Part, second: Part): number {
  const pooled = ((first.share ?? 0) * first.of + (second.share ?? 0) * second.of) / (first.of + second.of);
  return Math.sqrt(pooled * (1 - pooled) * (1 / first.of + 1 / second.of));
}
