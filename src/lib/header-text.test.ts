import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { faultOfCredential, secretsInHeader } from './header-text.ts';

describe('the value of a header that identifies somebody', () => {
  for (const [value, fault] of [
    ['Bearer abc', undefined],
    ['a\tb é', undefined],
    ['', 'expected the value of an HTTP header, found none'],
    [' ', 'expected the value of an HTTP header, found none'],
    ['Bearer ', 'expected the value of an HTTP header, found a space at its end'],
    [' Bearer x', 'expected the value of an HTTP header, found a space at its beginning'],
    [
      'a\r\nHost: b',
      'expected the value of an HTTP header, found a character that none may hold, such as a line break',
    ],
    [
      'a\0b',
      'expected the value of an HTTP header, found a character that none may hold, such as a line break',
    ],
    [
      'snow ☃',
      'expected the value of an HTTP header, found a character that none may hold, such as a line break',
    ],
  ] as const) {
    test(`${JSON.stringify(value)} ${fault === undefined ? 'is sound' : 'is not, in words that do not quote it'}`, () => {
      assert.equal(faultOfCredential(value), fault);
    });
  }
});

describe('what is secret in a header', () => {
  for (const [value, secrets] of [
    ['plain-token', ['plain-token']],
    ['Bearer abc.def', ['Bearer abc.def', 'abc.def']],
    ['Basic bWU6c2VjcmV0', ['Basic bWU6c2VjcmV0', 'bWU6c2VjcmV0', 'me:secret', 'secret']],
    ['basic bm9jb2xvbg==', ['basic bm9jb2xvbg==', 'bm9jb2xvbg==', 'nocolon']],
    ['sid=abc; theme=dark', ['sid=abc; theme=dark', 'abc', 'dark']],
    ['Token token="x y"', ['Token token="x y"', 'token="x y"', 'x y']],
  ] as const) {
    test(`${value}: the whole, and each part that a server may quote by itself`, () => {
      const found = secretsInHeader(value).filter((secret) => secret !== '' && secret !== '=');
      assert.deepEqual(found, secrets);
    });
  }
});
