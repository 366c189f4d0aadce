import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import {
  compile,
  LateValue,
  run,
  scriptBuiltins,
  scriptOptions,
  scriptValue,
  StarlarkError,
  Thread,
  type Value,
} from '../../../starlark/index.ts';
import { bindTools, ToolSet } from './bindings.ts';

const properties = Object.fromEntries(
  Array.from({ length: 4000 }, (_, at) => [
    `property_${at}`,
    { type: 'string', description: 'x'.repeat(50) },
  ]),
);
const small = { type: 'object', properties: { x: { type: ['string', 'array'], items: { type: 'string' } } } };
const toolSet = new ToolSet(
  JSON.stringify([
    { name: 'big', identifier: 'big', description: '', inputSchema: { type: 'object', properties } },
    { name: 'small', identifier: 'small', description: '', inputSchema: small },
  ]),
);
const names = bindTools(
  toolSet,
  () => Promise.resolve(new LateValue(0, () => null)),
  () => Promise.resolve(),
);

/** How a script that does this 300 times ends. */
async function endOf(expression: string): Promise<string> {
  const program = compile(
    `many = {"name_%d" % i: i for i in range(3000)}\nfor i in range(300):\n    ${expression}\n`,
    {
      filename: 'test.star',
      fileOptions: scriptOptions,
      predeclared: [...names.keys(), ...scriptBuiltins().keys()],
    },
  );
  try {
    await run(program, new Thread({ maxSteps: 100_000, maxBytes: 64 * 2 ** 20 }), names);
    return 'fine';
  } catch (error) {
    assert.ok(error instanceof StarlarkError);
    return error.code;
  }
}

describe('what costs the thread time costs the script steps', () => {
  const cases: [string, string, string][] = [
    ['a search of large tools, whose index is made once', 'search_tools("property")', 'fine'],
    ['a description of a large tool', 'describe_tool("big")', 'step_limit'],
    ['a refused call of a large tool', 'attempt(lambda: big(nope=1))', 'step_limit'],
    ['a refused call of a large tool by its name', 'attempt(lambda: call_tool("big", nope=1))', 'step_limit'],
    ['a call with too long a list', 'attempt(lambda: small(x=["a" * 100] * 100000))', 'step_limit'],
    ['a call with a long list of the wrong kind', 'attempt(lambda: small(x=[1] * 100000))', 'step_limit'],
    ['a call with far too long a string', 'attempt(lambda: small(x="a" * 20000000))', 'step_limit'],
    ['a call with far too large a number', 'attempt(lambda: small(x=1 << 1000000))', 'fine'],
    ['a call with many names that there are not', 'attempt(lambda: small(**many))', 'fine'],
    ['a call with a long text', 'attempt(lambda: small(x="a" * 100000))', 'fine'],
    ['a description of a small tool', 'describe_tool("small")', 'fine'],
    ['a refused call of a small tool', 'attempt(lambda: small(nope=1))', 'fine'],
  ];
  for (const [title, expression, end] of cases) {
    test(`${title}, 300 times: ${end}`, async () => assert.equal(await endOf(expression), end));
  }
});

describe('a search among many tools', () => {
  const description = 'Lists the issues of a repository, by name, by time and by owner. '.repeat(8);
  const many = new ToolSet(
    JSON.stringify(
      Array.from({ length: 5000 }, (_, at) => {
        const name = `tool_${at}`;
        return { name, identifier: name, description, inputSchema: { type: 'object' } };
      }),
    ),
  );

  async function runSearch(
    script: string,
    giveWay: () => Promise<void>,
    thread = newThread(),
  ): Promise<Value> {
    const bound = bindTools(many, () => Promise.reject(new Error('no call is made')), giveWay);
    const options = {
      filename: 'test.star',
      fileOptions: scriptOptions,
      predeclared: [...bound.keys(), ...scriptBuiltins().keys()],
    };
    const program = compile(script, options);
    return scriptValue(program, await run(program, thread, bound));
  }

  test('is not too much in one go, however long their list is, and gives way while the index is made', async () => {
    assert.ok(many.size > 2 ** 21);
    let turns = 0;
    const name = await runSearch('return search_tools("tool_4321 issues")[0]["name"]', () => {
      turns++;
      return turn();
    });
    assert.equal(name, 'tool_4321');
    assert.ok(turns > 5, `${turns} turns`);
    const more = await runSearch('return len(search_tools("issues by owner"))', () => {
      throw new Error('the index is there');
    });
    assert.equal(more, 20);
  });
});

function newThread(): Thread {
  return new Thread({ maxSteps: 100_000, maxBytes: 64 * 2 ** 20, maxInOneGo: 3 * 2 ** 18 });
}
