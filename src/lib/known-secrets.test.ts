import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KnownSecrets } from './known-secrets.ts';

test('what a configuration held before stays hidden beside what it holds now', () => {
  const secrets = new KnownSecrets();
  assert.equal(secrets.redact('first-secret'), 'first-secret');
  secrets.configure(['first-secret']);
  secrets.configure(['second-secret']);
  secrets.configure(['second-secret']);
  assert.equal(secrets.redact('first-secret, second-secret'), '[redacted], [redacted]');
});

test('former secrets are bounded: the oldest are forgotten', () => {
  const secrets = new KnownSecrets();
  for (let number = 0; number < 300; number++) secrets.configure([`secret-number-${number}-`]);
  assert.equal(secrets.redact('secret-number-299-, secret-number-250-'), '[redacted], [redacted]');
  assert.equal(secrets.redact('secret-number-0-'), 'secret-number-0-');
});

test('of a source, what it holds and what it held before are hidden', () => {
  const secrets = new KnownSecrets();
  secrets.configure(['configured']);
  secrets.learn('/a', ['token-a-1']);
  secrets.learn('/b', ['token-b-1']);
  secrets.learn('/a', ['token-a-2']);
  secrets.learn('/a', ['token-a-2']);
  const text = 'configured token-a-1 token-a-2 token-b-1';
  assert.equal(secrets.redact(text), '[redacted] [redacted] [redacted] [redacted]');
});

test('what is too short to be a secret is not hidden, or words would lose their letters', () => {
  const secrets = new KnownSecrets();
  secrets.learn('/a', ['on', 'readonly-token']);
  assert.equal(secrets.redact('connection readonly-token'), 'connection [redacted]');
});
