import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiKeyDigest, createApiKey, isApiKey } from './api-key.ts';

test('a new key has 256 bits, the form of a key, and is unlike another', () => {
  const key = createApiKey();
  assert.ok(isApiKey(key));
  assert.equal(Buffer.from(key.slice('vmcp_'.length), 'base64url').length, 32);
  assert.notEqual(key, createApiKey());
});

test('a text that is short, or of another form, is no key', () => {
  for (const text of [
    '',
    'vmcp_',
    `vmcp_${'a'.repeat(42)}`,
    `${'a'.repeat(48)}`,
    `vmcp_${'a'.repeat(42)}!`,
  ]) {
    assert.equal(isApiKey(text), false, text);
  }
});

test('the digest is that of the whole key, as any tool computes it', () => {
  // printf vmcp_a | sha256sum
  const expected = '40e26cffe6ff682d451902cf94ea922fa227eeec664e8a418d85c4b89d89faf8';
  assert.equal(apiKeyDigest('vmcp_a').toString('hex'), expected);
});
