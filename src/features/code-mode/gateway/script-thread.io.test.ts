import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { scriptedJob } from '../../../../test/codemode/fixtures/scripted-job.ts';
import { threadBench } from '../../../../test/codemode/fixtures/thread-bench.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { defaultLimits } from '../defaults.ts';
import type { ScriptJob } from './script-thread.ts';

test('a script gets what a tool answered when its turn has come, by its size', async () => {
  const { thread, asked, go } = threadBench();
  const block = { text: 'x'.repeat(5000) };
  const instructions = [
    ['call', 'page'],
    ['return', 1],
  ];
  const job = scriptedJob(instructions, { call: async () => ({ kind: 'content', blocks: [block] }) });
  let hasEnded = false;
  const ended = thread.start(job).outcome.then((outcome) => {
    hasEnded = true;
    return outcome;
  });
  await eventually(() => assert.equal(asked.length, 1));
  assert.ok((asked[0] ?? 0) > 5000);
  // What is sent arrives in order: had the answer been, the first script would end before this one.
  await thread.start(scriptedJob([['return', 2]])).outcome;
  assert.equal(hasEnded, false);
  go();
  assert.equal((await ended)?.result, '1');
});

/** Of real scripts, on the thread of `worker.ts`. */
function realJob(script: string): ScriptJob {
  return { ...scriptedJob([]), script, limits: { ...defaultLimits, stepLimit: 1e12 } };
}

describe('a run that was given up', () => {
  test('takes neither time nor memory from those that its thread goes on with', async () => {
    const { thread } = threadBench({
      workerFile: new URL('../script/worker.ts', import.meta.url),
      memoryBudgetBytes: 8_000_000,
    });
    const holding = (kilobytes: number): string =>
      `xs = ["x" * 1000 + str(i) for i in range(${kilobytes})]\n`;
    const endless = realJob(`${holding(3000)}for i in range(1 << 50):\n  pass`);
    const started = thread.start(endless);
    await eventually(() => assert.ok(endless.counters.bytesHeld > 3_000_000));
    started.giveUp();
    assert.deepEqual([thread.running, thread.bytesHeld(0)], [0, 0]);
    // Had the thread kept the other, this one would be ended: it is the larger, and together they outgrow what it has.
    const outcome = await thread.start(realJob(`${holding(6000)}return len(xs)`)).outcome;
    assert.ok(outcome?.ok === true, JSON.stringify(outcome));
    const { steps } = endless.counters;
    await thread.start(realJob('for i in range(100000):\n  pass')).outcome;
    assert.equal(endless.counters.steps, steps);
  });
});
