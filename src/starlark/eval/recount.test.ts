import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile, createBuiltin, run, scriptOptions, Thread } from '../index.ts';
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
