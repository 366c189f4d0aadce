/** A script thread that has to be replaced: its scripts are answered and counted, each exactly, and never run again. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { createScriptPool } from '../../src/features/code-mode/index.ts';
import { says, scriptBench } from './fixtures/bench.ts';
import { scriptedThread } from './fixtures/scripted-job.ts';

describe('a run whose thread is lost', () => {
  for (const end of ['block', 'exit', 'crash']) {
    test(`by ${end} is an error result, one record with the calls and branches that were made, and runs once`, async () => {
      // More than a thread takes to start.
      const unresponsiveMs = end === 'block' ? 2000 : 600_000;
      const pool = createScriptPool({ workerFile: scriptedThread, threads: 1, unresponsiveMs });
      after(() => pool.close());
      const bench = scriptBench({ tool: says('1') }, { pool });
      const script = JSON.stringify([['call', 'tool'], ['call', 'tool'], ['wait', 100], [end]]);
      const [guilty, neighbour] = await Promise.all([
        bench.run(script),
        bench.run(
          JSON.stringify([
            ['call', 'tool'],
            ['wait', 600_000],
          ]),
        ),
      ]);
      for (const { isError, text } of [guilty, neighbour]) {
        assert.equal(isError, true);
        assert.match(text, /replace the thread[^]*not run again/u);
      }
      const records = bench.runs
        .map(({ status, errorCode, toolCalls }) => [status, errorCode, toolCalls] as const)
        .toSorted((a, b) => a[2] - b[2]);
      assert.deepEqual(records, [
        ['error', 'thread_lost', 1],
        ['error', 'thread_lost', 2],
      ]);
      // The thread said before each instruction how many branches there were so far: here, one for each.
      assert.deepEqual(
        bench.runs.map((run) => run.parallelBranches).toSorted((a, b) => a - b),
        [2, 4],
      );
      assert.equal(bench.inner.calls.length, 3);
    });
  }
});
