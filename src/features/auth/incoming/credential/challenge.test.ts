import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { refusalFor, type CredentialFault } from './challenge.ts';

describe('a refusal', () => {
  const terms = {
    realm: 'https://id.example',
    resourceMetadata: 'https://mcp.example/.well-known/oauth-protected-resource/mcp',
    scopes: ['a', 'b'],
  };
  const start =
    'Bearer realm="https://id.example", ' +
    'resource_metadata="https://mcp.example/.well-known/oauth-protected-resource/mcp", scope="a b"';
  const cases: [title: string, fault: CredentialFault, status: number, challenge: string | undefined][] = [
    ['for no credential names no error', { kind: 'missing' }, 401, start],
    [
      'for a bad token says why',
      { kind: 'invalid', description: 'the token has expired' },
      401,
      `${start}, error="invalid_token", error_description="the token has expired"`,
    ],
    [
      'for a missing scope is 403',
      { kind: 'insufficient', missing: ['b'] },
      403,
      `${start}, error="insufficient_scope", error_description="the token lacks the scope b"`,
    ],
    [
      'for a provider that is away has no challenge: a new token would not help',
      { kind: 'unavailable', description: 'later', retryAfterS: 5 },
      503,
      undefined,
    ],
  ];
  for (const [title, fault, status, challenge] of cases) {
    test(title, () => {
      const refusal = refusalFor(fault, terms);
      assert.equal(refusal.status, status);
      assert.equal(refusal.headers?.['www-authenticate'], challenge);
      assert.equal(refusal.headers?.['retry-after'], status === 503 ? '5' : undefined);
      assert.ok('error' in (refusal.body ?? {}));
    });
  }

  test('cannot be made to say more by what stands in it', () => {
    const { headers } = refusalFor({ kind: 'missing' }, { realm: 'a", b="c\r\nx: y\\', scopes: [] });
    assert.equal(headers?.['www-authenticate'], 'Bearer realm="a\\", b=\\"c??x: y\\\\"');
  });
});
