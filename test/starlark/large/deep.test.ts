/** What is nested as deeply as may be, or more deeply, is compiled or refused by a rule, and not where a stack ends. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  compile,
  createBuiltin,
  List,
  run,
  scriptBuiltins,
  scriptOptions,
  StarlarkError,
  Thread,
  type Value,
} from '../../../src/starlark/index.ts';

const handedIn = new Map<string, Value>([
  ...scriptBuiltins(),
  ['xs', new List([])],
  ['wait', createBuiltin('wait', () => Promise.resolve(1))],
]);

/** What opens and what closes something that can stand within itself. */
const brackets: Readonly<Record<string, readonly [string, string]>> = {
  lists: ['[', ']'],
  tuples: ['(', ',)'],
  'dicts as values': ['{"a":', '}'],
  'keys of dicts': ['{wait():', '}'],
  operators: ['(1+', ')'],
  equality: ['(1==', ')'],
  and: ['(xs and ', ')'],
  or: ['(not xs or ', ')'],
  not: ['not ', ''],
  minus: ['-', ''],
  'conditional expressions': ['1 if xs else ', ''],
  conditions: ['1 if (', ') else 2'],
  calls: ['wait(', ')'],
  'named arguments': ['wait(a=', ')'],
  'lists after *': ['wait(a=wait(),*[', '])'],
  methods: ['xs.index(', ')'],
  indexes: ['xs[', ']'],
  slices: ['xs[', ':]'],
  lambdas: ['lambda:', ''],
  'called lambdas': ['(lambda x:x)(', ')'],
  defaults: ['lambda x=', ':1'],
  attempts: ['attempt(lambda:', ')'],
  'what comprehensions go through': ['[x for x in ', ']'],
  'what comprehensions make': ['[', ' for x in xs]'],
  'conditions of comprehensions': ['[1 for x in xs if ', ']'],
  'lambdas as conditions': ['[1 for x in xs if lambda:', ']'],
  'dict comprehensions': ['{1:', ' for x in xs}'],
  'f-strings': ['f"{', '}"'],
};

/** What can stand behind itself. */
const chains: Readonly<Record<string, (count: number) => string>> = {
  methods: (count) => `v={}${'.get(wait())'.repeat(count)}`,
  indexes: (count) => `v=xs${'[0]'.repeat(count)}`,
  'indexes in a loop': (count) => `for i in xs:\n v=xs${'[0]'.repeat(count)}`,
  calls: (count) => `v=wait${'()'.repeat(count)}`,
  attributes: (count) => `v=xs${'.a'.repeat(count)}`,
  'indexes, attributes and calls': (count) => `v=xs${'[wait()].a(wait())'.repeat(count)}`,
  clauses: (count) => `c=[1${' for x in xs'.repeat(count)}]`,
  conditions: (count) => `c=[1 for x in xs${' if x'.repeat(count)}]`,
  'lambdas of conditions': (count) => `v=[1 for x in xs if ${'lambda:'.repeat(count)}1]`,
  operators: (count) => `v=1${'+1'.repeat(count)}`,
  'and and or': (count) => `for i in xs:\n v=not xs${' or not xs and i'.repeat(count)}`,
  elif: (count) => `if xs:\n v=1\n${'elif xs:\n v=2\n'.repeat(count)}`,
  'if with return': (count) => `def f():\n${' if xs:\n  return 1\n'.repeat(count)}f()`,
};

async function assertNoStackEnds(source: string): Promise<void> {
  try {
    const program = compile(source, {
      filename: 'deep.star',
      fileOptions: scriptOptions,
      predeclared: handedIn.keys(),
    });
    await run(program, new Thread(), handedIn);
  } catch (error) {
    assert.ok(error instanceof StarlarkError, String(error));
    assert.ok(!(error.cause instanceof RangeError), `${error.format().slice(0, 500)}: a stack has ended`);
    assert.notEqual(error.code, 'internal');
  }
}

function inBlocks(statement: string): string {
  const heads = [(at: number) => `def f${at}():`, () => 'for i in xs:', () => 'if xs:'];
  const lines = Array.from({ length: 98 }, (_, at) => `${' '.repeat(at)}${heads[at % 3]!(at)}\n`);
  return `${lines.join('')}${' '.repeat(98)}${statement}\n`;
}

describe('what is nested deeply', () => {
  for (const [name, [open, close]] of Object.entries(brackets)) {
    test(`${name} within each other`, async () => {
      for (const depth of [95, 198, 300, 5000]) {
        const expression = `${open.repeat(depth)}1${close.repeat(depth)}`;
        await assertNoStackEnds(`v=${expression}`);
        await assertNoStackEnds(`def f():\n return ${expression}\nf()`);
        await assertNoStackEnds(inBlocks(`v=${expression}`));
      }
    });
  }

  for (const [name, chain] of Object.entries(chains)) {
    test(`${name} in a row`, async () => {
      for (const count of [120, 160, 245, 498, 3000, 20_000]) await assertNoStackEnds(chain(count));
    });
  }

  test('operators in a row, elif and early returns have no limit of their own, and give the right value', async () => {
    const count = 5000;
    const source = [
      `total = 0${' + 1'.repeat(count)}`,
      `text = ""${Array.from({ length: count }, (_, at) => ` + "${at % 10}"`).join('')}`,
      `either = None${' or None'.repeat(count)} or 7`,
      `truth = [1 for _ in [1] if not (True${' and True'.repeat(count)} and False)]`,
      `def pick(n):\n${Array.from({ length: count }, (_, at) => `  if n == ${at}:\n    return ${at * 2}\n`).join('')}  return -1`,
      `if total == 0:\n  n = 0\n${Array.from({ length: count }, (_, at) => `elif total == ${at + 1}:\n  n = ${at}\n`).join('')}else:\n  n = -1`,
      'return [total, len(text), text[:12], either, truth, pick(4321), pick(-5), n]',
    ].join('\n');
    const program = compile(source, { filename: 'row.star', fileOptions: scriptOptions, predeclared: [] });
    const { value } = await run(program, new Thread(), new Map());
    assert.deepEqual((value as List).elems.slice(0, 4), [count, count, '012345678901', 7]);
    assert.deepEqual(((value as List).elems[4] as List).elems, [1]);
    assert.deepEqual((value as List).elems.slice(5), [8642, -1, count - 1]);
  });
});
