import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JsoncError, parseJsonc } from './jsonc.ts';

test('comments and trailing commas are passed over', () => {
  const text = '\uFEFF{ // one\n "a": [1, 2, /* two */], "b": {"c": true,},\n}';
  assert.deepEqual(parseJsonc(text), { a: [1, 2], b: { c: true } });
});

test('what looks like a comment or a trailing comma inside a text stays', () => {
  const text = String.raw`{"url": "http://x/*y*/", "odd": "a,]", "quote": "\"// no,}"}`;
  assert.deepEqual(parseJsonc(text), { url: 'http://x/*y*/', odd: 'a,]', quote: '"// no,}' });
});

test('what is no JSON is refused with its place, and without a word of it', () => {
  const cases: [text: string, says: string][] = [
    ['', '1:1 expected a value'],
    ['{a: 1}', '1:2 expected a name in double quotes'],
    ['{"a" 1}', '1:6 expected ":" after a name'],
    ['{\n  "a": hush\n}', '2:8 expected a value'],
    ['{"a": 1 "b": 2}', '1:9 expected "," or "}"'],
    ['[1 2]', '1:4 expected "," or "]"'],
    ['[1,,2]', '1:4 expected a value'],
    ['{"a": 1', '1:8 expected "," or "}"'],
    ['{"a": "hush\n"}', '1:7 expected a text that ends with a double quote on its own line'],
    ['["\\x"]', '1:2 expected a text that ends with a double quote on its own line, as JSON writes it'],
    ['[01]', '1:2 expected a value, as JSON writes it'],
    ['{} {}', '1:4 expected nothing more after the value'],
    ['[/* never closed', '1:2 expected a value'],
    ['['.repeat(10_000), '1:501 expected at most 500 levels'],
  ];
  for (const [text, says] of cases) {
    assert.throws(
      () => parseJsonc(text),
      (error) => {
        assert.ok(error instanceof JsoncError);
        assert.equal(`${error.line}:${error.column} ${error.message}`, says);
        return true;
      },
    );
  }
});

test('reads what JSON.parse reads', () => {
  const values = [null, true, -1.5e-7, 0, '', 'é\u2028"\\', [[], {}], { '': [1], ['__proto__']: { a: 1 } }];
  for (const value of values) {
    for (const indent of [0, 2]) {
      const text = JSON.stringify(value, null, indent);
      assert.deepEqual(parseJsonc(text), JSON.parse(text));
    }
  }
});
