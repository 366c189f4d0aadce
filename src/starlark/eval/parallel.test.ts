import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  compile,
  createBuiltin,
  encodeJson,
  run,
  scriptBuiltins,
  scriptOptions,
  StarlarkError,
  Thread,
  type ThreadOptions,
  type Value,
} from '../index.ts';

/** Host calls that complete when the test says so: `wait("name")` waits, `finish(name)` answers it with its name. */
function createHost(): {
  wait: Value;
  under: () => string[];
  cancelled: string[];
  finish(name: string, outcome?: Error): Promise<void>;
} {
  const waiting = new Map<string, { resolve(value: Value): void; reject(error: Error): void }>();
  const cancelled: string[] = [];
  const wait = createBuiltin('wait', (thread, [name]) => {
    thread.onCancel(() => {
      waiting.delete(name as string);
      cancelled.push(name as string);
    });
    return new Promise((resolve, reject) => waiting.set(name as string, { resolve, reject }));
  });
  return {
    wait,
    cancelled,
    under: () => [...waiting.keys()],
    async finish(name, outcome) {
      await turn();
      const call = waiting.get(name);
      assert.ok(call, `${name} is not under way, but ${[...waiting.keys()].join(', ')}`);
      waiting.delete(name);
      if (outcome === undefined) call.resolve(name);
      else call.reject(outcome);
      await turn();
    },
  };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function start(
  source: string,
  host: { wait: Value },
  options: ThreadOptions = {},
): { thread: Thread; done: Promise<string>; lines: string[] } {
  const predeclared = new Map<string, Value>([...scriptBuiltins(), ['wait', host.wait]]);
  const program = compile(source, {
    filename: 't.star',
    fileOptions: scriptOptions,
    predeclared: predeclared.keys(),
  });
  const lines: string[] = [];
  const thread = new Thread({ print: (line) => lines.push(line), ...options });
  const done = run(program, thread, predeclared).then(
    ({ value }) => encodeJson(value),
    (error: unknown) => {
      assert.ok(error instanceof StarlarkError, String(error));
      return `${error.code}: ${error.message}`;
    },
  );
  return { thread, done, lines };
}

describe('parallel', () => {
  test('returns results in the order of the list, in whichever order the host answers', async () => {
    const host = createHost();
    const { done } = start(
      'return parallel([lambda: wait("a"), lambda: wait("b"), lambda: wait("c")])',
      host,
    );
    await host.finish('c');
    await host.finish('a');
    await host.finish('b');
    assert.equal(await done, '["a","b","c"]');
  });

  test('takes branches that wait for nothing, and none at all', async () => {
    const { done } = start(
      'return [parallel([]), parallel([lambda: 1, len_of_nothing])]'.replace('len_of_nothing', 'list'),
      createHost(),
    );
    assert.equal(await done, '[[],[1,[]]]');
  });

  test('prints in the order of the list', async () => {
    const host = createHost();
    const source = `
def f(name):
    print(name, 1)
    wait(name)
    print(name, 2)
print("before")
parallel([lambda: f("a"), lambda: f("b")])
print("after")
`;
    const { done, lines } = start(source, host);
    await host.finish('b');
    await host.finish('a');
    await done;
    assert.deepEqual(lines, ['before', 'a 1', 'a 2', 'b 1', 'b 2', 'after']);
  });

  test('fails with the error of the branch that failed first, and tells its siblings', async () => {
    const host = createHost();
    const { done } = start(
      'return parallel([lambda: wait("a"), lambda: wait("b"), lambda: wait("c")])',
      host,
    );
    await host.finish('b', new Error('b is broken'));
    assert.equal(await done, 'host: b is broken');
    assert.deepEqual(host.cancelled, ['a', 'c']);
  });

  test('keeps the traceback of the branch', async () => {
    const host = createHost();
    const predeclared = new Map<string, Value>([...scriptBuiltins(), ['wait', host.wait]]);
    const source = 'def f():\n  return [][0]\nparallel([f])';
    const program = compile(source, {
      filename: 't.star',
      fileOptions: scriptOptions,
      predeclared: predeclared.keys(),
    });
    await assert.rejects(run(program, new Thread(), predeclared), (error: unknown) => {
      assert.ok(error instanceof StarlarkError);
      assert.deepEqual(
        error.frames.map(({ name, span }) => `${name}:${span.line}`),
        ['<toplevel>:3', 'f:2'],
      );
      return true;
    });
  });

  test('with on_error = "collect" gives each outcome, as attempt does', async () => {
    const host = createHost();
    const source =
      'return parallel([lambda: wait("a"), lambda: wait("b"), lambda: 1 // 0], on_error = "collect")';
    const { done } = start(source, host);
    await host.finish('a', new Error('a is broken'));
    await host.finish('b');
    assert.equal(
      await done,
      '[{"ok":false,"error":"a is broken"},{"ok":true,"value":"b"},{"ok":false,"error":"floored division by zero"}]',
    );
  });

  test('has no more branches under way than are allowed, nested ones included', async () => {
    const host = createHost();
    const source = `
def inner(name):
    return parallel([lambda: wait(name + "1"), lambda: wait(name + "2")]) + [wait(name + "3")]
return parallel([lambda: inner("a"), lambda: inner("b"), lambda: wait("c")])
`;
    const { done, thread } = start(source, host, { maxParallel: 2 });
    const finished: string[] = [];
    for (let guard = 0; guard < 20; guard++) {
      await turn();
      assert.ok(host.under().length <= 2, host.under().join());
      const next = host.under()[0];
      if (next === undefined) break;
      finished.push(next);
      await host.finish(next);
    }
    assert.equal(await done, '[["a1","a2","a3"],["b1","b2","b3"],"c"]');
    assert.equal(finished.length, 7);
    assert.equal(thread.parallelBranches, 7);
  });

  test('with a cap of one still runs nested branches', async () => {
    const host = createHost();
    const { done } = start('return parallel([lambda: parallel([lambda: wait("a")])])', host, {
      maxParallel: 1,
    });
    await host.finish('a');
    assert.equal(await done, '[["a"]]');
  });

  test('never begins the branches that a failure overtakes', async () => {
    const host = createHost();
    const { done } = start('return parallel([lambda: wait("a"), lambda: wait("b")])', host, {
      maxParallel: 1,
    });
    await host.finish('a', new Error('a is broken'));
    assert.equal(await done, 'host: a is broken');
    assert.deepEqual(host.under(), []);
  });

  test('ends branches of branches when an outer one fails', async () => {
    const host = createHost();
    const source =
      'return parallel([lambda: parallel([lambda: wait("a"), lambda: wait("b")]), lambda: wait("c")])';
    const { done } = start(source, host);
    await host.finish('c', new Error('c is broken'));
    assert.equal(await done, 'host: c is broken');
    assert.deepEqual(host.cancelled.sort(), ['a', 'b']);
  });

  test('under attempt leaves a list that a branch was going through free to change', async () => {
    const host = createHost();
    const source = `
xs = [1, 2]
def f():
    for x in xs:
        wait("f")
r = attempt(lambda: parallel([f, lambda: wait("g")]))
xs.append(3)
return [r["error"], xs]
`;
    const { done } = start(source, host);
    await host.finish('g', new Error('g is broken'));
    assert.equal(await done, '["g is broken",[1,2,3]]');
  });

  test('a long computation in one branch is not interleaved with another', async () => {
    const host = createHost();
    const source = `
log = []
def busy():
    wait("busy")
    log.append("begin")
    for i in range(300000):
        pass
    log.append("end")
def other():
    wait("other")
    log.append("other")
parallel([busy, other])
return log
`;
    const { done } = start(source, host, { sliceMs: 0, yieldToHost: turn });
    await turn();
    const busy = host.finish('busy');
    await host.finish('other');
    await busy;
    assert.equal(await done, '["begin","end","other"]');
  });

  test('runs the same way whenever the host answers in the same order', async () => {
    const source = `
log = []
def f(name):
    for i in range(3):
        log.append(wait(name + str(i)))
    return len(log)
return [parallel([lambda: f("a"), lambda: f("b")]), log]
`;
    const order = ['b0', 'a0', 'b1', 'b2', 'a1', 'a2'];
    const seen = new Set<string>();
    for (let round = 0; round < 3; round++) {
      const host = createHost();
      const { done } = start(source, host, { sliceMs: round });
      for (const name of order) await host.finish(name);
      seen.add(await done);
    }
    assert.deepEqual([...seen], [`[[6,4],${JSON.stringify(order)}]`]);
  });

  test('refuses what cannot be called', async () => {
    const host = createHost();
    assert.match(
      await start('parallel([wait("a")])'.replace('wait("a")', '1'), host).done,
      /^type: parallel: got int, want a function/,
    );
    assert.match(
      await start('parallel(lambda: 1)', host).done,
      /^type: parallel: got function, want one list/,
    );
    assert.match(
      await start('parallel([], on_error = "ignore")', host).done,
      /^value: parallel: on_error must be/,
    );
  });
});

describe('attempt', () => {
  test('returns the value, or the message of the error', async () => {
    const host = createHost();
    const source =
      'return [attempt(lambda: 1), attempt(lambda: {}["x"]), attempt(lambda: fail("no")), attempt(lambda: wait("a"))]';
    const { done } = start(source, host);
    await host.finish('a', new Error('a is broken'));
    assert.equal(
      await done,
      '[{"ok":true,"value":1},{"ok":false,"error":"key \\"x\\" not in dict"},{"ok":false,"error":"fail: no"},{"ok":false,"error":"a is broken"}]',
    );
  });

  test('leaves a list that the failed call was going through free to change', async () => {
    const source =
      'xs = [1]\ndef f():\n  for x in xs:\n    y = [fail() for z in xs]\nattempt(f)\nxs.append(2)\nreturn xs';
    assert.equal(await start(source, createHost()).done, '[1,2]');
  });
});
