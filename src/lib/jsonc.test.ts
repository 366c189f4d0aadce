import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJsonc } from './jsonc.ts';

test('comments and trailing commas are passed over', () => {
  const text = '\uFEFF{ // one\n "a": [1, 2, /* two */], "b": {"c": true,},\n}';
  assert.deepEqual(parseJsonc(text), { a: [1, 2], b: { c: true } });
});

test('what looks like a comment or a trailing comma inside a text stays', () => {
  const text = String.raw`{"url": "http://x/*y*/", "odd": "a,]", "quote": "\"// no,}"}`;
  assert.deepEqual(parseJsonc(text), { url: 'http://x/*y*/', odd: 'a,]', quote: '"// no,}' });
});

test('what is no JSON is refused', () => {
  assert.throws(() => parseJsonc('{a: 1}'), SyntaxError);
});
