import assert from 'node:assert/strict';
import { test } from 'node:test';
import { argumentsOf, fieldsOf, toCurl, toScriptLine } from './tool-form.ts';

const fields = fieldsOf({
  type: 'object',
  required: ['path', 'mode'],
  properties: {
    head: { type: 'integer' },
    path: { type: 'string', description: 'Where' },
    mode: { enum: ['r', 'w'] },
    deep: { type: 'boolean', default: true },
    filter: { type: 'object' },
  },
});

test('a schema becomes fields, those that must be filled first', () => {
  assert.deepEqual(
    fields.map(({ name, kind, required }) => [name, kind, required]),
    [
      ['path', 'text', true],
      ['mode', 'choice', true],
      ['head', 'number', false],
      ['deep', 'flag', false],
      ['filter', 'json', false],
    ],
  );
  assert.equal(fields.find(({ name }) => name === 'deep')?.initial, 'true');
});

test('what is written becomes arguments of the types that the schema has', () => {
  const written = { path: '', mode: 'w', head: '3', deep: 'false', filter: '{"a": [1]}' };
  assert.deepEqual(argumentsOf(fields, written), {
    path: '',
    mode: 'w',
    head: 3,
    deep: false,
    filter: { a: [1] },
  });
  assert.deepEqual(argumentsOf(fields, { path: 'x', mode: 'r', head: '' }), { path: 'x', mode: 'r' });
});

test('what cannot be an argument is told in words', () => {
  assert.throws(() => argumentsOf(fields, { path: 'x' }), /mode is missing/);
  assert.throws(() => argumentsOf(fields, { path: 'x', mode: 'r', head: 'many' }), /head: expected a number/);
  assert.throws(() => argumentsOf(fields, { path: 'x', mode: 'r', filter: '{' }), /filter: expected JSON/);
});

test('a call is written as a line of a script, and as a command that a shell takes whole', () => {
  const args = { path: "it's", deep: true, filter: { a: [null] } };
  assert.equal(
    toScriptLine('read_file(path: str) -> str', args),
    'read_file(path="it\'s", deep=True, filter={"a": [None]})',
  );
  assert.match(toCurl('http://h/mcp', 'read', args), /"path":"it'\\''s"/);
});
