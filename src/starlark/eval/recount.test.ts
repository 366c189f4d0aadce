import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile, createBuiltin, LateValue, run, scriptOptions, Thread } from '../index.ts';
import type { Value } from '../index.ts';

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
