/**
 * The candidate that the author of a misspelt word most likely meant, or undefined when none is close.
 * Close means: equal but for case, or within a third of the word's length in edits (one at least, three at most),
 * a swap of two neighbours counting as one edit. Of equally close candidates the first wins. A word may be of any length:
 * clients choose it, and only candidates of nearly the same length are looked at.
 */
export function nearMiss(word: string, candidates: Iterable<string>): string | undefined {
  const limit = Math.min(3, Math.max(1, Math.floor(word.length / 3)));
  const folded = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > limit) continue;
    const distance = editDistance(folded, candidate.toLowerCase(), limit);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** ` Did you mean "x"?` with its leading space, or the empty string when nothing is close. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const candidate = nearMiss(word, candidates);
  return candidate === undefined ? '' : ` Did you mean "${candidate}"?`;
}

/**
 * Optimal string alignment: insertions, deletions, replacements and swaps of neighbours, one each. Beyond `limit` it is
 * only known to be greater.
 */
function editDistance(left: string, right: string, limit: number): number {
  const beyond = limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, index) => Math.min(index, beyond));
  let leastOfLast = 0;
  for (let row = 1; row <= left.length; row++) {
    const current = Array.from({ length: right.length + 1 }, () => beyond);
    current[0] = Math.min(row, beyond);
    let least = current[0];
    // Only cells near the diagonal can be within the limit.
    for (let column = Math.max(1, row - limit); column <= Math.min(right.length, row + limit); column++) {
      const same = left[row - 1] === right[column - 1];
      let cost = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
        beyond,
      );
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (swapped) cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      current[column] = cost;
      if (cost < least) least = cost;
    }
    // A swap reaches back two rows.
    if (leastOfLast > limit && least > limit) return beyond;
    leastOfLast = least;
    beforeLast = last;
    last = current;
  }
  return last[right.length] ?? 0;
}
