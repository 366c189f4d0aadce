/** Each limit is hit, its error names it and says how to stay within it, and the run is reported for what it was. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { CancelledError } from '../../src/protocol/index.ts';
import { eventually } from '../support/eventually.ts';
import type { CodeModeOptions } from '../../src/features/code-mode/index.ts';
import type { ScriptBench } from './fixtures/bench.ts';
import { says, scriptBench as benchOn, scriptPool, waits } from './fixtures/bench.ts';

const tools = { echo: says('1'), slow: waits(60_000), pause: waits(60), large: says('x'.repeat(3_000_000)) };

const pool = scriptPool();
const scriptBench = (
  given: Parameters<typeof benchOn>[0],
  options: Partial<CodeModeOptions> = {},
): ScriptBench => benchOn(given, { ...options, pool });

before(async () => {
  // The first script waits for its thread to start, which is no script's own time.
  await scriptBench(tools).run('return 1');
});

interface Case {
  readonly title: string;
  readonly options: Partial<CodeModeOptions>;
  readonly script: string;
  readonly message: RegExp;
  readonly status: string;
  readonly code: string;
  readonly limit: string;
  readonly toolCalls?: number;
}

const cases: Case[] = [
  {
    title: 'stepLimit',
    options: { stepLimit: 5000 },
    script: 'x = 0\nfor i in range(100000):\n  x += i',
    message: /stepLimit \(5000 steps.*let the tools filter/u,
    status: 'step_limit',
    code: 'step_limit',
    limit: 'stepLimit',
  },
  {
    title: 'stepLimit, shared by branches of parallel',
    options: { stepLimit: 20_000 },
    script: 'def f():\n  return [x for x in range(4000)]\nparallel([f for i in range(10)])',
    message: /stepLimit \(20000 steps/u,
    status: 'step_limit',
    code: 'step_limit',
    limit: 'stepLimit',
  },
  {
    title: 'toolCallTimeout',
    options: { toolCallTimeoutMs: 50 },
    script: 'slow()',
    message: /slow did not answer within toolCallTimeout \(0\.05 s\).*attempt/u,
    status: 'error',
    code: 'tool_timeout',
    limit: 'toolCallTimeout',
    toolCalls: 1,
  },
  {
    title: 'scriptTimeout in a tool call',
    options: { scriptTimeoutMs: 5_000 },
    script: 'echo()\nslow()',
    message: /script\.star:2:[^]*scriptTimeout \(5 s\).*parallel/u,
    status: 'timeout',
    code: 'script_timeout',
    limit: 'scriptTimeout',
    toolCalls: 2,
  },
  {
    title: 'scriptTimeout in a computation',
    options: { scriptTimeoutMs: 5_000, stepLimit: 1e12 },
    script: 'def f():\n  for i in range(1 << 50):\n    pass\nf()',
    message: /in f[^]*scriptTimeout \(5 s\)/u,
    status: 'timeout',
    code: 'script_timeout',
    limit: 'scriptTimeout',
  },
  {
    title: 'maxToolCalls, which attempt cannot catch',
    options: { maxToolCalls: 3 },
    script: 'for i in range(9):\n  attempt(lambda: echo())',
    message: /script\.star:2:[^]*maxToolCalls \(3\).*many items at once/u,
    status: 'error',
    code: 'max_tool_calls',
    limit: 'maxToolCalls',
    toolCalls: 3,
  },
  {
    title: 'memoryLimit by one value, before it is made',
    options: {},
    script: 'x = "a" * (1 << 40)',
    message: /memoryLimit \(67108864 bytes\).*page by page/u,
    status: 'memory_limit',
    code: 'memory_limit',
    limit: 'memoryLimit',
  },
  {
    title: 'memoryLimit by many values',
    options: { memoryLimitBytes: 4_000_000 },
    script: 'rows = []\nfor i in range(100000):\n  rows.append("x" * 1000 + str(i))',
    message: /memoryLimit \(4000000 bytes\)/u,
    status: 'memory_limit',
    code: 'memory_limit',
    limit: 'memoryLimit',
  },
  {
    title: 'memoryLimit by one result of a tool',
    options: { memoryLimitBytes: 2_000_000 },
    script: 'large()',
    message: /large answered 3000000 bytes, more than memoryLimit/u,
    status: 'memory_limit',
    code: 'result_too_large',
    limit: 'memoryLimit',
    toolCalls: 1,
  },
  {
    title: 'memoryLimit by many results of tools',
    options: { memoryLimitBytes: 8_000_000 },
    script: 'kept = [large() for i in range(10)]\nreturn len(kept)',
    message: /memoryLimit \(8000000 bytes\)/u,
    status: 'memory_limit',
    code: 'memory_limit',
    limit: 'memoryLimit',
  },
];

describe('a limit', () => {
  for (const { title, options, script, message, status, code, limit, toolCalls } of cases) {
    test(`is held and named: ${title}`, async () => {
      const bench = scriptBench(tools, options);
      const { isError, text } = await bench.run(script);
      assert.equal(isError, true, text);
      assert.match(text, message);
      assert.equal(bench.runs.length, 1);
      const [run] = bench.runs;
      assert.deepEqual([run?.status, run?.errorCode, run?.limit], [status, code, limit]);
      if (toolCalls !== undefined) assert.equal(run?.toolCalls, toolCalls);
      assert.equal(bench.inner.calls.length, run?.toolCalls);
      assert.equal((await bench.run('return 1')).value, 1);
    });
  }

  test('parallelMaxConcurrency caps the calls under way', async () => {
    let now = 0;
    let most = 0;
    const bench = scriptBench(
      {
        busy: async (call) => {
          most = Math.max(most, ++now);
          await eventually(() => assert.ok(most >= 3));
          await tools.pause(call);
          now--;
          return {};
        },
      },
      { parallelMaxConcurrency: 3 },
    );
    await bench.run('parallel([lambda: busy() for i in range(12)])');
    assert.equal(most, 3);
    assert.deepEqual([bench.runs[0]?.parallelBranches, bench.runs[0]?.toolCalls], [12, 12]);
  });

  test('is not hit by what a script lets go of', async () => {
    const bench = scriptBench(tools, { memoryLimitBytes: 8_000_000 });
    const { value } = await bench.run('n = 0\nfor i in range(20):\n  n += len(large())\nreturn n');
    assert.equal(value, 60_000_000);
  });
});

describe('cancellation', () => {
  test("stops the script, cancels its calls under way and ends with the client's reason", async () => {
    const bench = scriptBench(tools);
    const client = new AbortController();
    const reason = new CancelledError('the session ended');
    const running = bench.run('parallel([lambda: slow() for i in range(3)])', undefined, {
      signal: client.signal,
    });
    await eventually(() => assert.equal(bench.inner.calls.length, 3));
    client.abort(reason);
    await assert.rejects(running, (error) => error === reason);
    assert.deepEqual(
      bench.inner.calls.map((call) => call.signal.aborted),
      [true, true, true],
    );
    const [run] = bench.runs;
    assert.deepEqual([run?.status, run?.toolCalls, run?.parallelBranches], ['cancelled', 3, 3]);
  });

  test('stops a computation', async () => {
    const bench = scriptBench(tools, { stepLimit: 1e12 });
    const client = new AbortController();
    const running = bench.run('def f():\n  for i in range(1 << 50):\n    pass\nf()', undefined, {
      signal: client.signal,
    });
    setTimeout(() => client.abort(new CancelledError()), 200);
    await assert.rejects(running, CancelledError);
    assert.equal(bench.runs[0]?.status, 'cancelled');
    await eventually(() => assert.equal(bench.pool.status.running, 0));
  });

  test('of one branch of parallel cancels the calls of its siblings', async () => {
    const bench = scriptBench({
      ...tools,
      fails: () => ({ isError: true, content: [{ type: 'text', text: 'broken' }] }),
    });
    const { isError, text } = await bench.run('parallel([lambda: slow(), lambda: fails()])');
    assert.equal(isError, true);
    assert.match(text, /broken/u);
    const slow = bench.inner.calls.find((call) => call.name === 'slow');
    await eventually(() => assert.equal(slow?.signal.aborted, true));
  });
});

describe('the memory that all scripts share', () => {
  test('ends the script that holds the most when together they outgrow it, and lets its neighbour go on', async () => {
    const shared = scriptPool({ threads: 1, memoryCeilingBytes: 6_000_000, memoryLimitBytes: 6_000_000 });
    const bench = benchOn(tools, { pool: shared, stepLimit: 1e9 });
    await bench.run('return 1');
    const hold = (bytes: number): string =>
      `kept = "x" * ${bytes}\npause()\nfor i in range(3000000):\n  pass\nreturn len(kept)`;
    const [large, small] = await Promise.all([bench.run(hold(5_000_000)), bench.run(hold(2_000_000))]);
    assert.equal(small.value, 2_000_000, small.text);
    assert.equal(large.isError, true, large.text);
    assert.match(large.text, /hold more memory than the gateway has for them.*this one held the most/u);
    const codes = bench.runs.map((run) => [run.status, run.errorCode, run.limit]);
    assert.deepEqual(codes[1], ['memory_limit', 'memory_ceiling', 'memoryLimit']);
  });

  test('is watched as results of tools arrive, so that no thread is lost to many scripts that keep theirs', async () => {
    const lost: unknown[] = [];
    const shared = scriptPool({
      threads: 1,
      memoryCeilingBytes: 20_000_000,
      memoryLimitBytes: 20_000_000,
      onThreadLost: (event) => lost.push(event),
    });
    const bench = benchOn(tools, { pool: shared });
    const script = 'kept = large()\npause()\npause()\nreturn len(kept)';
    const answers = await Promise.all(Array.from({ length: 20 }, () => bench.run(script)));
    const ended = bench.runs.filter((run) => run.errorCode === 'memory_ceiling').length;
    assert.ok(ended > 0 && ended < 20, `${ended} of 20 ended`);
    assert.equal(answers.filter((answer) => answer.isError).length, ended);
    assert.deepEqual(lost, []);
  });
});

test('a script reaches a memoryLimit that was raised beyond what its thread was made for', async () => {
  const grown = scriptPool({ memoryLimitBytes: 2 ** 20 });
  const memoryLimitBytes = 600 * 2 ** 20;
  grown.allow(memoryLimitBytes);
  const { value } = await benchOn(tools, { pool: grown, memoryLimitBytes }).run(
    'return sum([len("x" * 10000000) for i in range(15)]) + len(["y" * 1000 for i in range(9000)])',
  );
  assert.equal(value, 150_009_000);
});
