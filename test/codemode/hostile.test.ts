/** The hostile corpus over a gateway in memory: every script has its outcome, and no thread is ever lost to one. */
import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { after, before, describe, test } from 'node:test';
import { createScriptPool } from '../../src/features/code-mode/index.ts';
import { scriptBench } from './fixtures/bench.ts';
import { assertOutcome, hostileLimits, hostileScripts } from './fixtures/hostile.ts';
import { labTools } from './fixtures/lab-tools.ts';
import { largeScripts } from './fixtures/large-scripts.ts';

const lost: unknown[] = [];
const pool = createScriptPool({ onThreadLost: (event) => void lost.push(event) });
after(() => pool.close());
const bench = scriptBench(labTools, { pool, ...hostileLimits });

/** Of the scripts as large as may be, one of each kind; the soak runs them all. */
const everyRun: ReadonlySet<string> = new Set([
  'assignments',
  'loops over results',
  'comprehensions',
  'lambdas',
  'lambdas that wait',
  'functions within functions',
  'calls of one name',
  'entries of one dict',
  'f-strings',
  'attempts',
  'operators in a row',
  'brackets',
]);

describe('a hostile script', { concurrency: 4 }, () => {
  before(async () => void (await bench.run('return 1')));

  for (const hostile of [...hostileScripts(), ...largeScripts().filter(({ name }) => everyRun.has(name))]) {
    test(`${hostile.name}: ${hostile.title}`, async () => {
      // Who only waits for tools ends by the clock; who computes must meet another limit, however slow the machine.
      const scriptTimeoutMs = hostile.outcomes.some((each) => each.startsWith('timeout')) ? 10_000 : 900_000;
      const own = scriptBench(labTools, { pool, ...hostileLimits, scriptTimeoutMs });
      const { texts } = await own.run(hostile.script);
      assert.equal(own.runs.length, 1);
      assertOutcome(hostile, own.runs[0] ?? { status: 'none' }, texts);
      assert.equal(own.inner.calls.length, own.runs[0]?.toolCalls);
    });
  }

  test('harms no other: a script runs as before, and no thread was lost', async () => {
    assert.equal((await bench.run('return lab_ok(x = 1)["x"] + 1')).value, 2);
    assert.deepEqual(lost, []);
    // On a busy machine a second one beside it, while that was held for half a second.
    const maxThreads = Math.max(1, availableParallelism() - 1);
    assert.ok(pool.status.threads <= 2 * maxThreads, `${pool.status.threads} threads`);
  });
});
