import { nearest, type Slips } from '../starlark/near-miss/index.ts';

/** For words that people write into files and command lines, and clients send: candidates are few, and known to both. */
const slips: Slips = { least: 1, most: 3, longest: Infinity };

/**
 * The candidate that the author of a misspelt word most likely meant, or undefined when none is close: see {@link nearest}.
 * A word may be of any length: clients choose it, and only candidates of nearly the same length are looked at.
 */
export function nearMiss(word: string, candidates: Iterable<string>): string | undefined {
  return nearest(word, candidates, slips);
}

/** ` Did you mean "x"?` with its leading space, or the empty string when nothing is close. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const candidate = nearMiss(word, candidates);
  return candidate === undefined ? '' : ` Did you mean "${candidate}"?`;
}
