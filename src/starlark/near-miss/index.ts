/** What counts as a slip of typing. */
export interface Slips {
  /** A third of the word's letters may differ; so many at the least, and at the most. The last bounds what looking costs. */
  readonly least: number;
  readonly most: number;
  /** Longer words are not looked at, nor candidates of more than twice the length: none is typed by hand. */
  readonly longest: number;
}

/** For names in a script, which others of the script's may be near by chance. */
const slipsOfNames: Slips = { least: 0, most: 5, longest: 60 };

/**
 * The candidate that `word` was probably meant to be, or undefined: the same but for case and underscores, or within a few
 * slips of typing. Of equally close candidates the first wins.
 */
export function nearest(
  word: string,
  candidates: Iterable<string>,
  { least, most, longest }: Slips = slipsOfNames,
): string | undefined {
  if (word.length > longest) return undefined;
  const wanted = normalise(word);
  let best: string | undefined;
  let limit = Math.max(least, Math.min(most, Math.floor(wanted.length / 3))) + 1;
  for (const candidate of candidates) {
    if (candidate.length > 2 * longest) continue;
    const distance = editDistance(wanted, normalise(candidate), limit);
    if (distance < limit) [best, limit] = [candidate, distance];
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
