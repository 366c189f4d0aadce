import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { codeOf, kindOf, messageOf, stackOf, toError } from './thrown.ts';

const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
const hostile = new Proxy(
  {},
  {
    get: () => {
      throw new Error('read');
    },
    getPrototypeOf: () => {
      throw new Error('asked');
    },
  },
);

/** A value, its message, its code and its kind. */
const table: readonly [value: unknown, message: string, code: string | undefined, kind: string][] = [
  [new TypeError('no such thing'), 'no such thing', undefined, 'TypeError'],
  [refused, 'connect ECONNREFUSED', 'ECONNREFUSED', 'Error'],
  [Object.assign(new Error(''), { code: 'ECONNRESET' }), 'ECONNRESET', 'ECONNRESET', 'Error'],
  [new Error(' '), 'Error', undefined, 'Error'],
  [new DOMException('too late', 'TimeoutError'), 'too late', undefined, 'TimeoutError'],
  [Object.assign(new Error('odd'), { code: { toString: () => 'x' } }), 'odd', undefined, 'Error'],
  [
    new AggregateError([refused, 'no way', null]),
    'connect ECONNREFUSED; no way; null',
    undefined,
    'AggregateError',
  ],
  [new AggregateError([]), 'AggregateError', undefined, 'AggregateError'],
  ['a string', 'a string', undefined, 'string'],
  ['', 'string', undefined, 'string'],
  [42, '42', undefined, 'number'],
  [Symbol('s'), 'Symbol(s)', undefined, 'symbol'],
  [null, 'null', undefined, 'null'],
  [undefined, 'undefined', undefined, 'undefined'],
  [{ why: 'odd' }, 'object', undefined, 'object'],
  [{ message: 'said' }, 'said', undefined, 'object'],
  [{ message: 7, name: 8, code: 9 }, 'object', undefined, 'object'],
  [Object.create(null), 'object', undefined, 'object'],
  [hostile, 'object', undefined, 'object'],
];

describe('any thrown value', () => {
  test('has a message, which is never empty, and a code only where that is a string', () => {
    for (const [value, message, code, kind] of table)
      assert.deepEqual([messageOf(value), codeOf(value), kindOf(value)], [message, code, kind]);
  });

  test('is an Error with that message, itself where it was one', () => {
    for (const [value, message] of table) {
      const error = toError(value);
      if (value !== hostile && value instanceof Error) assert.equal(error, value);
      else assert.deepEqual([error.message, error.cause === value], [message, true]);
    }
  });

  test('has a stack for the log, or what stands in its first line', () => {
    assert.match(stackOf(new TypeError('no')), /^TypeError: no\n\s+at /);
    assert.equal(stackOf('a string'), 'string: a string');
    assert.equal(stackOf(hostile), 'object: object');
  });
});
