import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '../../../protocol/index.ts';
import { describeTool } from './describe-tool.ts';

function parametersOf(properties: JsonObject, required: string[] = []): string[] {
  const described = describeTool({ name: 't', inputSchema: { type: 'object', properties, required } });
  return described.parameters.map(({ name, type, jsonTypes, itemTypes }) =>
    [name, type, jsonTypes.join(), itemTypes.join()].join(' | '),
  );
}

describe('the parameters of a tool', () => {
  test('have the types that their schemas allow', () => {
    assert.deepEqual(
      parametersOf({
        plain: { type: 'string' },
        either: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
        word: { enum: ['a', 1] },
        list: { type: 'array', items: { type: 'number' } },
        maybe: { anyOf: [{ type: 'array', items: { type: 'string' } }, { type: 'null' }] },
        shaped: { properties: { a: {} } },
        free: {},
        open: { anyOf: [{ type: 'string' }, {}] },
      }),
      [
        'plain | str | string | ',
        'either | int|None | integer,null | ',
        'word | "a"|1 | string,number | ',
        'list | list[float] | array | number',
        'maybe | list[str]|None | array,null | string',
        'shaped | {a?: any} | object | ',
        'free | any |  | ',
        'open | any |  | ',
      ],
    );
  });

  test('stand with the required ones first', () => {
    assert.deepEqual(parametersOf({ a: {}, b: {} }, ['b']), ['b | any |  | ', 'a | any |  | ']);
  });
});

test('arguments that the schema refuses are told with the signature', () => {
  const { faultOf, signature } = describeTool({
    name: 'git.list',
    inputSchema: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
  });
  assert.equal(signature, 'git_list(n: int)');
  assert.equal(faultOf({ n: 1 }), undefined);
  assert.match(faultOf({ m: 1 }) ?? '', /no argument is called "m"[^]*Signature: git_list\(n: int\)/);
});
