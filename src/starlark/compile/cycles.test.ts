import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { onCycles } from './cycles.ts';

/** By looking from each node: slow, and plain. */
function reachThemselves(edges: readonly (readonly number[])[]): number[] {
  return edges.flatMap((_, start) => {
    const seen = new Set<number>();
    const pending = [...edges[start]!];
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      if (seen.has(node)) continue;
      seen.add(node);
      pending.push(...edges[node]!);
    }
    return seen.has(start) ? [start] : [];
  });
}

test('the nodes on cycles are those that can be reached from themselves', () => {
  const graphs = fc.integer({ min: 0, max: 12 }).chain((count) =>
    fc.array(fc.array(fc.nat({ max: Math.max(0, count - 1) }), { maxLength: 3 }), {
      minLength: count,
      maxLength: count,
    }),
  );
  fc.assert(
    fc.property(graphs, (edges) => {
      assert.deepEqual(
        [...onCycles(edges)].sort((one, other) => one - other),
        reachThemselves(edges),
      );
    }),
    { numRuns: 2000, seed: 16 },
  );
});

test('a chain far longer than the stack of JavaScript is gone through', () => {
  const count = 200_000;
  const chain = Array.from({ length: count }, (_, at) => (at + 1 < count ? [at + 1] : []));
  assert.equal(onCycles(chain).size, 0);
  chain[count - 1] = [0];
  assert.equal(onCycles(chain).size, count);
});
