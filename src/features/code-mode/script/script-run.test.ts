import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { collectGarbage } from '../../../../test/support/memory.ts';
import { ToolSet } from './bindings.ts';
import type { RunMessage } from '../shared/protocol.ts';
import { ScriptRun } from './script-run.ts';

const toolSet = new ToolSet(
  JSON.stringify([{ name: 'page', identifier: 'page', description: '', inputSchema: { type: 'object' } }]),
);
const pages = 12;
const rows = 5_000;
const page = Buffer.from(
  JSON.stringify(
    JSON.stringify(Array.from({ length: rows }, (_, number) => ({ number, title: 'x'.repeat(75) }))),
  ),
);

function message(script: string): RunMessage {
  return {
    type: 'run',
    runId: 1,
    catalogId: 1,
    script,
    data: '{}',
    limits: {
      stepLimit: 1_000_000,
      memoryLimitBytes: 64 * 2 ** 20,
      maxToolCalls: pages,
      parallelMaxConcurrency: 4,
      maxResultBytes: 1_000,
      scriptTimeoutMs: 60_000,
      toolCallTimeoutMs: 60_000,
    },
  };
}

/** Runs a script whose calls each wait for two collections of the young generation; the heap used at each of the calls. */
async function run(script: string): Promise<number[]> {
  const used: number[] = [];
  const reply = async (callId: number): Promise<void> => {
    await turn();
    for (let i = 0; i < 2; i++) collectGarbage({ type: 'minor' });
    used.push(process.memoryUsage().heapUsed);
    scriptRun.reply(callId, { kind: 'content', blocks: [{ jsonString: page.toString() }] });
  };
  const scriptRun = new ScriptRun(message(script), toolSet, {
    send: (sent) => sent.type === 'call' && void reply(sent.callId),
    moved: () => undefined,
    giveWay: () => turn(),
    rest: () => undefined,
    hasGrown: () => undefined,
  });
  const outcome = await scriptRun.run();
  assert.ok(outcome.ok, JSON.stringify(outcome));
  assert.match(JSON.stringify(outcome.result), new RegExp(`${pages * rows}`, 'u'));
  return used;
}

test('collections of the young generation free what slow tools answered and the script needs no more', async () => {
  const ways = {
    'in a loop': 'n += len(page())',
    'in a branch': 'n += len(parallel([page])[0])',
    'in a function': 'n += count()',
  };
  for (const [way, statement] of Object.entries(ways)) {
    const used = await run(
      `def count():\n  rows = page()\n  return len(rows)\n\nn = 0\nfor i in range(${pages}):\n  ${statement}\nreturn n`,
    );
    // Each page is half a megabyte of text, and 1.4 as a value.
    const grown = used.slice(1).map((bytes, at) => bytes - (used[at] ?? 0));
    const median = grown.toSorted((a, b) => a - b)[Math.floor(grown.length / 2)] ?? Infinity;
    assert.ok(median < 2 ** 17, `${way}: from call to call, there were more bytes by ${grown.join(' ')}`);
  }
});
