import { noKwargs } from './callable.ts';
import type { StarlarkFunction } from './function.ts';
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import {
  compile,
  createBuiltin,
  encodeJson,
  List,
  run,
  scriptBuiltins,
  scriptOptions,
  StarlarkError,
  Thread,
  type ThreadOptions,
  type Value,
} from '../index.ts';

/** Functions of the host's: `wait(name)` is answered when the test says so, `note(name)` at once. */
class Host {
  readonly log: string[] = [];
  readonly #answers = new Map<string, (outcome: Value | Error) => void>();

  readonly builtins: ReadonlyMap<string, Value> = new Map([
    ['wait', createBuiltin('wait', (thread, [name]) => this.#wait(thread, String(name)))],
    ['note', createBuiltin('note', (_, [name]) => this.log.push(String(name)))],
    ['stop', createBuiltin('stop', stop)],
  ]);

  answer(name: string, outcome: Value | Error = null): void {
    const settle = this.#answers.get(name);
    assert.ok(settle, `${name} is not under way`);
    this.#answers.delete(name);
    settle(outcome);
  }

  get under(): string[] {
    return [...this.#answers.keys()];
  }

  #wait(thread: Thread, name: string): Promise<Value> {
    this.log.push(name);
    thread.onCancel(() => {
      this.log.push(`${name} cancelled`);
      this.#answers.delete(name);
    });
    return new Promise((resolve, reject) =>
      this.#answers.set(name, (outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome))),
    );
  }
}

function stop(thread: Thread): Value {
  thread.cancel(new Error('stopped'));
  return null;
}

interface Started {
  readonly thread: Thread;
  readonly lines: readonly string[];
  /** The value as JSON, or the error's code and message. */
  readonly done: Promise<string>;
}

function start(
  source: string,
  builtins: Iterable<readonly [string, Value]>,
  options: ThreadOptions = {},
): Started {
  const lines: string[] = [];
  const thread = new Thread({ print: (line) => lines.push(line), ...options });
  const predeclared = new Map<string, Value>([...scriptBuiltins(), ...builtins]);
  const program = compile(source, {
    filename: 't.star',
    fileOptions: scriptOptions,
    predeclared: predeclared.keys(),
  });
  const done = run(program, thread, predeclared).then(
    ({ value }) => encodeJson(value),
    (error: unknown) => {
      assert.ok(error instanceof StarlarkError, String(error));
      return `${error.code}: ${error.message}`;
    },
  );
  return { thread, lines, done };
}

describe('when a branch fails', () => {
  const inner = 'def inner():\n  return parallel([lambda: note("1"), lambda: note("2")])\n';

  test('a branch ends whose own branches have not begun', async () => {
    const host = new Host();
    const source = `${inner}def boom():\n  fail("x")\nreturn parallel([inner, boom])`;
    for (const maxParallel of [1, 2, 10]) {
      assert.equal(await start(source, host.builtins, { maxParallel }).done, 'fail: fail: x');
    }
    assert.deepEqual(host.log, []);
  });

  test('and errors are collected within another, that one does not go on with what it collected', async () => {
    const host = new Host();
    const source = `
def inner():
  parallel([lambda: note("branch")], on_error = "collect")
  note("went on")
def boom():
  fail("x")
return parallel([inner, boom])`;
    assert.equal(await start(source, host.builtins, { maxParallel: 1 }).done, 'fail: fail: x');
    assert.deepEqual(host.log, []);
  });

  test('while another is about to catch an error of its own branches, that one does not go on', async () => {
    const host = new Host();
    const source = `
def inner():
  attempt(lambda: parallel([lambda: wait("a"), lambda: wait("b")]))
  note("went on")
return parallel([inner, lambda: wait("c")])`;
    const { done } = start(source, host.builtins);
    await turn();
    host.answer('a', new Error('a failed'));
    host.answer('c', new Error('c failed'));
    assert.equal(await done, 'host: c failed');
    assert.deepEqual(host.log, ['c', 'a', 'b', 'b cancelled']);
  });

  test('a branch that was answered in the same moment does not go on', async () => {
    const host = new Host();
    const { done } = start(
      'return parallel([lambda: wait("a"), lambda: [wait("b"), note("went on")]])',
      host.builtins,
    );
    await turn();
    host.answer('a', new Error('a failed'));
    host.answer('b');
    assert.equal(await done, 'host: a failed');
    assert.deepEqual(host.log, ['a', 'b']);
  });
});

describe('when the run is cancelled', () => {
  test('a run ends all of whose branches wait for branches that have not begun', async () => {
    const host = new Host();
    const source = 'return parallel([lambda: parallel([lambda: wait("b")]), lambda: wait("a")])';
    const { done, thread } = start(source, host.builtins, { maxParallel: 1 });
    await turn();
    assert.deepEqual(host.under, ['a']);
    thread.cancel(new Error('enough'));
    assert.equal(await done, 'cancelled: enough');
    assert.deepEqual(host.log, ['a', 'a cancelled']);
  });

  test('no further function of the host is called, even one that is itself a branch', async () => {
    const host = new Host();
    const calls: string[] = [];
    const direct = createBuiltin('direct', () => {
      calls.push('direct');
      return new Promise<Value>(() => undefined);
    });
    const source =
      'return parallel([lambda: parallel([lambda: wait("a"), lambda: wait("b")]), lambda: parallel([direct])])';
    const { done, thread } = start(source, [...host.builtins, ['direct', direct]], { maxParallel: 2 });
    await turn();
    assert.deepEqual(host.under, ['a', 'b']);
    thread.cancel(new Error('enough'));
    assert.equal(await done, 'cancelled: enough');
    assert.deepEqual(calls, []);
  });

  test('by a function of the host that then waits, that wait ends too', async () => {
    const host = new Host();
    const stopAndWait = createBuiltin('stop_and_wait', (thread) => {
      thread.onCancel((reason) => host.log.push(`told: ${reason.message}`));
      thread.cancel(new Error('enough'));
      return new Promise<Value>(() => undefined);
    });
    const { done } = start('stop_and_wait()', [['stop_and_wait', stopAndWait]]);
    assert.equal(await done, 'cancelled: enough');
    assert.deepEqual(host.log, ['told: enough']);
  });

  test('by a function of the host, what follows in the same line is not called', async () => {
    const host = new Host();
    assert.equal(
      await start('return [stop(), note("after"), wait("after")]', host.builtins).done,
      'cancelled: stopped',
    );
    assert.deepEqual(host.log, []);
  });

  test('the error says where the script was, through all branches', async () => {
    const host = new Host();
    const predeclared = new Map<string, Value>([...scriptBuiltins(), ...host.builtins]);
    const source = 'def f():\n  wait("a")\ndef g():\n  parallel([f])\nparallel([g])';
    const thread = new Thread();
    const program = compile(source, {
      filename: 't.star',
      fileOptions: scriptOptions,
      predeclared: predeclared.keys(),
    });
    const running = run(program, thread, predeclared);
    await turn();
    thread.cancel(new Error('enough'));
    await assert.rejects(running, (error: unknown) => {
      assert.ok(error instanceof StarlarkError);
      assert.deepEqual(
        error.frames.map(({ name, span }) => `${name}:${span.line}`),
        ['<toplevel>:5', 'g:4', 'f:2'],
      );
      return true;
    });
  });
});

describe('what the host does wrong', () => {
  const tells = (host: Host): Value =>
    createBuiltin('bad', (thread) => {
      thread.onCancel(() => {
        host.log.push('bad cancelled');
        throw new Error('the listener threw');
      });
      return new Promise<Value>(() => undefined);
    });

  test('a listener that throws keeps no other call from being told, and ends the run', async () => {
    const host = new Host();
    const source = 'attempt(lambda: parallel([bad, lambda: wait("a"), lambda: wait("b")]))\nwait("went on")';
    const { done } = start(source, [...host.builtins, ['bad', tells(host)]]);
    await turn();
    host.answer('a', new Error('a failed'));
    assert.equal(await done, 'internal: internal error: the listener threw');
    assert.deepEqual(host.log, ['a', 'b', 'bad cancelled', 'b cancelled']);
  });

  test('cancelling tells all calls, though a listener throws', async () => {
    const host = new Host();
    const { done, thread } = start('parallel([bad, lambda: wait("a")])', [
      ...host.builtins,
      ['bad', tells(host)],
    ]);
    await turn();
    thread.cancel(new Error('enough'));
    assert.equal(await done, 'internal: internal error: the listener threw');
    assert.deepEqual(host.log, ['a', 'bad cancelled', 'a cancelled']);
  });

  test('a print that throws when the lines of branches come out ends the run', async () => {
    const host = new Host();
    const print = (): void => {
      throw new Error('no paper');
    };
    const source = 'attempt(lambda: parallel([lambda: print("x")]))\nwait("went on")';
    assert.equal(await start(source, host.builtins, { print }).done, 'internal: internal error: no paper');
    assert.deepEqual(host.log, []);
  });

  test('a host that cannot give way ends the run, and its calls are told', async () => {
    const host = new Host();
    const source = 'def f():\n  for i in range(10000):\n    pass\nparallel([lambda: wait("a"), f])';
    const predeclared = new Map<string, Value>([...scriptBuiltins(), ...host.builtins]);
    const program = compile(source, {
      filename: 't.star',
      fileOptions: scriptOptions,
      predeclared: predeclared.keys(),
    });
    const yieldToHost = (): Promise<void> =>
      host.under.length === 0 ? Promise.resolve() : Promise.reject(new Error('no time'));
    const thread = new Thread({ sliceMs: 0, yieldToHost });
    await assert.rejects(run(program, thread, predeclared), { message: 'no time' });
    assert.deepEqual(host.log, ['a', 'a cancelled']);
  });

  test('an answer that comes twice is heard once', async () => {
    const callbacks: ((value: Value) => void)[] = [];
    const twice = createBuiltin('twice', () => {
      const answer: PromiseLike<Value> = {
        then: (onValue) => {
          callbacks.push((value) => void onValue?.(value));
          return answer as never;
        },
      };
      return answer;
    });
    const { done } = start('return [twice(), twice()]', [['twice', twice]]);
    await turn();
    callbacks[0]!(1);
    await turn();
    callbacks[0]!(2);
    callbacks[1]!(3);
    assert.equal(await done, '[1,3]');
  });
});

describe('where a function cannot wait', () => {
  test('the host is told that nothing waits for its call, and may fail it', async () => {
    const host = new Host();
    const xs = new List([1, 2]);
    const failing = createBuiltin('failing', (thread) => {
      thread.onCancel((reason) => host.log.push(reason.message));
      return Promise.reject(new Error('too late'));
    });
    // A host's function that calls what it is given at once leaves no place to wait at.
    const apply = createBuiltin('apply', (thread, [given]) =>
      (given as StarlarkFunction).call(thread, [1], noKwargs),
    );
    const builtins: [string, Value][] = [
      ['apply', apply],
      ['failing', failing],
      ['xs', xs],
    ];
    const source = 'def key(x):\n  for y in xs:\n    failing()\nreturn attempt(lambda: apply(key))["error"]';
    assert.equal(await start(source, builtins).done, '"key: cannot wait for the host here"');
    // A rejection without a handler would fail the test here.
    await turn();
    assert.deepEqual(host.log, ['key: cannot wait for the host here']);
    assert.equal(xs.locks, 0);
  });
});

test('branches are paid for before they are made', async () => {
  const { done, thread } = start('parallel([lambda: 1] * 100000)', [], { maxSteps: 100_000 });
  assert.match(await done, /^step_limit/u);
  assert.equal(thread.parallelBranches, 0);
  assert.equal(thread.steps < 2_000_000, true);
});
