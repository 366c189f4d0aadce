import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { families, largestScript } from '../../../test/starlark/large/families.ts';
import { compile, compileOn, createBuiltin, List, run, scriptOptions } from '../index.ts';
import { StarlarkError, Thread, type Value } from '../index.ts';

const handedIn = new Map<string, Value>([
  ['xs', new List([])],
  ['wait', createBuiltin('wait', () => Promise.resolve(new List([])))],
]);
const options = { filename: 'slices.star', fileOptions: scriptOptions, predeclared: [...handedIn.keys()] };

/** A run whose clock goes on by a millisecond with each look at it; counts how often it gives way. */
function watchedThread(): { thread: Thread; pauses: () => number } {
  let [now, pauses] = [0, 0];
  const thread = new Thread({
    sliceMs: 1,
    clockMs: () => now++,
    yieldToHost: () => Promise.resolve(void pauses++),
  });
  return { thread, pauses: () => pauses };
}

describe('compiling on the account of a run', () => {
  test('gives way again and again while a large program is read, and while its code is made', async () => {
    for (const name of ['assignments', 'loops over results', 'dicts']) {
      const { thread, pauses } = watchedThread();
      const program = await compileOn(thread, families[name]!(largestScript), options);
      const read = pauses();
      assert.ok(read > 50, `${name}: gave way ${read} times`);
      await run(program, thread, handedIn);
      assert.ok(pauses() - read > 20, `${name}: gave way ${pauses() - read} times`);
    }
  });

  test('gives way within blocks too', async () => {
    const { thread, pauses } = watchedThread();
    const lines = Array.from({ length: 20_000 }, (_, at) => `    v${at}=1\n`).join('');
    await compileOn(thread, `def f():\n  if xs:\n${lines}`, options);
    assert.ok(pauses() > 50, `gave way ${pauses()} times`);
  });

  test('does not give way for a program as they are written', async () => {
    const { thread, pauses } = watchedThread();
    await compileOn(thread, families['loops over results']!(2000), options);
    assert.equal(pauses(), 0);
  });

  test('ends when the run is cancelled', async () => {
    const { thread } = watchedThread();
    const compiling = compileOn(thread, families['assignments']!(largestScript), options);
    thread.cancel(new StarlarkError('cancelled', 'stopped'));
    await assert.rejects(compiling, { code: 'cancelled', message: 'stopped' });
  });

  test('counts as work of the run’s, and takes no steps of a single program', async () => {
    const text = families['assignments']!(largestScript);
    const alone = new Thread();
    await run(compile(text, options), alone, handedIn);
    const { thread } = watchedThread();
    let work = 0;
    const count = thread.work.bind(thread);
    thread.work = (elements) => {
      work += elements;
      count(elements);
    };
    await run(await compileOn(thread, text, options), thread, handedIn);
    assert.equal(thread.steps, alone.steps);
    assert.ok(work > 10 * text.length, `${work} elements`);
  });
});
