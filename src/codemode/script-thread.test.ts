import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { scriptedJob, scriptedThread } from '../../test/codemode/fixtures/scripted-job.ts';
import { eventually } from '../../test/support/eventually.ts';
import { ScriptThread } from './script-thread.ts';

const asked: number[] = [];
const turn = Promise.withResolvers<void>();
const thread = new ScriptThread({
  name: 'test',
  workerFile: scriptedThread,
  memoryBudgetBytes: 64 * 2 ** 20,
  memoryLimitBytes: 64 * 2 ** 20,
  unresponsiveMs: 20_000,
  turnToReply: async (bytes) => {
    asked.push(bytes);
    await turn.promise;
  },
  onLost: ({ reason }) => assert.fail(reason),
});

after(() => thread.close());

test('a script gets what a tool answered when its turn has come, by its size', async () => {
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
  turn.resolve();
  assert.equal((await ended).result, '1');
});
