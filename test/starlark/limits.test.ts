import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  compile,
  modules,
  run,
  scriptBuiltins,
  scriptOptions,
  StarlarkError,
  Thread,
  type Value,
} from '../../src/starlark/index.ts';

/** What code mode gives a script. */
const limits = { maxSteps: 100_000, maxBytes: 64 << 20, maxPrintBytes: 1 << 20 };
const predeclared = new Map<string, Value>([...Object.entries(modules), ...scriptBuiltins()]);

/** The code of the error that a script ends in; undefined when it ends well. */
async function outcome(source: string): Promise<string | undefined> {
  try {
    const program = compile(source, {
      filename: 'limits.star',
      fileOptions: scriptOptions,
      predeclared: predeclared.keys(),
    });
    await run(program, new Thread(limits), predeclared);
    return undefined;
  } catch (error) {
    if (error instanceof StarlarkError) return error.code;
    throw error;
  }
}

/** Builds `x`, whose parts are shared: small in memory, of 2^60 parts when it is gone through. */
const shared = (leaf: string, pair: string): string =>
  `x = ${leaf}\ny = ${leaf}\nfor i in range(60):\n  x = ${pair}\n  y = ${pair.replaceAll('x', 'y')}\n`;
const lists = shared('[1]', '[x, x]');
const tuples = shared('(1,)', '(x, x)');

/** One expression each; what it asks for is far beyond the limits, and is refused before it is made. */
const refused: [string, string][] = [
  ['"a" * (1 << 40)', 'memory_limit'],
  ['[0] * (1 << 40)', 'memory_limit'],
  ['b"a" * (1 << 40)', 'memory_limit'],
  ['1 << (1 << 40)', 'memory_limit'],
  ['(1 << 300000000) * (1 << 300000000)', 'memory_limit'],
  ['list(range(1 << 40))', 'memory_limit'],
  ['sorted(range(1 << 40))', 'memory_limit'],
  ['set(range(1 << 40))', 'memory_limit'],
  ['any(range(1 << 40))', 'memory_limit'],
  ['max(range(1 << 40))', 'memory_limit'],
  ['zip(range(1 << 40))', 'memory_limit'],
  ['json.encode(range(1 << 40))', 'memory_limit'],
  ['bytes(range(1 << 40))', 'memory_limit'],
  ['[].extend(range(1 << 40))', 'memory_limit'],
  ['print(*range(1 << 40))', 'memory_limit'],
  ['[x for x in range(1 << 40)]', 'step_limit'],
  ['"%1000000000000d" % 1', 'memory_limit'],
  ['"{:1000000000000}".format(1)', 'memory_limit'],
  ['("a" * 1000000).replace("a", "b" * 1000000)', 'memory_limit'],
  ['("a" * 1000000).replace("", "b" * 1000)', 'memory_limit'],
  ['("x" * 1000000).join(["a"] * 1000)', 'memory_limit'],
  ['json.indent("[" * 400 + "]" * 400, indent = "x" * 10000000)', 'memory_limit'],
  ['1 << 1048576', 'memory_limit'],
  ['str((1 << 100000000) - 1)', 'memory_limit'],
  ['((1 << 800000) - 1) * ((1 << 800000) - 1)', 'memory_limit'],
  ['int("9" * 30000000)', 'memory_limit'],
  ['int("z" * 10000000, 36)', 'memory_limit'],
  ['json.decode("9" * 2000000)', 'memory_limit'],
  ['str([(1 << 1000000) - 1] * 100)', 'step_limit'],
  ['json.encode([(1 << 1000000) - 1] * 100)', 'step_limit'],
  ['"%d" * 100 % tuple([(1 << 1000000) - 1] * 100)', 'step_limit'],
  ['sum([(1 << 1000000) - 1] * 1000000)', 'memory_limit'],
  ['sorted([((1 << 1000000) - 1) * 1] * 100000)', 'step_limit'],
  ['[(1 << 1000000) - 1] * 100000 == [(1 << 1000000) - 1] * 100000', 'step_limit'],
  ['["a" * 10000000] * 100000 == ["a" * 9999999 + "a"] * 100000', 'step_limit'],
  ['[("a" * 10000000,)] * 100000 == [("a" * 9999999 + "a",)] * 100000', 'step_limit'],
  ['"a" * 9999999 + "b" in ["a" * 10000000] * 100000', 'step_limit'],
  ['sorted([("a" * 10000000, 1), ("a" * 9999999 + "a", 0)] * 50000)', 'step_limit'],
  ['max(["a" * 10000000, "a" * 9999999 + "a"] * 50000)', 'step_limit'],
  ['time.parse_duration("0." + "1" * 10000000 + "9")', 'value'],
  ['time.parse_duration("9" * 10000000 + "h")', 'value'],
];

describe('what is far too large', () => {
  for (const [source, code] of refused) {
    test(`${source} ends in ${code}`, async () => assert.equal(await outcome(source), code));
  }
});

describe('looking for a text takes no longer for what the texts are', () => {
  const slow = [
    'x.find(y)',
    'x.rfind(y)',
    'x.count(y)',
    'y in x',
    'bytes(y) in bytes(x)',
    'x.split(y)',
    'x.rsplit(y)',
    'x.replace(y, "")',
    'x.partition(y)',
    'x.rpartition(y)',
  ];
  for (const search of slow) {
    test(search, { timeout: 300_000 }, async () => {
      const y = 'y = "a" * 200000 + "b" + "a" * 200000';
      assert.equal(await outcome(`x = "a" * 2000000\n${y}\n${search}`), undefined);
    });
  }
});

describe('a value that holds its parts many times over', () => {
  for (const use of [
    'str(x)',
    '"%s" % x',
    '"{}".format(x)',
    'print(x)',
    'fail(x)',
    'json.encode(x)',
    'x == y',
    'x in [y]',
  ]) {
    test(`${use} ends at a limit`, async () => {
      assert.match((await outcome(lists + use)) ?? 'well', /^(step|memory)_limit$/);
    });
  }
  for (const use of ['x < y', 'x == y']) {
    test(`${use} on tuples ends at a limit`, async () => {
      assert.match((await outcome(tuples + use)) ?? 'well', /^(step|memory)_limit$/);
    });
  }
  test('a key that is not there is shown by its beginning', async () =>
    assert.equal(await outcome(`${tuples}{}[x]`), 'key'));
  for (const use of ['{x: 1}[y]', 'set([x, y])', 'y in {x: 1}']) {
    test(`${use} is refused: such a tuple is no key`, async () =>
      assert.equal(await outcome(tuples + use), 'value'));
  }
});

describe('work inside built-in functions', () => {
  const loops = [
    'x = list(range(1000000))\nfor i in range(20000): x.insert(0, 1)',
    'x = list(range(1000000))\nfor i in range(2000): 999999 in x',
    'x = "a" * 10000000\nfor i in range(5000): x.find("b")',
    'x = "a" * 10000000\nfor i in range(500): x.upper()',
    'x = "ab " * 1000000\nfor i in range(500): x.split()',
    'x = [(i * 7919) % 1000003 for i in range(5000)] * 10\nfor i in range(500): sorted(x)',
    'x = {i: i for i in range(10000)}\ny = dict(x)\nfor i in range(5000): x == y',
    'x = {"a" * 10000000: 1}\ny = "a" * 9999999 + "a"\nfor i in range(5000): x[y]',
    'x = {"a" * 10000000: 1}\ny = "a" * 9999999 + "a"\nfor i in range(5000): y in x',
    'x = {("a" * 10000000,): 1}\ny = ("a" * 9999999 + "a",)\nfor i in range(5000): x.get(y)',
    'x = set([1 << 1000000])\ny = 1 << 1000000\nfor i in range(5000): y in x',
  ];
  for (const source of loops) {
    test(`counts: ${source.replaceAll('\n', '; ')}`, async () =>
      assert.equal(await outcome(source), 'step_limit'));
  }
});
