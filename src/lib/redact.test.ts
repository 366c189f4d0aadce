import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRedact } from './redact.ts';

test('secrets are taken out of a text wherever they stand, plain, in JSON and in a URL', () => {
  const redact = createRedact(['s3cret/+', 'say "hi"', 'abc', 'abcdef']);
  assert.equal(redact('token s3cret/+ and s3cret%2F%2B'), 'token [redacted] and [redacted]');
  assert.equal(redact(JSON.stringify({ text: 'say "hi"' })), '{"text":"[redacted]"}');
  assert.equal(redact('abcdef abc'), '[redacted] [redacted]');
  assert.equal(redact('nothing here'), 'nothing here');
});

test('without secrets a text stays as it is', () => {
  assert.equal(createRedact([''])('x'), 'x');
});
