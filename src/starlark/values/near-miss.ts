/** No more slips than these are forgiven, however long the word: what it costs to look is bounded so. */
const mostSlips = 5;
/** A longer name is not typed by hand. */
const longestWord = 60;

/** The candidate that `word` was probably meant to be, or undefined: case apart, or within a few slips of typing. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > longestWord) return undefined;
  const wanted = normalise(word);
  let best: string | undefined;
  let bestDistance = Math.min(mostSlips, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    if (candidate.length > 2 * longestWord) continue;
    const distance = editDistance(wanted, normalise(candidate), bestDistance);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function normalise(word: string): string {
  return word.toLowerCase().replaceAll('_', '');
}

/** How many insertions, deletions, replacements and swaps of neighbours part two words; at most `limit`. */
function editDistance(x: string, y: string, limit: number): number {
  if (Math.abs(x.length - y.length) >= limit) return limit;
  const width = y.length + 1;
  let [before, row, next] = [new Uint8Array(width), new Uint8Array(width), new Uint8Array(width)];
  for (let j = 0; j < width; j++) row[j] = Math.min(j, limit);
  let leastBefore = 0;
  for (let i = 0; i < x.length; i++) {
    next.fill(limit);
    next[0] = Math.min(i + 1, limit);
    let least = next[0];
    // Only cells near the diagonal can be below the limit.
    for (let j = Math.max(0, i - limit); j < Math.min(y.length, i + limit + 1); j++) {
      let distance = row[j]! + (x[i] === y[j] ? 0 : 1);
      if (j > 0 && x[i] === y[j - 1] && x[i - 1] === y[j]) distance = Math.min(distance, before[j - 1]! + 1);
      distance = Math.min(distance, row[j + 1]! + 1, next[j]! + 1, limit);
      next[j + 1] = distance;
      if (distance < least) least = distance;
    }
    // A swap reaches back two rows.
    if (least >= limit && leastBefore >= limit) return limit;
    leastBefore = least;
    [before, row, next] = [row, next, before];
  }
  return row[y.length]!;
}
