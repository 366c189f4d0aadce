import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../protocol/index.ts';
import { paramHeaderText, paramHeadersOf } from './param-headers.ts';

const region = { type: 'string', 'x-mcp-header': 'Region' };

test('parameters are found below any chain of properties', () => {
  const schema = {
    type: 'object',
    properties: {
      region,
      deep: { type: 'object', properties: { n: { type: 'integer', 'x-mcp-header': 'N' } } },
    },
  };
  assert.deepEqual(paramHeadersOf(schema), [
    { header: 'mcp-param-region', path: ['region'], type: 'string' },
    { header: 'mcp-param-n', path: ['deep', 'n'], type: 'integer' },
  ]);
  assert.deepEqual(paramHeadersOf({ type: 'object' }), []);
});

test('a declaration that breaks a rule makes the whole schema invalid', () => {
  const schemas: JsonObject[] = [
    { properties: { a: { type: 'string', 'x-mcp-header': '' } } },
    { properties: { a: { type: 'string', 'x-mcp-header': 'two words' } } },
    { properties: { a: { type: 'string', 'x-mcp-header': 7 } } },
    { properties: { a: { type: 'number', 'x-mcp-header': 'A' } } },
    { properties: { a: { 'x-mcp-header': 'A' } } },
    { properties: { a: { type: 'object', 'x-mcp-header': 'A' } } },
    {
      properties: { a: { type: 'string', 'x-mcp-header': 'A' }, b: { type: 'string', 'x-mcp-header': 'a' } },
    },
    { properties: { list: { type: 'array', items: region } } },
    { anyOf: [{ properties: { region } }] },
    { $defs: { r: { properties: { region } } } },
    { ...region },
  ];
  for (const schema of schemas) assert.equal(paramHeadersOf(schema), 'invalid', JSON.stringify(schema));
});

test('the word means nothing in data, nor as the name of a property', () => {
  assert.deepEqual(paramHeadersOf({ properties: { a: { const: region, enum: [region] } } }), []);
  assert.deepEqual(paramHeadersOf({ properties: { 'x-mcp-header': { type: 'string' } } }), []);
});

test('an argument’s text is that of the specification, and none for what cannot be sent', () => {
  const cases: [unknown, string | undefined][] = [
    ['x', 'x'],
    [42, '42'],
    [-7, '-7'],
    [true, 'true'],
    [null, undefined],
    [{}, undefined],
    [2 ** 60, undefined],
  ];
  for (const [value, text] of cases)
    assert.equal(paramHeaderText({ a: { b: value } } as JsonObject, ['a', 'b']), text);
  assert.equal(paramHeaderText(undefined, ['a']), undefined);
});
