import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject, ToolDescription } from '../../server/index.ts';
import { describeTool } from '../../features/code-mode/script/describe-tool.ts';
import { readArguments } from './arguments.ts';

const tool: ToolDescription = describeTool({
  name: 't',
  inputSchema: {
    type: 'object',
    properties: {
      text: { type: 'string' },
      n: { type: 'integer' },
      on: { type: 'boolean' },
      names: { type: 'array', items: { type: 'string' } },
      numbers: { type: 'array', items: { type: 'number' } },
      at: { type: 'object' },
      maybe: { type: ['string', 'null'] },
      either: { type: ['string', 'integer'] },
      any: {},
    },
  },
});

describe('arguments on a command line', () => {
  const cases: [words: string[], args: JsonObject][] = [
    [[], {}],
    [['text=3', 'n=3', 'on=true'], { text: '3', n: 3, on: true }],
    [['text=', 'text2=a=b'], { text: '', text2: 'a=b' }],
    [
      ['text=true', 'any=true', 'any2=[1]', 'any3=word'],
      { text: 'true', any: true, any2: [1], any3: 'word' },
    ],
    [['names=1'], { names: ['1'] }],
    [['names=a,b', 'names=c'], { names: ['a,b', 'c'] }],
    [['names=["a","b"]', 'numbers=1', 'numbers=2.5'], { names: ['a', 'b'], numbers: [1, 2.5] }],
    [['at={"x": 1}'], { at: { x: 1 } }],
    [['maybe=null', 'either=7'], { maybe: null, either: 7 }],
    [['maybe=nul', 'either=seven'], { maybe: 'nul', either: 'seven' }],
    [['text:=3', 'any:="3"'], { text: 3, any: '3' }],
    [['any=1', 'any=2'], { any: [1, 2] }],
    [['{"n": 1, "deep": {"a": [1]}}'], { n: 1, deep: { a: [1] } }],
    // What fits no type is left to the check against the schema, which says what was expected.
    [['n=many', 'on=perhaps', 'at=here'], { n: 'many', on: 'perhaps', at: 'here' }],
    [['__proto__=x'], JSON.parse('{"__proto__": "x"}') as JsonObject],
  ];
  for (const [words, args] of cases) {
    test(`are read by the types of the schema: ${words.join(' ')}`, () => {
      assert.deepEqual(readArguments(words, tool), args);
    });
  }

  test('keep the digits of a long int', () => {
    assert.deepEqual({ ...readArguments(['n=12345678901234567890'], tool) }, { n: 12345678901234567890n });
  });

  const wrong: [words: string[], says: RegExp][] = [
    [['word'], /expected key=value, or one JSON object, found "word"/],
    [['=x'], /found "=x"/],
    [['{"n": 1}', 'n=2'], /expected one JSON object, found "n=2" behind it/],
    [['{"n": }'], /the arguments: expected JSON/],
    [['n=1', 'n=2'], /n is given twice; it takes one value/],
    [['n:=word'], /n: expected JSON behind ":="/],
  ];
  for (const [words, says] of wrong) {
    test(`are refused as usage: ${words.join(' ')}`, () => {
      assert.throws(() => readArguments(words, tool), { code: 'usage', message: says });
    });
  }
});
