import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonValue } from '../../protocol/index.ts';
import { createRedact } from '../../lib/redact.ts';
import { recordedData } from './recorded-data.ts';

const redact = createRedact(['known-secret-1']);
const record = (value: JsonValue, maxBytes = 1024): JsonValue => recordedData(value, maxBytes, redact);

const masked: [JsonValue, JsonValue][] = [
  [{ q: 'weather' }, { q: 'weather' }],
  [
    { password: 'hunter2', n: 1 },
    { password: '[redacted]', n: 1 },
  ],
  [
    { api_key: 'k', apiKey: 'k', accessToken: 't' },
    { api_key: '[redacted]', apiKey: '[redacted]', accessToken: '[redacted]' },
  ],
  [{ headers: { Authorization: 'Basic QWxhZGRpbg==' } }, { headers: { Authorization: '[redacted]' } }],
  [{ credentials: { user: 'a', pass: 'b' } }, { credentials: '[redacted]' }],
  ['send Bearer abc.def-ghi to it', 'send Bearer [redacted] to it'],
  ['eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.sig', '[redacted]'],
  ['it is known-secret-1.', 'it is [redacted].'],
  ['{"client_secret": "s3cr3t", "a": 1}', '{"client_secret": "[redacted]", "a": 1}'],
  [{ text: 'a tokenizer, secretly' }, { text: 'a tokenizer, secretly' }],
];

for (const [value, expected] of masked)
  test(`${JSON.stringify(value)} is recorded as ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(record(value), expected);
  });

test('what is too long is cut with a mark that tells its length', () => {
  assert.equal(record({ text: 'x'.repeat(100) }, 20), '{"text":"xxxxxxxxxxx…[cut, 111 bytes]');
});

test('a text is cut between characters, not within one', () => {
  assert.equal(record('ä'.repeat(20), 10), '"ääää…[cut, 42 bytes]');
});

test('a secret is not cut in two', () => {
  for (let at = 1; at < 60; at++) {
    const text = JSON.stringify(record({ text: `${'x'.repeat(20)}known-secret-1 and Bearer abcdefgh` }, at));
    assert.doesNotMatch(text, /known|abcd/);
  }
});
