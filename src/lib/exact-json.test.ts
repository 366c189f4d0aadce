import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  hasLongNumbers,
  parseExactly,
  parseWithBigInts,
  readMembers,
  stringifyExactly,
} from './exact-json.ts';

test('whole numbers of any length are written as they were read', () => {
  for (const text of [
    '{"a":12345678901234567890}',
    '[-9223372036854775808,9223372036854775807]',
    '[ 1234567890123456789 ]',
    '-1234567890123456789',
    '{"a":"12345678901234567890","b":[{"c":1e3}],"d":9007199254740993}',
  ]) {
    assert.ok(hasLongNumbers(text));
    const written = JSON.stringify(parseExactly(text));
    assert.equal(written, text.replaceAll(' ', '').replace('1e3', '1000'));
  }
});

test('numbers that JavaScript holds are numbers, however long', () => {
  const text = '[9007199254740991,-1234567890123456,1234567890123456.5]';
  assert.deepEqual(parseExactly(text), [9007199254740991, -1234567890123456, 1234567890123456.5]);
});

test('what is not JSON is refused as ever', () => {
  assert.throws(() => parseExactly('{"a":12345678901234567890'), SyntaxError);
  assert.throws(() => parseExactly('{"a":01234567890123456789}'), SyntaxError);
});

test('whoever counts with them has them as bigints', () => {
  assert.deepEqual(parseWithBigInts('{"a":[9007199254740993,1],"b":1.5}'), {
    a: [9007199254740993n, 1],
    b: 1.5,
  });
  assert.deepEqual(parseWithBigInts('[1e300,-12345678901234567890]'), [1e300, -12345678901234567890n]);
});

test('bigints are written as their digits', () => {
  const text = '{"a":[9007199254740993,1],"b":{"c":-12345678901234567890},"d":"x"}';
  assert.equal(stringifyExactly(parseWithBigInts(text)), text);
  assert.equal(stringifyExactly({ a: 1 }), '{"a":1}');
});

test('what cannot be written at all is refused as ever', () => {
  const circle: unknown[] = [1n];
  circle.push(circle);
  assert.throws(() => stringifyExactly(circle), TypeError);
});

test('members that are to be looked at are made numbers', () => {
  const message = parseExactly('{"id":12345678901234567890,"params":{"n":12345678901234567890}}') as object;
  readMembers(message);
  assert.equal(JSON.stringify(message), '{"id":12345678901234567000,"params":{"n":12345678901234567890}}');
});
