/**
 * Scripts as large as they may be, one after the other, beside a neighbour whose small script is answered meanwhile. All run on
 * one script thread. The bound holds on two cores that do nothing else; bench/starlark/large.ts tells apart what each costs.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { scriptBench } from '../codemode/fixtures/bench.ts';
import { assertOutcome, hostileLimits } from '../codemode/fixtures/hostile.ts';
import { labTools } from '../codemode/fixtures/lab-tools.ts';
import { largeScripts } from '../codemode/fixtures/large-scripts.ts';

const mostMs = 100;
const rounds = 3;

describe('beside scripts as large as they may be', () => {
  const bench = scriptBench(labTools, { ...hostileLimits, scriptTimeoutMs: 900_000 });

  test(`a small script is answered within ${mostMs} ms, 99 times of 100`, async (context) => {
    const neighbour = await measureNeighbour(async () => {
      for (let round = 0; round < rounds; round++) {
        for (const large of largeScripts()) {
          bench.runs.length = 0;
          const { texts } = await bench.run(large.script);
          const run = bench.runs.find(({ scriptHash }) => scriptHash !== smallHash);
          assertOutcome(large, run ?? { status: 'none' }, texts);
        }
      }
    });
    const sorted = neighbour.toSorted((one, other) => one - other);
    const p99 = sorted[Math.floor(sorted.length * 0.99)]!;
    const median = sorted[sorted.length >> 1]!;
    const [p50, most] = [median.toFixed(1), sorted.at(-1)!.toFixed(1)];
    context.diagnostic(
      `${sorted.length} answers: p50 ${p50} ms, p99 ${p99.toFixed(1)} ms, at most ${most} ms`,
    );
    assert.ok(p99 < mostMs, `p99 is ${p99} ms`);
    assert.equal(bench.pool.status.threads, 1);
  });

  const small = 'return lab_ok(x = 1)["x"] + 1';
  let smallHash = '';

  /** How long each of the small scripts took that ran one after the other during `act`, in ms. */
  async function measureNeighbour(act: () => Promise<void>): Promise<number[]> {
    await bench.run(small);
    smallHash = bench.runs[0]!.scriptHash;
    const took: number[] = [];
    const acting = { over: false };
    const done = act().finally(() => (acting.over = true));
    while (!acting.over) {
      const start = performance.now();
      assert.equal((await bench.run(small)).value, 2);
      took.push(performance.now() - start);
      await pause(5);
    }
    await done;
    return took;
  }
});
