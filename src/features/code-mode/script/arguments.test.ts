import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '../../../protocol/index.ts';
import { fromJs } from '../../../starlark/index.ts';
import type { ExactJson, Value } from '../../../starlark/index.ts';
import { createBinder } from './arguments.ts';
import type { ToolArguments } from './arguments.ts';
import type { CatalogTool } from '../shared/catalog.ts';
import { CodeModeError } from '../shared/errors.ts';

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

function bind(target: CatalogTool, args: ExactJson[], kwargs: Record<string, Value> = {}): ToolArguments {
  return createBinder(target).bind(args.map(fromJs), new Map(Object.entries(kwargs)));
}

function refusal(target: CatalogTool, args: ExactJson[], kwargs: Record<string, Value> = {}): string {
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
    for (const name of ['arguments', 'args', 'params']) {
      assert.match(
        refusal(listIssues, [], { [name]: fromJs({ owner: 'o', repo: 'r' }) }),
        /put \*\* before it/u,
      );
    }
    assert.doesNotMatch(refusal(listIssues, [], { owner: fromJs({ login: 'o' }) }), /put \*\*/u);
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

  test('sees the properties beside a reference and those that hold only in certain cases', () => {
    const conditional = tool({
      $ref: '#/$defs/base',
      properties: { b: { type: 'integer' } },
      required: ['b'],
      if: { properties: { a: { const: 1 } } },
      then: { properties: { c: { type: 'string' } }, required: ['c'] },
      else: { properties: { d: { type: 'string' } } },
      dependentSchemas: { a: { properties: { e: { type: 'string' } } } },
      dependencies: { b: ['a'], d: { properties: { f: { type: 'string' } } } },
      $defs: { base: { type: 'object', properties: { a: { type: 'integer' } } } },
    });
    const all = { a: 1, b: 2, c: 'c', d: 'd', e: 'e', f: 'f' };
    assert.deepEqual(bind(conditional, [], all), all);
    assert.match(refusal(conditional, [], { g: 1 }), /no argument is called "g"[^]*missing argument "b"/u);
  });

  test('takes None for a reference that may be null', () => {
    const nullable = tool({
      type: 'object',
      properties: { a: { $ref: '#/$defs/a', nullable: true } },
      $defs: { a: { type: 'object' } },
    });
    assert.deepEqual(bind(nullable, [null]), { a: null });
    assert.match(refusal(nullable, [1]), /a: expected dict, got int/u);
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
  const cases: [string, ExactJson[], Record<string, Value>, RegExp][] = [
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
    [
      'an integer that nobody could read',
      ['o', 'r'],
      { limit: 2n ** 1025n },
      /limit: an int of more than 1024 bits is too large/u,
    ],
    [
      'a large integer for a string',
      ['o'],
      { repo: 2n ** 70n },
      /repo: expected str, got int; write str\(x\)/u,
    ],
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

  test('takes an integer that JavaScript numbers cannot hold wherever an int or a number may be', () => {
    const id = 2n ** 60n + 1n;
    const exact = tool({
      type: 'object',
      properties: {
        id: { type: 'integer' },
        ids: { type: 'array', items: { type: 'number' } },
        // As JSON.parse reads the bounds of a schema: rounded.
        one: { enum: [1, Number(id)] },
        any: {},
      },
    });
    const given = { id, ids: [1, id], one: id, any: { nested: [id] } };
    const kwargs = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, fromJs(value)]));
    assert.deepEqual(bind(exact, [], kwargs), given);
    assert.match(refusal(exact, [], { one: 2n ** 61n }), /one of 1, \d+, got 2305843009213693952\n/u);
    const nested = fromJs([{ a: 2n ** 61n }] as ExactJson);
    const pairs = tool({ type: 'object', properties: { p: { enum: [[{ a: 1 }]] } } });
    assert.match(refusal(pairs, [], { p: nested }), /p: expected list, got list/u);
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

  const event = tool({
    type: 'object',
    properties: {
      event: {
        type: 'object',
        properties: {
          title: { type: 'string' },
          start: { type: 'object', properties: { dateTime: { type: 'string' } }, required: ['dateTime'] },
          guests: {
            type: 'array',
            items: { type: 'object', properties: { email: {} }, required: ['email'] },
          },
          seen: { enum: ['public', 'private'] },
        },
        required: ['title', 'start'],
        additionalProperties: false,
      },
      notify: { type: 'boolean' },
    },
    required: ['event'],
  });

  test('names every fault within one argument, and the key that was meant', () => {
    const start = { datetime: '2026' };
    const message = refusal(event, [
      { titel: 'x', start, guests: [{}, { email: 1 }, {}], seen: 'no', also: 1 },
    ]);
    assert.match(message, /event: the key "title" is missing \(is it "titel", which is no key of it\?\)\n/u);
    assert.match(message, /event\["start"\]: the key "dateTime" is missing \(is it "datetime", /u);
    assert.match(message, /event\["guests"\]\[0\]: the key "email" is missing\n/u);
    assert.match(message, /event\["guests"\]\[2\]: the key "email" is missing\n/u);
    assert.match(message, /event\["seen"\]: expected one of "public", "private", got "no"\n/u);
    assert.match(message, /event\["also"\]: there is no such key; expected \{title: str, /u);
    assert.doesNotMatch(message, /event\["titel"\]/u);
  });

  test('tells the members of a union apart by what they fix', () => {
    const shape = tool({
      type: 'object',
      properties: {
        shape: {
          oneOf: [
            {
              type: 'object',
              properties: { type: { const: 'circle' }, r: { type: 'number' } },
              required: ['r'],
            },
            {
              type: 'object',
              properties: { type: { const: 'box' }, w: { type: 'number' } },
              required: ['w'],
            },
          ],
        },
        fill: { oneOf: [{ const: 'red' }, { const: 'blue' }] },
      },
    });
    assert.match(refusal(shape, [{ type: 'box', r: 1 }]), /shape: the key "w" is missing/u);
    assert.match(
      refusal(shape, [{ type: 'hexagon' }]),
      /shape: expected \{type\?: "circle", r: float\}\|\{type\?: "box", /u,
    );
    assert.match(refusal(shape, [], { fill: 'green' }), /fill: expected "red"\|"blue", got "green"\n/u);
  });

  test('looks for no more faults in an argument than anybody would read', () => {
    const guests = Array.from({ length: 10_000 }, () => ({}));
    const message = refusal(event, [{ title: 'x', start: { dateTime: '' }, guests }]);
    assert.equal(message.match(/is missing/gu)?.length, 8);
  });

  test('says where a key of a dict belongs that was given as an argument', () => {
    assert.match(
      refusal(event, [], { title: 'x' }),
      /no argument is called "title"\. It is a key of "event": event=\{"title": \.\.\.\}\.\n/u,
    );
    assert.match(refusal(event, [], { elsewhere: 'x' }), /no argument is called "elsewhere"\.\n/u);
  });

  const remedies: [string, JsonObject, ExactJson, RegExp][] = [
    ['a number for a text', { type: 'string' }, 5, /x: expected str, got int; write str\(x\)\n/u],
    ['a dict for a text', { type: 'string' }, {}, /got dict; json\.encode\(x\) makes text of it\n/u],
    ['a text for a number', { type: 'integer' }, '5', /expected int, got str; write int\(x\)\n/u],
    ['a word for a number', { type: 'integer' }, 'five', /expected int, got str\n/u],
    ['a text for a fraction', { type: 'number' }, '5.5', /expected float, got str; write float\(x\)\n/u],
    ['one for several', { type: 'array', items: { type: 'string' } }, 'a', /got str; write \[x\]\n/u],
    ['one of a wrong kind for several', { type: 'array', items: { type: 'string' } }, 5, /got int\n/u],
    [
      'JSON for a dict',
      { type: 'object' },
      '{"a": 1}',
      /got str; pass the value itself, not its JSON text\n/u,
    ],
    ['JSON for a list', { type: 'array' }, '[1]', /got str; pass the value itself, not its JSON text\n/u],
    [
      'a number for a text or nothing',
      { anyOf: [{ type: 'string' }, { type: 'null' }] },
      5,
      /expected str\|None, got int; write str\(x\)\n/u,
    ],
  ];
  for (const [title, schema, value, message] of remedies) {
    test(`says what to make of ${title}`, () => {
      assert.match(refusal(tool({ type: 'object', properties: { x: schema } }), [value]), message);
    });
  }

  test('says how to give an optional argument only where there is a value for it', () => {
    assert.match(
      refusal(listIssues, ['o', 'r'], { limit: null }),
      /instead of passing None: \*\*\(\{"limit": x\} if x != None else \{\}\)\n/u,
    );
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
