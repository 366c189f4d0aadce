import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeHeaderValue, encodeHeaderValue } from './header-values.ts';

/** The specification's own examples, and what borders on them. */
const encodings: [string, string][] = [
  ['us-west1', 'us-west1'],
  ['two words', 'two words'],
  ['Hello, 世界', '=?base64?SGVsbG8sIOS4lueVjA==?='],
  [' padded ', '=?base64?IHBhZGRlZCA=?='],
  ['line1\nline2', '=?base64?bGluZTEKbGluZTI=?='],
  ['=?base64?literal?=', '=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?='],
  ['=?base64?', '=?base64?'],
  ['', '=?base64??='],
  ['\u{feff}x', '=?base64?77u/eA==?='],
];

test('what is no plain ASCII travels as Base64, and comes back as it was', () => {
  for (const [value, header] of encodings) {
    assert.equal(encodeHeaderValue(value), header);
    assert.equal(decodeHeaderValue(header), value);
  }
});

test('what no header may say, Base64 or UTF-8 that is not valid stands for nothing', () => {
  for (const header of ['écho', 'a\u0001', '=?base64?%%?=', '=?base64?YQ?=', '=?base64?/w==?=']) {
    assert.equal(decodeHeaderValue(header), undefined, header);
  }
});
