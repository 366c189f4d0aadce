import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  call,
  compile,
  createBuiltin,
  run,
  scriptBuiltins,
  scriptOptions,
  StarlarkError,
  type StarlarkFunction,
  Thread,
  type ThreadOptions,
  type Value,
} from '../index.ts';

const megabyte = 1 << 20;

async function runScript(
  source: string,
  options: ThreadOptions = {},
  host: Record<string, Value> = {},
): Promise<Thread> {
  const predeclared = new Map<string, Value>([...scriptBuiltins(), ...Object.entries(host)]);
  const fileOptions = { ...scriptOptions, while: true, recursion: true };
  const program = compile(source, { filename: 'test.star', fileOptions, predeclared: predeclared.keys() });
  const thread = new Thread(options);
  await run(program, thread, predeclared);
  return thread;
}

async function codeOf(source: string, options: ThreadOptions): Promise<string> {
  try {
    await runScript(source, options);
    return 'ok';
  } catch (error) {
    assert.ok(error instanceof StarlarkError, String(error));
    return error.code;
  }
}

describe('steps', () => {
  test('a run takes the same steps each time, and fails with one less', async () => {
    const source = 'def f():\n  a = 0\n  for i in range(100):\n    a += i\n  return a\nf()\n';
    const { steps } = await runScript(source);
    assert.equal((await runScript(source)).steps, steps);
    assert.equal(await codeOf(source, { maxSteps: steps }), 'ok');
    assert.equal(await codeOf(source, { maxSteps: steps - 1 }), 'step_limit');
  });

  const endless: Record<string, string> = {
    'a while loop': 'while True:\n  pass',
    'a for loop': 'for i in range(1 << 40):\n  pass',
    'a comprehension': '[0 for i in range(1 << 40) if False]',
    'a nested comprehension': 'x = [0 for i in range(1 << 30) for j in range(1 << 30) if False]',
    recursion: 'def f(n):\n  if n > 0:\n    f(n - 1)\n    f(n - 1)\nf(200)',
    'a loop under attempt': 'attempt(lambda: [0 for i in range(1 << 40) if False])\nprint("survived")',
    'a loop in a branch': 'def f():\n  while True:\n    pass\nparallel([f, f], on_error = "collect")',
    'work inside a built-in function': 'xs = list(range(10000))\nfor i in range(1 << 30):\n  xs == list(xs)',
    'comparing bytes': 'x = b"a" * 100000\ny = x + b""\nfor i in range(1 << 30):\n  x == y',
    'ordering bytes': 'x = b"a" * 100000\ny = x + b""\nfor i in range(1 << 30):\n  x < y',
    'counting characters': 'x = ("a" * 100000).codepoints()\nfor i in range(1 << 30):\n  len(x)',
    'looking for one of many prefixes': 'xs = ("x",) * 10000\nfor i in range(1 << 30):\n  "a".startswith(xs)',
    'a key function': 'def f(x):\n  while True:\n    pass\nsorted([1, 2], key = f)',
  };
  for (const [name, source] of Object.entries(endless)) {
    test(`${name} ends at the limit`, async () => {
      assert.equal(await codeOf(source, { maxSteps: 100_000 }), 'step_limit');
    });
  }

  test('what built-in functions go through is free at first, then 128 elements are a step', async () => {
    const few = await runScript('xs = list(range(1000))\nxs == list(xs)\n');
    assert.ok(few.steps < 30, `${few.steps}`);
    assert.equal(
      await codeOf('x = "a" * 1000000\nfor i in range(100000):\n  x.find("b")', { maxSteps: 1_000_000 }),
      'step_limit',
    );
  });
});

describe('depth', () => {
  const recursive = 'def f(n):\n  return 0 if n == 0 else 1 + f(n - 1)\n';
  test('calls may be nested as deep as is allowed, and no deeper', async () => {
    assert.equal(await codeOf(`${recursive}f(48)`, { maxDepth: 50 }), 'ok');
    assert.equal(await codeOf(`${recursive}f(49)`, { maxDepth: 50 }), 'depth_limit');
  });

  test('a thousand nested calls fit when nothing is said', async () => {
    assert.equal(await codeOf(`${recursive}f(990)`, {}), 'ok');
    assert.equal(await codeOf(`${recursive}f(1000)`, {}), 'depth_limit');
  });

  test('a limit beyond what JavaScript can nest still ends in a depth limit', async () => {
    assert.equal(await codeOf(`${recursive}f(10000000)`, { maxDepth: Infinity }), 'depth_limit');
  });

  test('failed calls leave no depth behind', async () => {
    const source = `def f(n):\n  return 1 // 0 if n == 0 else f(n - 1)\nfor i in range(100):\n  attempt(lambda: f(10))\nf(0)`;
    assert.equal(await codeOf(source, { maxDepth: 30 }), 'zero_division');
  });
});

describe('bytes held', () => {
  const tooLarge: Record<string, string> = {
    'a repeated string': '"a" * (1 << 40)',
    'a repeated list': '[0] * (1 << 40)',
    'a repeated tuple': '(1, 2) * (1 << 40)',
    'a shifted int': '1 << (1 << 40)',
    'a string of another length': '"%s" % ("a" * (1 << 26))',
    'a list of a range': 'list(range(1 << 40))',
    'a join': '("a" * 1000000).join(["b"] * 1000000)',
    'a replacement': '("a" * 1000000).replace("a", "b" * 1000000)',
    'a formatted width': '"{:>99999999999}".format(1)',
    'an f-string': 'x = "a" * 10000000\nf"{x}{x}{x}"',
  };
  for (const [name, source] of Object.entries(tooLarge)) {
    test(`${name} too large to hold is refused before it is made`, async () => {
      assert.equal(await codeOf(source, { maxBytes: 16 * megabyte }), 'memory_limit');
    });
  }

  const hoarding: Record<string, string> = {
    'a list that grows': 'xs = []\nwhile True:\n  xs.append(0)',
    'a list that doubles': 'xs = [0]\nwhile True:\n  xs += xs',
    'a list of strings': 'xs = []\nwhile True:\n  xs.append("a" * 100000)',
    'a dict that grows': 'd = {}\nfor i in range(1 << 40):\n  d[i] = i',
    'a set that grows': 's = set()\nfor i in range(1 << 40):\n  s.add(i)',
    'lists within lists': 'x = []\nwhile True:\n  x = [x]',
    'squares of squares': 'x = 3\nwhile True:\n  x = x * x',
    'a string that doubles': 's = "a"\nwhile True:\n  s += s',
    closures: 'fs = []\ndef f(x):\n  return lambda: x\nwhile True:\n  fs.append(f("a" * 100000))',
    'locals of nested calls': 'def f(n):\n  s = "a" * 1000000\n  if n > 0:\n    f(n - 1)\n  return s\nf(100)',
    'values on their way into a call':
      'def f(n):\n  return [("a" * 1000000), f(n - 1) if n > 0 else 0, 1]\nf(100)',
    'keys for sorting': 'sorted(range(100000), key = lambda i: "a" * 100000)',
    'results of branches': 'parallel([lambda: "a" * 1000000] * 100)',
    'printed lines of branches':
      'def f():\n  for i in range(100):\n    print("a" * 1000000)\nparallel([f, f])',
  };
  for (const [name, source] of Object.entries(hoarding)) {
    test(`${name} ends at the limit`, async () => {
      assert.equal(await codeOf(source, { maxBytes: 4 * megabyte, maxSteps: 50_000_000 }), 'memory_limit');
    });
  }

  const churning: Record<string, string> = {
    'a string built bit by bit': 's = ""\nfor i in range(2000):\n  s += "a" * 100\n',
    'large strings, one after the other': 'for i in range(1000):\n  s = "a" * 1000000\n',
    'lists, one after the other': 'for i in range(1000):\n  xs = list(range(20000))\n',
    'garbage of a hundred thousand steps':
      'for i in range(20000):\n  d = {"a": [i] * 100, "b": str(i) * 20}\n',
    'large ints': 'x = 1 << 100000\nfor i in range(10000):\n  y = x + i\n',
    'in functions without loops':
      'def f(i):\n  return len("a" * 1000000) + i\nfor i in range(1000):\n  f(i)\n',
    'in branches': 'def f():\n  for i in range(500):\n    s = "a" * 1000000\nparallel([f, f, f])\n',
  };
  for (const [name, source] of Object.entries(churning)) {
    test(`what is not held any more does not count: ${name}`, async () => {
      assert.equal(await codeOf(source, { maxBytes: 16 * megabyte }), 'ok');
    });
  }

  test('are counted in programs of many variables as in others', async () => {
    const many = Array.from({ length: 6000 }, (_, at) => `v${at} = 1\n`).join('');
    const text = '"x" * (1 << 19)';
    const options = { maxBytes: 4 * megabyte, yieldToHost: () => Promise.resolve() };
    const lets = `for i in range(100):\n  v5 = ${text}\n`;
    assert.equal(await codeOf(`${many}${lets}`, options), 'ok');
    for (const keeps of [
      `for i in range(100):\n  v5 = [v5, ${text}]\n`,
      `def f():\n  return ${text}\nv6 = [${'f(), '.repeat(100)}]\nfor i in range(10):\n  v7 = f()\n`,
      `v6 = [[x for x in range(10) for y in [${text}]] for z in range(3)]\nxs = [${text} for i in range(100)]`,
    ]) {
      assert.equal(await codeOf(`${many}${keeps}`, options), 'memory_limit', keeps.slice(0, 80));
    }
  });
});

describe('printed bytes', () => {
  test('are counted as UTF-8, with a line break each', async () => {
    assert.equal(await codeOf('print("ab")\nprint("é")', { maxPrintBytes: 6 }), 'ok');
    assert.equal(await codeOf('print("ab")\nprint("é")', { maxPrintBytes: 5 }), 'print_limit');
  });

  test('cannot be survived', async () => {
    assert.equal(await codeOf('attempt(lambda: print("abcdef"))', { maxPrintBytes: 3 }), 'print_limit');
  });
});

describe('cancelling', () => {
  const never = createBuiltin('never', () => new Promise<Value>(() => undefined));

  test('ends a script that waits, at the place where it waits', async () => {
    const reason = new Error('the client went away');
    const program = compile('def f():\n  never()\nf()', {
      filename: 'test.star',
      fileOptions: scriptOptions,
      predeclared: ['never'],
    });
    const thread = new Thread();
    const running = run(program, thread, new Map([['never', never]]));
    setImmediate(() => thread.cancel(reason));
    await assert.rejects(running, (error: unknown) => {
      assert.ok(error instanceof StarlarkError);
      assert.equal(error.code, 'cancelled');
      assert.equal(error.cause, reason);
      assert.deepEqual(
        error.frames.map(({ name, span }) => `${name}:${span.line}`),
        ['<toplevel>:3', 'f:2'],
      );
      return true;
    });
  });

  test('ends a script that computes', async () => {
    const thread = new Thread({
      sliceMs: 1,
      yieldToHost: () => new Promise((resolve) => setImmediate(resolve)),
    });
    const program = compile('while True:\n  pass', {
      filename: 'test.star',
      fileOptions: { ...scriptOptions, while: true },
      predeclared: [],
    });
    setTimeout(() => thread.cancel(new Error('too slow')), 20);
    await assert.rejects(run(program, thread, new Map()), { code: 'cancelled', message: 'too slow' });
  });

  test('works from within a function of the host', async () => {
    const stop = createBuiltin('stop', (thread) => {
      thread.cancel(new Error('enough'));
      return null;
    });
    await assert.rejects(runScript('stop()\nfor i in range(10000):\n  pass', {}, { stop }), {
      code: 'cancelled',
    });
  });

  test('before the start refuses to run', async () => {
    const thread = new Thread();
    thread.cancel(new Error('no'));
    const program = compile('x = 1', { filename: 'test.star', fileOptions: scriptOptions, predeclared: [] });
    await assert.rejects(run(program, thread, new Map()), { code: 'cancelled' });
  });

  test('tells the calls of the host that are under way, and no others', async () => {
    const told: string[] = [];
    const wait = createBuiltin('wait', (thread, [name]) => {
      thread.onCancel((reason) => told.push(`${String(name)}: ${reason.message}`));
      if (name === 'b') setImmediate(() => thread.cancel(new Error('stop')));
      return new Promise<Value>((resolve) => name === 'first' && setImmediate(() => resolve(null)));
    });
    const thread = new Thread();
    const predeclared = new Map<string, Value>([...scriptBuiltins(), ['wait', wait]]);
    const source = 'wait("first")\nparallel([lambda: wait("a"), lambda: wait("b")])';
    const program = compile(source, {
      filename: 't.star',
      fileOptions: scriptOptions,
      predeclared: predeclared.keys(),
    });
    await assert.rejects(run(program, thread, predeclared), { code: 'cancelled' });
    assert.deepEqual(told, ['a: stop', 'b: stop']);
  });
});

describe('giving way', () => {
  const sources: Record<string, string> = {
    'a loop': 'for i in range(3000000):\n  pass',
    'a loop in a function': 'def f():\n  for i in range(3000000):\n    pass\nf()',
    'a function called in a loop': 'def f(x):\n  return x + 1\nfor i in range(3000000):\n  f(i)',
    recursion: 'def fib(n):\n  return n if n < 2 else fib(n - 1) + fib(n - 2)\nfib(24)',
    'a comprehension': 'x = len([i for i in range(1000000)])',
    'a function handed to another':
      'def f():\n  for i in range(3000000):\n    pass\ndef g(h):\n  return h()\ng(f)',
    'a key function':
      'def f(x):\n  for i in range(1000000):\n    pass\n  return x\nsorted([3, 2, 1], key = f)',
  };
  for (const [name, source] of Object.entries(sources)) {
    test(`${name} lets the event loop turn again and again`, async () => {
      let turns = 0;
      let nowMs = 0;
      await runScript(source, {
        sliceMs: 2,
        clockMs: () => nowMs++,
        yieldToHost: () => new Promise((resolve) => setImmediate(() => resolve(void turns++))),
      });
      assert.ok(turns >= 3, `${turns} turns`);
    });
  }
});

test('the host calls a function that a program left', async () => {
  const program = compile('def add(a, b = 2):\n  return a + b', {
    filename: 't.star',
    fileOptions: scriptOptions,
    predeclared: [],
  });
  const thread = new Thread();
  const { globals } = await run(program, thread, new Map());
  const add = globals.get('add') as StarlarkFunction;
  assert.equal(await call(thread, add, [1]), 3);
  assert.equal(await call(thread, add, [1], new Map([['b', 5]])), 6);
});
