import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { load, problems } from '../../test/support/configurations.ts';
import type { HttpBackendConfig } from './schema/config.ts';

const oidc = 'incomingAuth: {type: oidc, oidc: {issuer: "https://idp.example", audience: vmcp}}';

function file(strategy: string, auth = oidc): string {
  const backends = '[{name: one, transport: streamable-http, url: "https://one.example/mcp"}]';
  return `name: d\nbackends: ${backends}\n${auth}\noutgoingAuth: {source: inline, backends: {one: {${strategy}}}}`;
}

function strategyOf(strategy: string, environment: Record<string, string> = {}) {
  const { config, secrets } = load(file(strategy), environment);
  return { strategy: (config.backends[0] as HttpBackendConfig).strategy, secrets };
}

const tokenUrl = 'tokenUrl: "https://idp.example/token"';

describe('a strategy that asks a provider', () => {
  test('is read as ToolHive writes it, with its secret from the environment', () => {
    const { strategy, secrets } = strategyOf(
      `type: token_exchange, tokenExchange: {${tokenUrl}, clientId: me, clientSecretEnv: SECRET, audience: one, scopes: [a, b], subjectTokenType: id_token}`,
      { SECRET: 'correct horse' },
    );
    assert.deepEqual(strategy, {
      type: 'token_exchange',
      tokenUrl: 'https://idp.example/token',
      clientId: 'me',
      clientSecret: 'correct horse',
      audience: 'one',
      scopes: ['a', 'b'],
      subjectTokenType: 'urn:ietf:params:oauth:token-type:id_token',
    });
    assert.ok(secrets.includes('correct horse'));
    assert.ok(secrets.includes(Buffer.from('me:correct+horse').toString('base64')));
  });

  test('takes an access token to exchange, and xaa an ID token, unless told otherwise', () => {
    assert.deepEqual(strategyOf(`type: token_exchange, tokenExchange: {${tokenUrl}}`).strategy, {
      type: 'token_exchange',
      tokenUrl: 'https://idp.example/token',
      scopes: [],
      subjectTokenType: 'urn:ietf:params:oauth:token-type:access_token',
    });
    const xaa =
      'idpTokenUrl: "https://idp.example/t", targetTokenUrl: "http://as.example/t", insecureTargetTokenUrl: true, targetAudience: "https://as.example", targetResource: "https://one.example/mcp"';
    assert.deepEqual(strategyOf(`type: xaa, xaa: {${xaa}}`).strategy, {
      type: 'xaa',
      idpTokenUrl: 'https://idp.example/t',
      targetTokenUrl: 'http://as.example/t',
      targetAudience: 'https://as.example',
      targetResource: 'https://one.example/mcp',
      scopes: [],
      subjectTokenType: 'urn:ietf:params:oauth:token-type:id_token',
    });
  });

  test('is refused with what is wrong with it', () => {
    const cases: [strategy: string, expected: RegExp, auth?: string][] = [
      ['type: token_exchange', /the strategy "token_exchange" needs "tokenExchange"/],
      [
        `type: unauthenticated, tokenExchange: {${tokenUrl}}`,
        /"tokenExchange" has no effect with "type: unauthenticated": write "type: token_exchange"/,
      ],
      [
        'type: token_exchange, tokenExchange: {tokenUrl: "http://idp.example/token"}',
        /expected https: tokens and secrets are sent there/,
      ],
      [
        `type: token_exchange, tokenExchange: {${tokenUrl}}`,
        /needs "incomingAuth" with "type: oidc"/,
        'incomingAuth: {type: anonymous}',
      ],
      [
        `type: token_exchange, tokenExchange: {${tokenUrl}, clientSecret: abc}`,
        /expected "clientId" beside "clientSecret"/,
      ],
      [
        `type: token_exchange, tokenExchange: {${tokenUrl}, clientId: a, clientSecret: b, clientSecretEnv: C}`,
        /expected one of "clientSecret" and "clientSecretEnv", found both/,
      ],
      [
        `type: token_exchange, tokenExchange: {${tokenUrl}, clientId: a, clientSecretEnv: C}`,
        /the environment variable C is not set/,
      ],
      [
        `type: client_credentials, clientCredentials: {${tokenUrl}, clientId: a}`,
        /expected "clientSecret" or "clientSecretEnv", found neither/,
      ],
      [
        `type: token_exchange, tokenExchange: {${tokenUrl}, subjectProviderName: github}`,
        /what is exchanged here is the caller's own token: remove it/,
      ],
      ['type: aws_sts', /"aws_sts" cannot be used: .*put a proxy that signs them/],
      [
        'type: upstream_inject',
        /"upstream_inject" cannot be used: .*authorization server that ToolHive embeds/,
      ],
      ['type: obo', /"obo" cannot be used: .*header_injection/],
    ];
    for (const [strategy, expected, auth] of cases) {
      assert.match(problems(file(strategy, auth)).join('\n'), expected, strategy);
    }
  });

  test('may ask a provider on this machine without TLS', () => {
    const local = 'tokenUrl: "http://127.0.0.1:9000/token", clientId: a, clientSecret: b';
    assert.equal(
      strategyOf(`type: client_credentials, clientCredentials: {${local}}`).strategy.type,
      'client_credentials',
    );
  });
});
