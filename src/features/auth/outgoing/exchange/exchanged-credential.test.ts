import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  anonymous,
  CredentialError,
  SubjectToken,
  type CredentialContext,
  type OutgoingCredential,
} from '../../../../gateway/index.ts';
import { FetchFault, type GuardedFetch } from '../oauth/guarded-fetch.ts';
import { createExchangedCredential } from './exchanged-credential.ts';
import type { ExchangeOptions } from './grants.ts';

interface Asked {
  readonly url: string;
  readonly authorization: string | undefined;
  readonly form: Readonly<Record<string, string>>;
}

type Answer = (asked: Asked) => { readonly status?: number; readonly body: object };

const issued: Answer = ({ form }) => ({
  body: {
    access_token: `${form['audience'] ?? 'token'}-for-${form['subject_token'] ?? 'gateway'}`,
    token_type: 'Bearer',
    expires_in: 600,
    issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  },
});

function create(strategy: ExchangeOptions, answer: Answer = issued) {
  const asked: Asked[] = [];
  const secrets: string[] = [];
  const clock = { nowMs: Date.now() };
  const fetch: GuardedFetch = async (url, { headers, body } = {}) => {
    const one = {
      url,
      authorization: new Headers(headers).get('authorization') ?? undefined,
      form: Object.fromEntries(new URLSearchParams(String(body))),
    };
    asked.push(one);
    const { status = 200, body: json } = answer(one);
    return Response.json(json, { status });
  };
  const credential = createExchangedCredential({
    backend: 'b',
    headers: { 'x-org': 'acme' },
    strategy,
    onSecrets: (_source, found) => secrets.push(...found),
    fetch,
    wallClock: () => clock.nowMs,
  });
  return { credential, asked, secrets, clock };
}

const tokenExchange: ExchangeOptions = {
  type: 'token_exchange',
  tokenUrl: 'https://idp.example/token',
  clientId: 'vmcp',
  clientSecret: 's3cret',
  audience: 'tracker',
  scopes: ['read', 'write'],
  subjectTokenType: 'urn:ietf:params:oauth:token-type:access_token',
};

function callerWith(
  text: string,
  { issuer = 'https://idp.example', lifetimeS = 3600 } = {},
): CredentialContext {
  const token = new SubjectToken(text, Date.now() + lifetimeS * 1000);
  return { caller: { principal: { ...anonymous, issuer, subject: 'alice', token } } };
}

const headersOf = async (credential: OutgoingCredential, context?: CredentialContext) =>
  credential.headersFor(context);

describe('token_exchange', () => {
  test('sends a token that the provider gave for the caller’s own, as RFC 8693 asks for it', async () => {
    const { credential, asked } = create(tokenExchange);
    assert.deepEqual(await headersOf(credential, callerWith('t1')), {
      'x-org': 'acme',
      authorization: 'Bearer tracker-for-t1',
    });
    assert.deepEqual(asked, [
      {
        url: 'https://idp.example/token',
        authorization: `Basic ${Buffer.from('vmcp:s3cret').toString('base64')}`,
        form: {
          grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
          subject_token: 't1',
          subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
          requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
          audience: 'tracker',
          scope: 'read write',
        },
      },
    ]);
  });

  test('asks once for a token, and again for another token or another issuer', async () => {
    const { credential, asked } = create(tokenExchange);
    await headersOf(credential, callerWith('t1'));
    assert.ok(!(credential.headersFor(callerWith('t1')) instanceof Promise));
    await headersOf(credential, callerWith('t2'));
    await headersOf(credential, callerWith('t1', { issuer: 'https://other.example' }));
    assert.equal(asked.length, 3);
  });

  test('never sends what the caller came with', async () => {
    const { credential, secrets } = create(tokenExchange);
    const headers = await headersOf(credential, callerWith('t1'));
    assert.ok(!Object.values(headers).includes('Bearer t1'));
    assert.deepEqual(secrets, ['tracker-for-t1']);
  });

  test('is the static headers alone for the gateway’s own requests', async () => {
    const { credential, asked } = create(tokenExchange);
    assert.deepEqual(await headersOf(credential), { 'x-org': 'acme' });
    assert.equal(asked.length, 0);
  });

  test('refuses a caller without a token of a provider, and one whose token has ended', () => {
    const { credential, asked, clock } = create(tokenExchange);
    assert.throws(
      () => credential.headersFor({ caller: { principal: anonymous } }),
      (error: Error) =>
        error instanceof CredentialError && /anonymous caller has no token/u.test(error.message),
    );
    const byKey = { ...anonymous, issuer: 'vmcp:apiKeys' };
    assert.throws(() => credential.headersFor({ caller: { principal: byKey } }), /this caller has no token/u);
    const context = callerWith('t1', { lifetimeS: 10 });
    clock.nowMs += 10_000;
    assert.throws(() => credential.headersFor(context), /token has ended/u);
    assert.equal(asked.length, 0);
  });

  test('tells what the provider answered, as what it is', async () => {
    const cases: [answer: Answer, expected: RegExp][] = [
      [
        () => ({ status: 400, body: { error: 'invalid_grant', error_description: 'not for you' } }),
        /the provider at https:\/\/idp.example refused to give a token \(invalid_grant, HTTP 400\): not for you/u,
      ],
      [() => ({ status: 500, body: {} }), /did not answer as a token endpoint does/u],
      [() => ({ body: { token_type: 'Bearer' } }), /did not answer as a token endpoint does/u],
      [
        () => {
          throw new FetchFault('https://idp.example cannot be asked: connect ECONNREFUSED');
        },
        /the provider https:\/\/idp.example cannot be asked/u,
      ],
    ];
    for (const [answer, expected] of cases) {
      const { credential } = create(tokenExchange, answer);
      await assert.rejects(headersOf(credential, callerWith('t1')), (error: Error) => {
        assert.ok(error instanceof CredentialError, String(error));
        assert.match(error.message, expected);
        assert.doesNotMatch(error.message, /t1|s3cret/u);
        return true;
      });
    }
  });

  test('has another token after a 401, once for all requests that were sent the first', async () => {
    let given = 0;
    const { credential, asked } = create(tokenExchange, () => ({
      body: { access_token: `token-${++given}`, token_type: 'Bearer', expires_in: 600 },
    }));
    const context = callerWith('t1');
    const first = await headersOf(credential, context);
    assert.equal(credential.refused?.(context, first), true);
    const second = await headersOf(credential, context);
    assert.equal(credential.refused?.(context, first), true);
    assert.deepEqual(await headersOf(credential, context), second);
    assert.equal(second['authorization'], 'Bearer token-2');
    assert.equal(asked.length, 2);
    assert.equal(credential.refused?.(undefined, first), false);
  });
});

test('client_credentials is one token for the gateway and every caller', async () => {
  const { credential, asked } = create({
    type: 'client_credentials',
    tokenUrl: 'https://idp.example/token',
    clientId: 'vm:cp',
    clientSecret: 's3 cret',
    scopes: ['read'],
    resource: 'https://tracker.example/mcp',
  });
  const headers = { 'x-org': 'acme', authorization: 'Bearer token-for-gateway' };
  assert.deepEqual(await headersOf(credential), headers);
  assert.deepEqual(await headersOf(credential, { caller: { principal: anonymous } }), headers);
  assert.equal(asked.length, 1);
  assert.equal(asked[0]?.authorization, `Basic ${Buffer.from('vm%3Acp:s3+cret').toString('base64')}`);
  assert.deepEqual(asked[0]?.form, {
    grant_type: 'client_credentials',
    scope: 'read',
    resource: 'https://tracker.example/mcp',
  });
  assert.equal(credential.isPerCaller, false);
});

describe('xaa', () => {
  const xaa: ExchangeOptions = {
    type: 'xaa',
    idpTokenUrl: 'https://idp.example/token',
    idpClientId: 'vmcp',
    idpClientSecret: 's3cret',
    targetTokenUrl: 'https://as.tracker.example/token',
    targetClientId: 'vmcp-there',
    targetAudience: 'https://as.tracker.example',
    targetResource: 'https://tracker.example/mcp',
    scopes: ['read'],
    subjectTokenType: 'urn:ietf:params:oauth:token-type:id_token',
  };
  const jag = 'urn:ietf:params:oauth:token-type:id-jag';
  const answer =
    (issuedType: string): Answer =>
    ({ url, form }) =>
      url.startsWith('https://idp')
        ? { body: { access_token: 'assertion', token_type: 'N_A', issued_token_type: issuedType } }
        : { body: { access_token: `of-${form['assertion']}`, token_type: 'bearer', expires_in: 600 } };

  test('has the caller’s provider vouch for the caller to the server that gives the token', async () => {
    const { credential, asked } = create(xaa, answer(jag));
    const headers = await headersOf(credential, callerWith('t1'));
    assert.equal(headers['authorization'], 'Bearer of-assertion');
    assert.deepEqual(
      asked.map(({ url, form }) => [url, form]),
      [
        [
          'https://idp.example/token',
          {
            grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
            subject_token: 't1',
            subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
            requested_token_type: jag,
            audience: 'https://as.tracker.example',
            resource: 'https://tracker.example/mcp',
            scope: 'read',
          },
        ],
        [
          'https://as.tracker.example/token',
          {
            grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
            assertion: 'assertion',
            scope: 'read',
            client_id: 'vmcp-there',
          },
        ],
      ],
    );
  });

  test('does not present another kind of token to the second server', async () => {
    const { credential, asked } = create(xaa, answer('urn:ietf:params:oauth:token-type:access_token'));
    await assert.rejects(headersOf(credential, callerWith('t1')), /issued another kind of token/u);
    assert.equal(asked.length, 1);
  });
});
