import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { before, describe, test } from 'node:test';
import { createLocalJWKSet, exportSPKI, importJWK, type CryptoKey, type JWK } from 'jose';
import {
  audience,
  createSigningKey,
  issueToken,
  type SigningKey,
} from '../../../../../test/support/fake-provider.ts';
import type { Checked } from '../credential/check.ts';
import { checkOidc, type OidcCheckOptions } from './check-oidc.ts';

const issuer = 'https://id.example';

let key: SigningKey;
before(async () => {
  key = await createSigningKey('one');
});

/** A check by these keys; `verified` counts how often keys were asked for. */
function checkBy(jwks: readonly JWK[], more: Partial<OidcCheckOptions> = {}) {
  const counts = { verified: 0, refetched: 0 };
  const set = createLocalJWKSet({ keys: [...jwks] });
  const provider = {
    version: 1,
    endpoints: undefined,
    keys: async () => {
      counts.verified++;
      return set;
    },
    newerKeys: async () => {
      counts.refetched++;
      return undefined;
    },
  };
  const fetchJson = (): Promise<never> => Promise.reject(new Error('nothing to ask'));
  return { ...checkOidc({ provider, fetchJson, issuer, audience, ...more }), counts, provider };
}

const reasonOf = (checked: Checked): string =>
  'fault' in checked && checked.fault.kind === 'invalid' ? checked.fault.description : 'none';

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a token', () => {
  for (const alg of ['RS256', 'PS384', 'ES256', 'ES512', 'EdDSA']) {
    test(`signed by ${alg} makes a principal of its claims`, async () => {
      const signing = await createSigningKey('k', alg);
      const claims = { groups: ['ops', 7], scope: 'a b', email: 'a@example' };
      const token = await issueToken(issuer, signing, { claims });
      const checked = await checkBy([signing.publicJwk]).check(token);
      assert.ok('principal' in checked);
      const { principal } = checked;
      assert.deepEqual([principal.issuer, principal.subject], [issuer, 'alice']);
      assert.deepEqual([principal.groups, principal.scopes], [['ops'], ['a', 'b']]);
      assert.equal(principal.claims['email'], 'a@example');
      assert.equal(principal.expiresAtMs, (Number(principal.claims['exp']) + 30) * 1000);
    });
  }

  test('has its groups in the first claim that holds some', async () => {
    const { check } = checkBy([key.publicJwk]);
    for (const [claims, groups] of [
      [{ roles: ['r'], 'cognito:groups': ['c'] }, ['r']],
      [{ groups: [], 'cognito:groups': ['c'] }, ['c']],
      [{ groups: 'ops' }, []],
    ] as const) {
      const checked = await check(await issueToken(issuer, key, { claims }));
      assert.ok('principal' in checked);
      assert.deepEqual(checked.principal.groups, groups);
    }
  });

  test('that was checked is known for 5 minutes, and not longer than it lasts', async () => {
    let nowMs = 0;
    let wallMs = Date.now();
    const { check, counts } = checkBy([key.publicJwk], { now: () => nowMs, wallClock: () => wallMs });
    const token = await issueToken(issuer, key, { lifetimeS: 600 });
    await check(token);
    assert.ok('principal' in (check(token) as Checked), 'a known token is answered at once');
    nowMs = 5 * 60_000;
    await check(token);
    assert.equal(counts.verified, 2);
    wallMs += 631_000;
    assert.equal(reasonOf(await check(token)), 'the token has expired');
  });

  test('is checked again after the set of keys changed', async () => {
    const { check, counts, provider } = checkBy([key.publicJwk]);
    const token = await issueToken(issuer, key);
    await check(token);
    provider.version++;
    await check(token);
    assert.equal(counts.verified, 2);
  });

  test('is forgotten for others, those used longest ago first', async () => {
    const { check, counts } = checkBy([key.publicJwk], { maxCached: 2 });
    const [a, b, c] = await Promise.all(
      ['a', 'b', 'c'].map((sub) => issueToken(issuer, key, { claims: { sub } })),
    );
    for (const token of [a, b, a, c]) await check(token ?? '');
    assert.equal(counts.verified, 3);
    await check(a ?? '');
    assert.equal(counts.verified, 3);
    await check(b ?? '');
    assert.equal(counts.verified, 4);
  });
});

describe('attacks', () => {
  test('a token that is "signed" with the public key as a shared secret is refused', async () => {
    const rsa = await createSigningKey('one', 'RS256');
    const pem = await exportSPKI(
      (await importJWK(rsa.publicJwk, 'RS256', { extractable: true })) as CryptoKey,
    );
    const claims = { iss: issuer, aud: audience, sub: 'root', exp: Math.floor(Date.now() / 1000) + 600 };
    const { check, counts } = checkBy([rsa.publicJwk]);
    for (const secret of [pem, JSON.stringify(rsa.publicJwk), rsa.publicJwk.n ?? '']) {
      const signed = `${encoded({ alg: 'HS256', kid: 'one' })}.${encoded(claims)}`;
      const token = `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
      assert.match(reasonOf(await check(token)), /algorithm that is not taken/u);
    }
    assert.equal(counts.verified, 0);
  });

  test('a token without a signature is refused, however "none" is spelt', async () => {
    const claims = { iss: issuer, aud: audience, sub: 'root', exp: Math.floor(Date.now() / 1000) + 600 };
    const { check } = checkBy([key.publicJwk]);
    for (const alg of ['none', 'None', 'NONE', '']) {
      for (const signature of ['', 'x']) {
        const checked = await check(`${encoded({ alg, kid: 'one' })}.${encoded(claims)}.${signature}`);
        assert.notEqual(reasonOf(checked), 'none');
      }
    }
  });

  test('an algorithm that is not that of the key is refused', async () => {
    const rsa = await createSigningKey('one', 'RS256');
    const { check } = checkBy([key.publicJwk]);
    const token = await issueToken(issuer, { ...rsa, kid: 'one' });
    assert.match(reasonOf(await check(token)), /key that the provider does not have/u);
  });

  test('a token that brings its own key, or says where to find it, is refused', async () => {
    const own = await createSigningKey('one');
    const { check } = checkBy([key.publicJwk]);
    for (const header of [
      { jwk: own.publicJwk },
      { jku: 'https://evil.example/jwks' },
      { x5u: 'https://evil.example' },
    ]) {
      const token = await issueToken(issuer, own, { header });
      assert.match(reasonOf(await check(token)), /signature of the token is wrong/u);
    }
  });

  test('a kid is compared and nothing else, whatever stands in it', async () => {
    const own = await createSigningKey('x');
    const { check, counts } = checkBy([key.publicJwk]);
    const kids = [
      '../../dev/null',
      "' OR '1'='1",
      'https://evil.example/key',
      '__proto__',
      'one\0',
      'a'.repeat(5000),
    ];
    for (const kid of kids) {
      const token = await issueToken(issuer, { ...own, kid });
      assert.match(reasonOf(await check(token)), /key that the provider does not have/u);
    }
    assert.equal(counts.refetched, kids.length);
  });

  test('a critical header that is not understood is refused', async () => {
    const { check } = checkBy([key.publicJwk]);
    const good = await issueToken(issuer, key);
    const [, claims, signature] = good.split('.');
    const header = encoded({ alg: key.alg, kid: 'one', crit: ['x'], x: true });
    assert.equal(reasonOf(await check(`${header}.${claims}.${signature}`)), 'the token is malformed');
  });

  test('texts of three parts that are no token are refused', async () => {
    const { check } = checkBy([key.publicJwk]);
    for (const text of ['..', 'a.b.c', `${encoded({ alg: 'ES256', kid: 'one' })}..`, `${encoded([])}.a.b`]) {
      assert.notEqual(reasonOf(await check(text)), 'none');
    }
  });
});
