import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile, createBuiltin, LateValue, List, run, scriptOptions, Thread, Tuple } from '../index.ts';
import type { Value } from '../index.ts';
import { countLive, liveBytes } from './held.ts';

test('recount finds out, while the run waits, what of the bytes held is still reachable', async () => {
  const answer = Promise.withResolvers<Value>();
  const waiting = Promise.withResolvers<void>();
  const wait = createBuiltin('wait', () => {
    waiting.resolve();
    return answer.promise;
  });
  const thread = new Thread({ maxBytes: 10_000_000 });
  const source =
    'kept = "k" * 1000000\nfor i in range(5):\n  gone = "g" * 1000000\ngone = None\nwait()\nreturn len(kept)';
  const program = compile(source, { filename: 'x', fileOptions: scriptOptions, predeclared: ['wait'] });
  const running = run(program, thread, new Map<string, Value>([['wait', wait]]));
  await waiting.promise;
  assert.ok(thread.bytesHeld > 6_000_000);
  thread.recount();
  assert.ok(thread.bytesHeld > 1_000_000 && thread.bytesHeld < 1_100_000, `${thread.bytesHeld}`);
  answer.resolve(null);
  assert.equal((await running).value, 1_000_000);
});

test('a late value counts from its arrival on as what it will hold', async () => {
  const answer = Promise.withResolvers<void>();
  const waiting = Promise.withResolvers<void>();
  let made = false;
  const give = async (thread: Thread): Promise<LateValue> => {
    await answer.promise;
    thread.charge(1_000_000);
    return new LateValue(1_000_000, () => {
      made = true;
      return 'x'.repeat(999_984);
    });
  };
  let given: Promise<LateValue> | undefined;
  const late = createBuiltin('late', (thread) => {
    waiting.resolve();
    return (given = give(thread));
  });
  const thread = new Thread({ maxBytes: 10_000_000 });
  const options = { filename: 'x', fileOptions: scriptOptions, predeclared: ['late'] };
  const program = compile('return len(late())', options);
  const running = run(program, thread, new Map<string, Value>([['late', late]]));
  await waiting.promise;
  answer.resolve();
  await given;
  thread.recount();
  assert.equal(made, false);
  assert.ok(thread.bytesHeld >= 1_000_000, `${thread.bytesHeld}`);
  assert.equal((await running).value, 999_984);
});

test('what is reachable is counted in pieces, and comes to the same', () => {
  const shared = new Tuple(['text', 1]);
  const value = new List([new List(Array.from({ length: 200_000 }, (_, i) => i)), shared, shared]);
  const pieces = Array.from(countLive([value, shared, [shared, 'root']]));
  assert.ok(pieces.length >= 3, `${pieces.length} pieces`);
  const tuple = 32 + 8 * 2 + (16 + 'text'.length);
  assert.equal(liveBytes([value, shared, [shared, 'root']]), 32 + 8 * 3 + 32 + 8 * 200_000 + tuple + 20);
});

test('what a script holds is counted anew between two slices, and others have their turn meanwhile', async () => {
  let turns = 0;
  const thread = new Thread({
    maxBytes: 16_000_000,
    yieldToHost: async () => {
      turns++;
      await Promise.resolve();
    },
  });
  const source =
    'held = zip(range(100000), range(100000))\nx = "a" * 1000000\nfor i in range(30):\n  x + x\nreturn len(held)';
  const program = compile(source, { filename: 'x', fileOptions: scriptOptions, predeclared: [] });
  assert.equal((await run(program, thread, new Map())).value, 100_000);
  assert.ok(turns >= 10, `${turns} turns`);
});
