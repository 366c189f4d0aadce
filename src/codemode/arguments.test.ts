import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '../gateway/index.ts';
import { fromJs } from '../starlark/index.ts';
import type { JsonLike, Value } from '../starlark/index.ts';
import { createBinder } from './arguments.ts';
import type { CatalogTool } from './catalog.ts';
import { CodeModeError } from './errors.ts';

const listIssues = tool({
  type: 'object',
  properties: {
    state: { type: 'string', enum: ['open', 'closed'], default: 'open' },
    owner: { type: 'string' },
    limit: { type: 'integer', default: 30 },
    repo: { type: 'string' },
    labels: { type: 'array', items: { type: 'string' } },
    'X-Trace': { type: 'boolean' },
    since: { anyOf: [{ type: 'string' }, { type: 'null' }] },
  },
  required: ['repo', 'owner'],
});

function tool(inputSchema: JsonObject): CatalogTool {
  return { name: 'gh.list-issues', identifier: 'gh_list_issues', description: '', inputSchema };
}

function bind(target: CatalogTool, args: JsonLike[], kwargs: Record<string, Value> = {}): JsonObject {
  return createBinder(target).bind(args.map(fromJs), new Map(Object.entries(kwargs)));
}

function refusal(target: CatalogTool, args: JsonLike[], kwargs: Record<string, Value> = {}): string {
  try {
    bind(target, args, kwargs);
  } catch (error) {
    assert.ok(error instanceof CodeModeError);
    assert.equal(error.code, 'bad_tool_arguments');
    assert.equal(error.tool, target.name);
    assert.match(error.message, /Signature: gh_list_issues\(/u);
    assert.match(error.message, /The call was not made/u);
    return error.message;
  }
  throw new assert.AssertionError({ message: 'the arguments were not refused' });
}

describe('binding arguments', () => {
  test('gives positional arguments to the required properties first, then to the rest in order', () => {
    assert.deepEqual(bind(listIssues, ['o', 'r', 'closed', 5]), {
      owner: 'o',
      repo: 'r',
      state: 'closed',
      limit: 5,
    });
  });

  test('mixes positional and keyword arguments', () => {
    assert.deepEqual(bind(listIssues, ['o'], { repo: 'r', limit: 1 }), { owner: 'o', repo: 'r', limit: 1 });
  });

  test('says how to give a name that is no identifier', () => {
    assert.match(
      refusal(listIssues, ['o', 'r'], { x_trace: true }),
      /no argument is called "x_trace"\. Did you mean "X-Trace"\? Write it \*\*\{"X-Trace": \.\.\.\}\.\n/u,
    );
    assert.doesNotMatch(refusal(listIssues, ['o', 'r'], { limits: 1 }), /Write it/u);
  });

  test('says how to give a dict of arguments where one stands alone', () => {
    assert.match(
      refusal(listIssues, [{ owner: 'o', repo: 'r' }]),
      /put \*\* before it: \*\*\{\.\.\.\}\.\nThe call/u,
    );
    assert.doesNotMatch(refusal(listIssues, ['o']), /\*\*/u);
    assert.doesNotMatch(refusal(listIssues, [{}], { repo: 'r', limit: 'x' }), /put \*\*/u);
  });

  test('takes names that are no identifiers by keyword', () => {
    assert.deepEqual(bind(listIssues, ['o', 'r'], { 'X-Trace': true }), {
      owner: 'o',
      repo: 'r',
      'X-Trace': true,
    });
  });

  test('passes any name on where the schema names none', () => {
    assert.deepEqual(bind(tool({ type: 'object' }), [], { anything: 1 }), { anything: 1 });
  });

  test('passes further names on where the schema is open', () => {
    const open = tool({ type: 'object', properties: { a: {} }, additionalProperties: true });
    assert.deepEqual(bind(open, [1], { b: 2 }), { a: 1, b: 2 });
  });

  test('sees the properties behind allOf, anyOf and references', () => {
    const composed = tool({
      allOf: [{ $ref: '#/$defs/base' }, { properties: { b: { type: 'integer' } } }],
      anyOf: [{ properties: { c: { type: 'integer' } }, required: ['c'] }],
      $defs: { base: { properties: { a: { type: 'integer' } }, required: ['a'] } },
    });
    assert.deepEqual(bind(composed, [1, 2, 3]), { a: 1, b: 2, c: 3 });
    assert.match(refusal(composed, []), /missing argument "a"/u);
  });

  test('keeps an argument called __proto__ an ordinary one', () => {
    const bound = bind(
      tool({ type: 'object' }),
      [],
      JSON.parse('{"__proto__": "x"}') as Record<string, Value>,
    );
    assert.equal(JSON.stringify(bound), '{"__proto__":"x"}');
  });
});

describe('arguments are refused before the call', () => {
  const cases: [string, JsonLike[], Record<string, Value>, RegExp][] = [
    ['a missing one', ['o'], {}, /missing argument "repo"/u],
    ['a misspelt one', ['o', 'r'], { limt: 3 }, /no argument is called "limt"\. Did you mean "limit"\?/u],
    [
      'one too many',
      ['a', 'b', 'open', 1, [], true, '', 9],
      {},
      /takes at most 7 positional arguments, got 8/u,
    ],
    ['one given twice', ['o', 'r'], { owner: 'x' }, /"owner" is given by position and by name/u],
    ['a string for an integer', ['o', 'r'], { limit: '3' }, /limit: expected int, got str/u],
    ['a fraction for an integer', ['o', 'r', 'open', 2.5], {}, /limit: expected int, got float/u],
    ['a boolean for an integer', ['o', 'r'], { limit: true }, /limit: expected int, got bool/u],
    [
      'a value that is not in the enum',
      ['o', 'r', 'all'],
      {},
      /state: expected one of "open", "closed", got "all"/u,
    ],
    ['a wrong element of a list', ['o', 'r', 'open', 1, ['a', 2]], {}, /labels\[1\]: expected str, got int/u],
    [
      'None where it is not allowed',
      ['o', 'r'],
      { limit: null },
      /leave the argument out instead of passing None/u,
    ],
    ['a value that no alternative takes', ['o', 'r'], { since: 3 }, /since: expected str\|None, got int/u],
    ['an integer that cannot be sent exactly', ['o', 'r'], { limit: 2n ** 70n }, /limit/u],
  ];
  for (const [title, args, kwargs, message] of cases) {
    test(`names ${title}`, () => assert.match(refusal(listIssues, args, kwargs), message));
  }

  test('advises to leave out only what may be left out', () => {
    assert.match(refusal(listIssues, ['o', null]), /repo: expected str, got None\n/u);
    const nested = tool({
      type: 'object',
      properties: {
        p: { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } }, required: ['a'] },
      },
    });
    assert.match(
      refusal(nested, [{ a: 'x', b: null }]),
      /p\["b"\]: .*; leave the key out instead of passing None\n/u,
    );
    assert.match(refusal(nested, [{ a: null }]), /p\["a"\]: expected str, got None\n/u);
  });

  test('takes a null that the schema lists, whatever type it names', () => {
    const listed = tool({ type: 'object', properties: { s: { type: 'string', enum: ['a', null] } } });
    assert.deepEqual(bind(listed, [null]), { s: null });
    assert.match(refusal(listed, ['b']), /expected one of "a", None, got "b"/u);
  });

  test('names every fault at once', () => {
    const message = refusal(listIssues, [1], { limt: 3 });
    assert.match(message, /no argument is called "limt"/u);
    assert.match(message, /missing argument "repo"/u);
    assert.match(message, /owner: expected str, got int/u);
  });

  test('names the place in a nested value', () => {
    const nested = tool({
      type: 'object',
      properties: {
        filter: {
          type: 'object',
          properties: { by: { type: 'object', properties: { age: { type: 'integer' } }, required: ['age'] } },
          additionalProperties: false,
        },
      },
    });
    assert.match(refusal(nested, [{ by: { age: 'x' } }]), /filter\["by"\]\["age"\]: expected int, got str/u);
    assert.match(refusal(nested, [{ by: {} }]), /filter\["by"\]: the key "age" is missing/u);
    assert.match(refusal(nested, [{ bye: {} }]), /filter\["bye"\]: there is no such key/u);
  });

  test('says nothing about what it does not know', () => {
    const loose = tool({
      type: 'object',
      properties: {
        url: { type: 'string', format: 'uri', minLength: 50 },
        x: { not: {} },
        y: { $ref: 'https://x.test/' },
      },
    });
    assert.deepEqual(bind(loose, ['short', 1, 2]), { url: 'short', x: 1, y: 2 });
  });
});
