/** The candidate that `word` was probably meant to be, or undefined: case apart, or within a few slips of typing. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = normalise(word);
  let best: string | undefined;
  let bestDistance = Math.floor(wanted.length / 3) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, normalise(candidate), bestDistance);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function normalise(word: string): string {
  return word.slice(0, 100).toLowerCase().replaceAll('_', '');
}

/** How many insertions, deletions, replacements and swaps of neighbours part two words; at most `limit`. */
function editDistance(x: string, y: string, limit: number): number {
  if (Math.abs(x.length - y.length) >= limit) return limit;
  let before: number[] = [];
  let row = Array.from({ length: y.length + 1 }, (_, j) => j);
  for (let i = 0; i < x.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < y.length; j++) {
      const replaced = (row[j] as number) + (x[i] === y[j] ? 0 : 1);
      const swapped =
        j > 0 && x[i] === y[j - 1] && x[i - 1] === y[j] ? (before[j - 1] as number) + 1 : Infinity;
      next.push(Math.min(replaced, swapped, (row[j + 1] as number) + 1, (next[j] as number) + 1));
    }
    [before, row] = [row, next];
  }
  return Math.min(row[y.length] as number, limit);
}
