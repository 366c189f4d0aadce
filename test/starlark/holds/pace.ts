/**
 * How quick this machine is now. What an element takes differs by machine, and by what else runs on it, so that it is held
 * against work of known size, done beside what is measured.
 */

/** What an element takes where the costs were measured, in ms: see `Thread.work`. */
const nominalMs = 8e-6;

/** The work below, and what it comes to in elements: what it took there, by the time of one element. */
const entries = 8192;
const elements = 80_000;

/** How many times as long as there work takes here and now, the best of a few; 1 at the least. */
export function pace(): number {
  let least = Infinity;
  for (let run = 0; run < 3; run++) {
    const began = performance.now();
    work();
    least = Math.min(least, performance.now() - began);
  }
  return Math.max(1, least / (elements * nominalMs));
}

/** Entries of a table, texts that are made of others, and new values: what built-in functions do. */
function work(): void {
  const table = new Map<string, readonly number[]>();
  const texts: string[] = [];
  for (let i = 0; i < entries; i++) {
    const name = `k${i}`;
    table.set(name, [i, i + 1]);
    texts.push(name);
  }
  let sum = texts.join(',').length;
  for (const [first] of table.values()) sum += first!;
  if (sum === 0) throw new Error('nothing was done');
}
