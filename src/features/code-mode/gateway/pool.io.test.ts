import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { scriptedJob, scriptedThread } from '../../../../test/codemode/fixtures/scripted-job.ts';
import type { ScriptedCall } from '../../../../test/codemode/fixtures/scripted-job.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { RunCounters } from '../shared/counters.ts';
import { createScriptPool } from './pool.ts';
import type { ScriptPool, ScriptPoolOptions } from './pool.ts';
import type { CallReply, ScriptLimits, ScriptOutcome } from '../shared/protocol.ts';
import type { ThreadLost } from './script-thread.ts';
import { StopError } from '../shared/stop.ts';

const mebibyte = 2 ** 20;
const never = new AbortController().signal;
const pools: ScriptPool[] = [];

after(async () => {
  await Promise.all(pools.map((pool) => pool.close()));
});

function poolOf(options: ScriptPoolOptions = {}): ScriptPool {
  const pool = createScriptPool({ threads: 1, workerFile: scriptedThread, ...options });
  pools.push(pool);
  return pool;
}

/** A script that holds 20 MiB until it is let go; resolves once it has said so. */
async function holding(pool: ScriptPool): Promise<{ outcome: Promise<ScriptOutcome>; letGo: () => void }> {
  const gate = Promise.withResolvers<CallReply>();
  const instructions = [
    ['hold', 20 * mebibyte],
    ['call', 'gate'],
  ];
  const outcome = pool.run(scriptedJob(instructions, { call: () => gate.promise }), never);
  await eventually(() => assert.ok(pool.status.bytesHeld >= 20 * mebibyte));
  return { outcome, letGo: () => gate.resolve({ kind: 'content', blocks: [] }) };
}

/** A tool that tells when it is called, and gives `answer`. */
function announcedCall(answer: CallReply | Promise<CallReply> = { kind: 'content', blocks: [] }): {
  readonly call: ScriptedCall;
  readonly called: Promise<void>;
} {
  const called = Promise.withResolvers<void>();
  const call: ScriptedCall = async () => {
    called.resolve();
    return await answer;
  };
  return { call, called: called.promise };
}

function codeOf(outcome: ScriptOutcome): string {
  return outcome.ok ? 'ok' : outcome.failure.code;
}

describe('a script pool', () => {
  test('runs a script and hands it the answers of its calls', async () => {
    const calls: string[] = [];
    const call: ScriptedCall = async (tool, args) => {
      calls.push(tool + args);
      return { kind: 'content', blocks: [{ text: '1' }] };
    };
    const outcome = await poolOf().run(
      scriptedJob(
        [
          ['call', 'a', { x: 1 }],
          ['return', 5],
        ],
        { call },
      ),
      never,
    );
    assert.equal(outcome.ok && outcome.result, '5');
    assert.deepEqual(calls, ['a{"x":1}']);
  });

  test('runs 500 scripts that wait for each other side by side on one thread', async () => {
    const pool = poolOf();
    let waiting = 0;
    const allWait = Promise.withResolvers<void>();
    const call: ScriptedCall = async () => {
      if (++waiting === 500) allWait.resolve();
      await allWait.promise;
      return { kind: 'content', blocks: [] };
    };
    const jobs = Array.from({ length: 500 }, () =>
      pool.run(
        scriptedJob(
          [
            ['call', 'slow'],
            ['return', 1],
          ],
          { call },
        ),
        never,
      ),
    );
    const outcomes = await Promise.all(jobs);
    assert.ok(outcomes.every((outcome) => outcome.ok));
  });

  test('sends each list of tools to a thread once, and a new one when it changes', async () => {
    const pool = poolOf();
    const first = { text: '["first"]' };
    const second = { text: '["second"]' };
    const texts: string[] = [];
    for (const each of [first, second, first]) {
      const outcome = await pool.run(scriptedJob([['catalog']], { catalog: each }), never);
      texts.push(outcome.ok ? String(outcome.result) : '');
    }
    assert.deepEqual(texts, ['["first"]', '["second"]', '["first"]']);
  });

  test('starts no more threads than it may, and one before the first script', async () => {
    const pool = poolOf({ threads: 2 });
    assert.equal(pool.status.threads, 1);
    await Promise.all([1, 2, 3, 4].map(() => pool.run(scriptedJob([['wait', 20]]), never)));
    assert.equal(pool.status.threads, 2);
    assert.equal(pool.status.running, 0);
  });
});

describe('a stopped script', () => {
  test('says itself where it was, and its calls are aborted at once', async () => {
    const stop = new AbortController();
    let aborted = false;
    const call: ScriptedCall = async (_tool, _args, signal) => {
      const heard = new Promise((resolve) => signal.addEventListener('abort', resolve));
      stop.abort(new StopError('cancelled'));
      await heard;
      aborted = true;
      return { kind: 'failed', code: 'cancelled', message: '' };
    };
    const outcome = await poolOf().run(scriptedJob([['call', 'slow']], { call }), stop.signal);
    assert.equal(outcome.ok ? 0 : outcome.failure.line, 7);
    assert.equal(aborted, true);
  });

  test('makes no call after the stop, even if its thread has not heard of it', async () => {
    const stop = new AbortController();
    let calls = 0;
    const call: ScriptedCall = async () => {
      calls++;
      stop.abort(new StopError('script_timeout'));
      return { kind: 'content', blocks: [] };
    };
    const pool = poolOf({ stopGraceMs: 200 });
    const outcome = await pool.run(
      scriptedJob([['deaf'], ['call', 'a'], ['call', 'b'], ['wait', 500]], { call }),
      stop.signal,
    );
    assert.equal(codeOf(outcome), 'script_timeout');
    assert.equal(calls, 1);
  });

  test('is answered without its thread when that does not react in time', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(new StopError('script_timeout')), 50);
    const pool = poolOf({ stopGraceMs: 100 });
    const outcome = await pool.run(scriptedJob([['deaf'], ['wait', 600_000]]), stop.signal);
    assert.ok(!outcome.ok);
    assert.deepEqual(outcome.failure, { status: 'timeout', code: 'script_timeout', limit: 'scriptTimeout' });
    assert.match(String(outcome.result), /scriptTimeout \(50 s\).*parallel/u);
  });
});

describe('the memory ceiling', () => {
  test('makes new scripts wait while those under way hold too much', async () => {
    const pool = poolOf({ memoryCeilingBytes: 10 * mebibyte });
    const order: string[] = [];
    const { outcome, letGo } = await holding(pool);
    const large = outcome.then(() => order.push('large'));
    const small = pool.run(scriptedJob([['return', 1]]), never).then(() => order.push('small'));
    assert.equal(pool.status.queued, 1);
    letGo();
    await Promise.all([large, small]);
    assert.deepEqual(order, ['large', 'small']);
  });

  test('lets a script that waits for its turn be stopped, and never starts it', async () => {
    const pool = poolOf({ memoryCeilingBytes: 10 * mebibyte });
    const { outcome, letGo } = await holding(pool);
    const stop = new AbortController();
    let calls = 0;
    const waiting = pool.run(
      scriptedJob([['call', 'a']], {
        call: async () => {
          calls++;
          return { kind: 'content', blocks: [] };
        },
      }),
      stop.signal,
    );
    stop.abort(new StopError('script_timeout'));
    assert.equal(codeOf(await waiting), 'script_timeout');
    assert.equal(pool.status.queued, 0);
    letGo();
    await outcome;
    assert.equal(calls, 0);
  });

  test('refuses a script beyond the bound of the queue at once', async () => {
    const pool = poolOf({ memoryCeilingBytes: 10 * mebibyte, maxQueued: 1 });
    const { outcome, letGo } = await holding(pool);
    const queued = pool.run(scriptedJob([['return', 1]]), never);
    assert.equal(codeOf(await pool.run(scriptedJob([['return', 1]]), never)), 'busy');
    letGo();
    assert.ok((await queued).ok);
    await outcome;
  });
});

describe('a larger memoryLimit', () => {
  test('moves new scripts to threads with room for it, and those under way end where they are', async () => {
    const pool = poolOf({ memoryLimitBytes: mebibyte });
    const catalogs: string[] = [];
    const call: ScriptedCall = async (tool) => {
      catalogs.push(tool);
      return { kind: 'content', blocks: [] };
    };
    const old = pool.run(
      scriptedJob(
        [
          ['wait', 200],
          ['call', 'old'],
          ['return', 1],
        ],
        { call },
      ),
      never,
    );
    pool.allow(mebibyte);
    assert.equal(pool.status.threads, 1);
    pool.allow(2 * mebibyte);
    const fresh = pool.run(
      scriptedJob(
        [
          ['call', 'new'],
          ['return', 2],
        ],
        { call },
      ),
      never,
    );
    assert.deepEqual([pool.status.threads, pool.status.running], [1, 2]);
    assert.deepEqual((await Promise.all([old, fresh])).map(codeOf), ['ok', 'ok']);
    assert.deepEqual(catalogs.sort(), ['new', 'old']);
    assert.equal(pool.status.running, 0);
  });
});

test('no script begins while large answers that wait hold much memory, but one whose time is over', async () => {
  const pool = poolOf();
  const events: string[] = [];
  const then = (event: string) => (): void => void events.push(event);
  const answered = Array.from({ length: 7 }, () => pool.turnToAnswer(4 * mebibyte).then(then('answered')));
  const overdue = pool.turnToBegin(performance.now() + 20).then(then('overdue'));
  const begun = pool.turnToBegin(Infinity).then(then('begun'));
  await pool.turnToAnswer(1000).then(then('small'));
  await overdue;
  await delay(50);
  assert.deepEqual([...events], ['answered', 'answered', 'small', 'overdue']);
  await begun;
  await Promise.all(answered);
  assert.ok(events.indexOf('begun') < events.lastIndexOf('answered'), String(events));
});

describe('a lost thread', () => {
  const cases: [string, string, ThreadLost['reason'], number][] = [
    // More than a thread takes to start.
    ['does not answer', 'block', 'unresponsive', 2000],
    ['throws', 'crash', 'crashed', 600_000],
    ['exits', 'exit', 'crashed', 600_000],
    ['runs out of memory', 'grow', 'out_of_memory', 600_000],
  ];
  for (const [title, instruction, reason, unresponsiveMs] of cases) {
    test(`that ${title} is replaced: its scripts are answered, never run again, and the next ones run`, async () => {
      const lost: ThreadLost[] = [];
      const pool = poolOf({
        unresponsiveMs,
        memoryCeilingBytes: 2 ** 20,
        memoryLimitBytes: 2 ** 20,
        onThreadLost: (event) => lost.push(event),
      });
      let calls = 0;
      const call: ScriptedCall = async () => {
        calls++;
        return { kind: 'content', blocks: [] };
      };
      const counters = new RunCounters();
      const guilty = pool.run(
        scriptedJob([['call', 'a'], ['wait', 300], [instruction]], { call, counters }),
        never,
      );
      const neighbour = pool.run(
        scriptedJob(
          [
            ['call', 'b'],
            ['wait', 600_000],
          ],
          { call },
        ),
        never,
      );
      const outcomes = await Promise.all([guilty, neighbour]);
      assert.deepEqual(outcomes.map(codeOf), ['thread_lost', 'thread_lost']);
      assert.equal(calls, 2);
      // What it did before still counts.
      assert.equal(counters.steps, 30);
      assert.deepEqual(lost, [{ thread: 'vmcp-script-1', reason, scripts: 2 }]);
      const next = await pool.run(scriptedJob([['return', 'alive']]), never);
      assert.equal(next.ok && next.result, '"alive"');
    });
  }

  test('loses no script that has made no call, but the one that held it: the others run anew', async () => {
    const lost: ThreadLost[] = [];
    const pool = poolOf({ unresponsiveMs: 2000, onThreadLost: (event) => lost.push(event) });
    const counters = new RunCounters();
    const bystander = pool.run(
      scriptedJob(
        [
          ['hold', 1],
          ['wait', 1000],
          ['return', 'anew'],
        ],
        { counters },
      ),
      never,
    );
    const guilty = pool.run(scriptedJob([['call', 'a'], ['block']]), never);
    const outcomes = await Promise.all([bystander, guilty]);
    assert.deepEqual(outcomes.map(codeOf), ['ok', 'thread_lost']);
    assert.deepEqual(lost, [{ thread: 'vmcp-script-1', reason: 'unresponsive', scripts: 1 }]);
    // Of the second time alone.
    assert.equal(counters.steps, 20);
  });
});

describe('a thread that is held', () => {
  /** A pool whose thread has come to this instruction of a script. */
  async function held(instruction: unknown[], options: ScriptPoolOptions = {}) {
    const lost: ThreadLost[] = [];
    const pool = poolOf({ spareMs: 0, onThreadLost: (event) => lost.push(event), ...options });
    const counters = new RunCounters();
    const stop = new AbortController();
    const job = scriptedJob([['call', 'a'], instruction, ['return', 'held']], { counters });
    const guilty = pool.run(job, stop.signal);
    // It tells so before its second instruction.
    await eventually(() => assert.equal(counters.steps, 20));
    return { pool, guilty, lost, stop };
  }

  test('gets a second one beside it, where new scripts run; it answers again and the second one ends', async () => {
    const { pool, guilty, lost } = await held(['block', 6000]);
    // The first was sent to the held thread, and waits there until that is silent.
    const waited = await pool.run(scriptedJob([['return', 1]]), never);
    assert.deepEqual([codeOf(waited), pool.status.threads, pool.status.running], ['ok', 2, 1]);
    const fresh = await pool.run(scriptedJob([['return', 2]]), never);
    assert.deepEqual([codeOf(fresh), pool.status.threads, pool.status.running], ['ok', 2, 1]);
    assert.equal(codeOf(await guilty), 'ok');
    await eventually(() => assert.equal(pool.status.threads, 1));
    assert.equal(codeOf(await pool.run(scriptedJob([['return', 3]]), never)), 'ok');
    assert.deepEqual([lost, pool.status.threads], [[], 1]);
  });

  test('is ended as soon as all of its scripts have been answered', async () => {
    const { pool, guilty, lost, stop } = await held(['block']);
    assert.equal(codeOf(await pool.run(scriptedJob([['return', 1]]), never)), 'ok');
    stop.abort(new StopError('script_timeout'));
    assert.equal(codeOf(await guilty), 'script_timeout');
    await eventually(() => assert.equal(lost.length, 1));
    assert.deepEqual(lost, [{ thread: 'vmcp-script-1', reason: 'unresponsive', scripts: 0 }]);
    assert.deepEqual([pool.status.threads, pool.status.running], [1, 0]);
  });

  test('keeps the scripts that have made calls, which go on when it does', async () => {
    const { pool, guilty } = await held(['wait', 300]);
    const neighbour = pool.run(
      scriptedJob([
        ['call', 'a'],
        ['wait', 1],
        ['return', 1],
      ]),
      never,
    );
    const holding = pool.run(
      scriptedJob([
        ['call', 'b'],
        ['block', 3000],
      ]),
      never,
    );
    assert.deepEqual((await Promise.all([guilty, neighbour, holding])).map(codeOf), ['ok', 'ok', 'ok']);
  });

  test('has new scripts wait when the second one is held too, and they run once either is free', async () => {
    const { pool, guilty, lost, stop } = await held(['block']);
    const second = pool.run(scriptedJob([['block', 4000]]), never);
    const stopSecond = new AbortController();
    const third = pool.run(scriptedJob([['block', 2000]]), stopSecond.signal);
    await eventually(() => assert.equal(pool.status.queued, 1));
    assert.equal(pool.status.threads, 2);
    assert.deepEqual((await Promise.all([second, third])).map(codeOf), ['ok', 'ok']);
    stop.abort(new StopError('cancelled'));
    assert.equal(codeOf(await guilty), 'cancelled');
    await eventually(() => assert.equal(lost.length, 1));
  });

  test('without any processor time is not taken for one: its scripts wait for it', async () => {
    const { pool, guilty, lost } = await held(['sleep', 3000]);
    const neighbour = pool.run(scriptedJob([['return', 1]]), never);
    assert.deepEqual((await Promise.all([guilty, neighbour])).map(codeOf), ['ok', 'ok']);
    assert.deepEqual([lost, pool.status.threads], [[], 1]);
  });
});

test('a thread is not silent whose answers wait behind large results in its pipe', async () => {
  const pool = poolOf();
  const pieces = Array.from({ length: 60 }, () => [
    ['block', 50],
    ['wait', 0],
  ]).flat();
  let most = 0;
  const watch = setInterval(() => (most = Math.max(most, pool.status.threads)), 20);
  const outcome = await pool.run(scriptedJob([['mute'], ...pieces]), never);
  clearInterval(watch);
  assert.deepEqual([codeOf(outcome), most], ['ok', 1]);
});

describe('a script that ignores its stop', () => {
  test('is given up within a second, and its thread goes on with the others', async () => {
    const lost: ThreadLost[] = [];
    const pool = poolOf({ onThreadLost: (event) => lost.push(event) });
    const begun = announcedCall();
    const stop = new AbortController();
    const guilty = pool.run(
      scriptedJob([['deaf'], ['hold', mebibyte], ['call', 'begun'], ['stuck']], { call: begun.call }),
      stop.signal,
    );
    const answer = Promise.withResolvers<CallReply>();
    const gate = announcedCall(answer.promise);
    const neighbour = pool.run(
      scriptedJob(
        [
          ['call', 'gate'],
          ['return', 1],
        ],
        { call: gate.call },
      ),
      never,
    );
    await Promise.all([begun.called, gate.called]);
    assert.deepEqual([pool.status.running, pool.status.bytesHeld], [2, mebibyte]);
    const stoppedAt = performance.now();
    stop.abort(new StopError('script_timeout'));
    assert.equal(codeOf(await guilty), 'script_timeout');
    // The bound; of it 0.8 s are the pool's patience.
    const tookMs = performance.now() - stoppedAt;
    assert.ok(tookMs < 1000, `${tookMs} ms`);
    assert.deepEqual([pool.status.running, pool.status.bytesHeld], [1, 0]);
    answer.resolve({ kind: 'content', blocks: [] });
    assert.equal(codeOf(await neighbour), 'ok');
    assert.deepEqual([lost, pool.status.threads], [[], 1]);
  });
});

describe('closing the pool', () => {
  test('answers what runs and what waits, ends the threads, and refuses what comes later', async () => {
    const pool = poolOf({ memoryCeilingBytes: 2 ** 20 });
    const { outcome: running } = await holding(pool);
    const queued = pool.run(scriptedJob([['return', 1]]), never);
    await pool.close();
    assert.deepEqual([codeOf(await running), codeOf(await queued)], ['cancelled', 'closed']);
    assert.equal(codeOf(await pool.run(scriptedJob([['return', 1]]), never)), 'closed');
    await pool.close();
  });
});

describe('a pool with little memory', () => {
  test('gives a script the largest memoryLimit that its threads have room for', async () => {
    const pool = poolOf({ heapBytes: 92 * mebibyte });
    const outcome = await pool.run(scriptedJob([['limits']]), never);
    const { memoryLimitBytes } = JSON.parse(String(outcome.result)) as ScriptLimits;
    assert.equal(memoryLimitBytes, 20 * mebibyte);
  });

  test('lets scripts hold together what its threads have room for, and no more', async () => {
    const pool = poolOf({ heapBytes: 92 * mebibyte });
    const first = await holding(pool);
    const second = pool.run(scriptedJob([['return', 2]]), never);
    assert.deepEqual([pool.status.running, pool.status.queued], [1, 1]);
    first.letGo();
    assert.ok((await second).ok);
    assert.ok((await first.outcome).ok);
  });
});
