/**
 * The hostile family of scripts that hold their thread, through the whole of code mode: what no script should be able to
 * do, and what then becomes of its neighbours. The thread follows instructions, so that it can be held.
 */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { createScriptPool } from '../../src/features/code-mode/index.ts';
import type { ScriptPool, ThreadLost } from '../../src/features/code-mode/index.ts';
import type { ToolResult } from '../../src/gateway/index.ts';
import { eventually } from '../support/eventually.ts';
import { says, scriptBench } from './fixtures/bench.ts';
import type { Answer, ScriptBench } from './fixtures/bench.ts';
import { scriptedThread } from './fixtures/scripted-job.ts';

/** A script of these instructions that returns `value`. */
function returning(value: number, ...instructions: unknown[]): string {
  const result = { content: [{ type: 'text', text: String(value) }] };
  return JSON.stringify([...instructions, ['return', result]]);
}

interface Held {
  readonly bench: ScriptBench;
  readonly pool: ScriptPool;
  readonly lost: ThreadLost[];
  /** The script that holds the thread. */
  readonly guilty: Promise<Answer>;
  /** Whether it has been answered. */
  isAnswered(): boolean;
}

/** One thread, and a script that holds it for `ms`, or for good. */
async function held(ms: number | undefined, scriptTimeoutMs: number): Promise<Held> {
  const lost: ThreadLost[] = [];
  const pool = createScriptPool({
    workerFile: scriptedThread,
    threads: 1,
    spareMs: 0,
    onThreadLost: (event) => lost.push(event),
  });
  after(() => pool.close());
  const bench = scriptBench({ tool: says('1') }, { pool });
  // The first waits for the thread to start, which is not of the time that the guilty one may take.
  await bench.run(returning(0));
  let answered = false;
  const isHeld = Promise.withResolvers<void>();
  const held = (): ToolResult => {
    isHeld.resolve();
    return {};
  };
  const guilty = scriptBench({ held }, { pool, scriptTimeoutMs })
    .run(returning(9, ['block', ms, 'held']))
    .finally(() => (answered = true));
  await isHeld.promise;
  return { bench, pool, lost, guilty, isAnswered: () => answered };
}

/** Runs short scripts one after the other until a second thread has answered one. */
async function untilSecondThread({ bench, pool, isAnswered }: Held): Promise<void> {
  do {
    assert.equal((await bench.run(returning(1, ['call', 'tool']))).text, '1');
    assert.equal(isAnswered(), false, 'a short script waited for as long as its thread was held');
  } while (pool.status.threads < 2);
}

describe('a script that holds its thread', () => {
  test('for some seconds keeps no new script of its neighbours, and is answered itself', async () => {
    const held6s = await held(6000, 600_000);
    await untilSecondThread(held6s);
    const { bench, pool, lost, guilty, isAnswered } = held6s;
    const neighbours = Array.from({ length: 20 }, () => bench.run(returning(2, ['call', 'tool'])));
    assert.deepEqual(new Set((await Promise.all(neighbours)).map(({ text }) => text)), new Set(['2']));
    assert.equal(isAnswered(), false);
    assert.equal((await guilty).text, '9');
    await eventually(() => assert.equal(pool.status.threads, 1));
    assert.deepEqual([lost, bench.runs.filter(({ status }) => status !== 'success')], [[], []]);
  });

  test('for good ends at scriptTimeout and costs no other: its thread is ended with it', async () => {
    const heldForGood = await held(undefined, 8000);
    await untilSecondThread(heldForGood);
    const { bench, pool, lost, guilty } = heldForGood;
    assert.match((await guilty).text, /scriptTimeout \(8 s\)/u);
    await eventually(() => assert.equal(lost.length, 1));
    assert.deepEqual(lost, [{ thread: 'vmcp-script-1', reason: 'unresponsive', scripts: 0 }]);
    assert.deepEqual([pool.status.threads, pool.status.running], [1, 0]);
    assert.equal((await bench.run(returning(3))).text, '3');
    assert.deepEqual(new Set(bench.runs.map(({ status }) => status)), new Set(['success']));
  });

  test('again and again gets no more than two threads, and its neighbours run when it has ended', async () => {
    const { bench, pool, guilty, lost } = await held(undefined, 5000);
    const more = Array.from({ length: 4 }, () =>
      scriptBench({ tool: says('1') }, { pool, scriptTimeoutMs: 5000 }).run('[["block"]]'),
    );
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, pool.status.threads)), 20);
    const neighbour = bench.run(returning(4));
    for (const { text } of await Promise.all([guilty, ...more])) assert.match(text, /scriptTimeout|replace/u);
    assert.equal((await neighbour).text, '4');
    clearInterval(watch);
    assert.equal(most, 2);
    await eventually(() => assert.ok(lost.length >= 1));
    assert.deepEqual(
      lost.map(({ scripts }) => scripts).filter((scripts) => scripts > 0),
      [],
    );
  });
});
