import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '../../../protocol/index.ts';
import { toType } from './schema-type.ts';

const person: JsonObject = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };

const cases: [string, JsonObject, string][] = [
  ['a string', { type: 'string' }, 'str'],
  ['an integer', { type: 'integer' }, 'int'],
  ['a number', { type: 'number' }, 'float'],
  ['a boolean', { type: 'boolean' }, 'bool'],
  ['null', { type: 'null' }, 'None'],
  ['anything', {}, 'any'],
  ['an enum', { enum: ['open', 'closed', 3, true, null] }, '"open"|"closed"|3|True|None'],
  ['a constant', { const: 'x' }, '"x"'],
  ['several types', { type: ['null', 'string'] }, 'str|None'],
  ['nullable', { type: 'integer', nullable: true }, 'int|None'],
  ['anyOf', { anyOf: [{ type: 'string' }, { type: 'integer' }, { type: 'null' }] }, 'str|int|None'],
  [
    'oneOf with the same type twice',
    { oneOf: [{ type: 'string' }, { type: 'string', format: 'uri' }] },
    'str',
  ],
  ['a union that anything is part of', { anyOf: [{ type: 'string' }, {}] }, 'any'],
  ['a list', { type: 'array', items: { type: 'string' } }, 'list[str]'],
  ['a list of anything', { type: 'array' }, 'list'],
  ['a tuple', { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }] }, 'list[str, int]'],
  [
    'an object with an optional key',
    { ...person, properties: { name: { type: 'string' }, 'e-mail': {} } },
    '{name: str, "e-mail"?: any}',
  ],
  ['a map', { type: 'object', additionalProperties: { type: 'integer' } }, 'dict[str, int]'],
  [
    'a list of fixed items as older drafts have it',
    { type: 'array', items: [{ type: 'string' }, { type: 'integer' }] },
    'list[str, int]',
  ],
  [
    'nullable beside a reference',
    { $ref: '#/$defs/p', nullable: true, $defs: { p: person } },
    '{name: str}|None',
  ],
  ['an open object', { type: 'object' }, 'dict'],
  ['an object that does not say so', { properties: { a: { type: 'string' } } }, '{a?: str}'],
  ['a reference', { $ref: '#/$defs/p', $defs: { p: person } }, '{name: str}'],
  ['a reference with escapes', { $ref: '#/$defs/a~1b', $defs: { 'a/b': person } }, '{name: str}'],
  ['a reference that leads nowhere', { $ref: '#/$defs/none' }, 'any'],
  ['a reference to another document', { $ref: 'https://example.com/x' }, 'any'],
  [
    'a reference that comes back to itself',
    { $ref: '#/$defs/n', $defs: { n: { type: 'object', properties: { next: { $ref: '#/$defs/n' } } } } },
    '{next?: any}',
  ],
  ['allOf', { allOf: [person, { properties: { age: { type: 'integer' } } }] }, '{name: str, age?: int}'],
  [
    'allOf beside properties',
    { allOf: [{ $ref: '#/$defs/p' }], properties: { age: { type: 'integer' } }, $defs: { p: person } },
    '{name: str, age?: int}',
  ],
  ['allOf of one reference', { allOf: [{ $ref: '#/$defs/p' }], $defs: { p: person } }, '{name: str}'],
  [
    'a key called __proto__',
    JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"}}}') as JsonObject,
    '{__proto__?: str}',
  ],
];

describe('toType', () => {
  for (const [title, schema, expected] of cases) {
    test(`writes ${title}`, () => assert.equal(toType(schema, { maxDepth: 4 }), expected));
  }

  test('spells out no more levels than asked for', () => {
    const nested = { type: 'array', items: { type: 'array', items: person } };
    assert.equal(toType(nested, { maxDepth: 3 }), 'list[list[{name: str}]]');
    assert.equal(toType(nested, { maxDepth: 2 }), 'list[list[dict]]');
    assert.equal(toType(nested, { maxDepth: 0 }), 'list');
  });

  test('shortens a long enum', () => {
    const values = Array.from({ length: 30 }, (_, index) => `v${index}`);
    assert.equal(toType({ enum: values }, { maxDepth: 1 }), '"v0"|"v1"|"v2"|"v3"|"v4"|"v5"|"v6"|"v7"|...');
  });
});
