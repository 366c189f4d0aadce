/** What a model writes first is answered at once: its value, or all that is wrong with it before any tool has run. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { scriptBench } from './fixtures/bench.ts';

const bench = scriptBench({});

/** Scripts, and the value that they give. */
const values: readonly [string, unknown][] = [
  ['return 1\n2', 1],
  ['1 + 1', 2],
  ['x = [3]\nx[0]', 3],
  ['result = [1]', [1]],
  ['result = [1]\nprint("done")', [1]],
  ['result = [1]\n{"a": 2}', { a: 2 }],
  ['result = 1\nif result: return None', null],
  ['def f(): return 7\nf()', 7],
  ['for i in range(3): i', null],
  ['if True: 5', null],
];

describe('a script without a return', () => {
  for (const [script, value] of values) {
    test(`${JSON.stringify(script)} gives ${JSON.stringify(value)}`, async () => {
      const { text } = await bench.run(script);
      assert.deepEqual(JSON.parse(text.split('\n')[0]!), value);
    });
  }

  test('is told to return what it made, where neither its end nor result has a value', async () => {
    const { result } = await bench.run('xs = []\nxs.append(1)');
    assert.match(JSON.stringify(result), /did you mean `return xs`/u);
  });
});

/** Scripts, and what is said of them, all at once. */
const told: readonly [string, readonly RegExp[]][] = [
  [
    'import json\nx = rounded(2.5)\ny = json.dumps(x)\n[1].sort()',
    [/no 'import'/u, /undefined: rounded/u, /module json has no \.dumps/u, /no value has a method \.sort/u],
  ],
  [
    'x = "a".trim()\ny = math.sqr(2)\nz = nothing',
    [/\.trim/u, /did you mean \.sqrt/u, /undefined: nothing/u],
  ],
  ['from x import (\n  a,\n  b)\nreturn a + b + c', [/no 'from … import'/u, /undefined: c/u]],
];

describe('what is wrong with a script', () => {
  for (const [script, all] of told) {
    test(`is told together: ${JSON.stringify(script)}`, async () => {
      const { text } = await bench.run(script);
      for (const each of all) assert.match(text, each);
    });
  }

  test('does not name what a line that could not be read may define', async () => {
    const { text } = await bench.run('import hashlib as h\nclass A: pass\nreturn h.md5(A)');
    assert.doesNotMatch(text, /undefined/u);
  });

  test('says what is not there, not that all is', async () => {
    for (const [script, words] of [
      ['import hashlib', /there are no hash functions/u],
      ['import urllib.parse', /there is no quote or urlencode/u],
      ['import unheard_of', /there is no module unheard_of here/u],
    ] as const)
      assert.match((await bench.run(script)).text, words);
  });

  test('names what stands for None by the type of the other value', async () => {
    assert.match((await bench.run('return sorted([None, "a"])')).text, /write x or ""\)/u);
    assert.match((await bench.run('return sorted([None, 1])')).text, /write x or 0\)/u);
    assert.match((await bench.run('return None < [1]')).text, /write x or \[\]\)/u);
  });

  test('leaves methods of times, and of what only a run can tell', async () => {
    const { text } = await bench.run('return time.from_timestamp(0).in_location("UTC").format("2006")');
    assert.match(text, /1970/u);
  });
});

test('a tool, or a key of data, may have the name of what scripts have of Python', async () => {
  const { text } = await bench.run('return round + pow', { round: 1, pow: 2 });
  assert.match(text, /^3/u);
});
