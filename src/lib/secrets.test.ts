import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSecret } from './secrets.ts';

const cases: [name: string, value: string, secret: boolean][] = [
  ['GITHUB_TOKEN', 'x', true],
  ['API_KEY', '1234', true],
  ['PASSWORD', 'true', true],
  ['DATABASE_URL', 'postgres://me:pw@db/x', true],
  ['ENDPOINT', 'https://x.example/hook?sig=abc', true],
  ['HEADER', 'Bearer abc', true],
  ['WHATEVER', 'ghp_0123456789', true],
  ['WHATEVER', 'some words with spaces', true],
  ['LOG_LEVEL', 'debug', false],
  ['VERBOSE', 'true', false],
  ['PORT', '8080', false],
  ['HOME', '/home/somebody/with/a/long/path1', false],
  ['CACHE', 'C:\\cache', false],
  ['ENDPOINT', 'https://x.example/hook', false],
  ['TOKEN', '', false],
];

test('secrets are told by name and by looks, and what is neither is not hidden', () => {
  for (const [name, value, secret] of cases) assert.equal(isSecret(name, value), secret, `${name}=${value}`);
});
