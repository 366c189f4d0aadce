/** Scripts that are tools, with real script threads. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '../../src/protocol/index.ts';
import type { FakeTool } from '../fixtures/fake-gateway.ts';
import { aCaller } from './fixtures/calls.ts';
import { says, scriptBench, scriptPool, waits, type ScriptBench } from './fixtures/bench.ts';

const pool = scriptPool();

type Saved = readonly [name: string, script: string, inputSchema?: JsonObject, outputSchema?: JsonObject];

/** A bench with saved tools; counts how they ended that scripts called. */
function bench(saved: readonly Saved[], tools: Record<string, FakeTool> = {}, limits: object = {}) {
  const inPlace: string[] = [];
  const savedTools = saved.map(([name, script, schema = {}, outputSchema]) => ({
    tool: {
      name,
      description: `does ${name}`,
      inputSchema: { type: 'object', ...schema },
      ...(outputSchema && { outputSchema }),
    },
    script,
    filename: `${name}.star`,
  }));
  const onRunInPlace = (tool: string, status: string) => void inPlace.push(`${tool} ${status}`);
  const made: ScriptBench = scriptBench(tools, { pool, savedTools, onRunInPlace, ...limits });
  return { ...made, inPlace };
}

const twoArguments = {
  properties: { name: { type: 'string' }, times: { type: 'integer', default: 2 }, note: { type: 'string' } },
  required: ['name'],
};

describe('a saved tool', () => {
  test('is listed beside other tools, and described to scripts', async () => {
    const { gateway } = bench([['greet', 'return 1', twoArguments]]);
    const tools = await gateway.listTools(aCaller());
    assert.deepEqual(
      tools.map(({ name }) => name),
      ['echo', 'execute_tool_script', 'greet'],
    );
    assert.match(tools[1]?.description ?? '', /^greet\(name: str, /mu);
  });

  test('has its arguments as variables, with defaults, and None for what was left out', async () => {
    const { call, runs } = bench([['greet', 'return [name, times, note]', twoArguments]]);
    assert.deepEqual((await call('greet', { name: 'Ann' })).value, ['Ann', 2, null]);
    assert.deepEqual((await call('greet', { name: 'Ann', times: 5, note: 'x' })).value, ['Ann', 5, 'x']);
    assert.deepEqual(
      runs.map(({ savedTool, status }) => [savedTool, status]),
      [
        ['greet', 'success'],
        ['greet', 'success'],
      ],
    );
  });

  const refusals: [JsonObject, RegExp][] = [
    [{}, /the argument "name" is missing/u],
    [{ name: 3 }, /name: expected str, got int/u],
    [{ name: 'Ann', tmes: 3 }, /there is no argument "tmes"\. Did you mean "times"\?/u],
  ];
  for (const [args, message] of refusals)
    test(`refuses the arguments ${JSON.stringify(args)} before it runs`, async () => {
      const { call, inner } = bench([['greet', 'return echo(text=name)', twoArguments]]);
      const { isError, text } = await call('greet', args);
      assert.ok(isError);
      assert.match(text, message);
      assert.equal(inner.calls.length, 0);
    });

  test('shows an error with the lines of its own file', async () => {
    const { call } = bench([['broken', 'x = []\nreturn x[3]']]);
    const { isError, text } = await call('broken', {});
    assert.ok(isError);
    assert.match(text, /broken\.star:2:9: in <toplevel>\n {4}return x\[3\]/u);
  });

  test('answers with structured content that keeps to its output schema, or with an error', async () => {
    const output = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };
    const { call } = bench([
      ['good', 'return {"n": 1}', {}, output],
      ['bad', 'return {"n": "one"}', {}, output],
      ['list', 'return [1]', {}, output],
    ]);
    assert.deepEqual((await call('good', {})).result.structuredContent, { n: 1 });
    assert.match(
      (await call('bad', {})).text,
      /bad \(bad\.star\) does not keep to its outputSchema: .*expected int, got str/u,
    );
    assert.match((await call('list', {})).text, /expected .*, got list/u);
  });
});

describe('a saved tool that a script calls', () => {
  test('runs as the caller, gives its value, and is one inner call of the script', async () => {
    const { run, runs, inPlace, inner } = bench(
      [['twice', 'return [ask(q=q), ask(q=q)]', { properties: { q: { type: 'string' } }, required: ['q'] }]],
      { ask: says('"yes"') },
    );
    const { value } = await run('return parallel([lambda: twice(q="a"), lambda: twice(q="b")])');
    assert.deepEqual(value, [
      ['yes', 'yes'],
      ['yes', 'yes'],
    ]);
    assert.deepEqual(inPlace, ['twice success', 'twice success']);
    assert.equal(inner.calls.length, 4);
    assert.ok(
      inner.calls.every(({ caller, origin }) => caller.principal.subject === 'alice' && origin === 'script'),
    );
    assert.deepEqual([runs[0]?.toolCalls, runs[0]?.savedTool], [2, undefined]);
  });

  test('fails as any tool does, with its own lines, and the script may go on', async () => {
    const { run } = bench([['broken', 'def f(x):\n    return 1 // x\nreturn f(0)']]);
    const { value } = await run('return attempt(lambda: broken())["error"]');
    assert.match(String(value), /^broken: Traceback[^]*broken\.star:2:\d+: in f[^]*division/u);
  });

  test('does not meet the functions of the script around it as its own', async () => {
    const { run } = bench([['inner', 'def f(x):\n    return x + 1\nreturn f(1)']]);
    assert.equal((await run('def f():\n    return inner()\nreturn f() + f()')).value, 4);
  });

  test('spends the steps of the script that calls it', async () => {
    const { run, runs } = bench(
      [['busy', 'n = 0\nfor i in range(3000):\n    n += 1\nreturn n']],
      {},
      { stepLimit: 60_000 },
    );
    assert.equal((await run('return busy()')).value, 3000);
    const { isError, text } = await run('return [attempt(lambda: busy()) for i in range(100)]');
    assert.ok(isError);
    assert.match(text, /too many steps/u);
    assert.equal(runs.at(-1)?.status, 'step_limit');
  });

  test('spends the calls of the script that calls it', async () => {
    const { run, runs, inner } = bench(
      [['many', 'return [echo(text="x") for i in range(4)]']],
      {},
      { maxToolCalls: 7 },
    );
    const { isError } = await run('return [attempt(lambda: many()) for i in range(2)]');
    assert.ok(isError);
    assert.equal(runs[0]?.errorCode, 'max_tool_calls');
    assert.equal(inner.calls.length, 5);
  });

  test('spends the memory of the script that calls it', async () => {
    const { run, runs } = bench(
      [['large', 'x = "x" * 3000000\nfor i in range(5000):\n    pass\nreturn len(x)']],
      {},
      { memoryLimitBytes: 5_000_000 },
    );
    assert.equal((await run('return large()')).value, 3_000_000);
    assert.ok((await run('kept = "y" * 3000000\nn = large()\nreturn len(kept) + n')).isError);
    assert.equal(runs.at(-1)?.status, 'memory_limit');
  });

  test('may take longer than toolCallTimeout, but not than the script that calls it', async () => {
    const tools = { slow: waits(60), endless: waits(60_000) };
    const limits = { toolCallTimeoutMs: 100, scriptTimeoutMs: 1500 };
    const { run, runs } = bench(
      [
        ['three', 'return [slow(), slow(), slow()]'],
        ['never', 'return [attempt(lambda: endless()) for i in range(100)]'],
      ],
      tools,
      limits,
    );
    assert.deepEqual((await run('return three()')).value, ['done', 'done', 'done']);
    assert.ok((await run('return never()')).isError);
    assert.equal(runs.at(-1)?.status, 'timeout');
  });

  test('ends with its branch when another branch fails', async () => {
    const { run, inPlace } = bench([['wait', 'return endless()']], {
      endless: waits(60_000),
      fails: says('1'),
    });
    const { isError, text } = await run(
      'def g():\n    fails()\n    fail("enough")\nreturn parallel([lambda: wait(), g])',
    );
    assert.ok(isError);
    assert.match(text, /enough/u);
    assert.deepEqual(inPlace, ['wait cancelled']);
  });

  test('may call saved tools three deep, and no deeper', async () => {
    const { run, call } = bench([
      ['one', 'return call_tool("t" + "wo")'],
      ['two', 'return call_tool("th" + "ree")'],
      ['three', 'return 3'],
      ['zero', 'return call_tool("o" + "ne")'],
    ]);
    assert.equal((await run('return one()')).value, 3);
    assert.equal((await call('one', {})).value, 3);
    for (const { text } of [await run('return zero()'), await call('zero', {})])
      assert.match(text, /three was not run: saved tools may call each other 3 deep/u);
  });
});
