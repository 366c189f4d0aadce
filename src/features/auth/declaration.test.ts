import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { config, one, problems } from '../../../test/support/configurations.ts';

const digest = 'ab'.repeat(32);
const key = `apiKeys: [{name: a, sha256: ${digest}}]`;
const oidc = 'oidc: {issuer: "https://id.example", audience: x}';
const block = (text: string): string => `name: d\n${one}\nincomingAuth: {${text}}`;

describe('incomingAuth', () => {
  test('is not the same empty as absent', () => {
    assert.equal(config(`name: d\n${one}`).incomingAuth, undefined);
    assert.equal(problems(block('')).length, 1);
  });

  test('hides names of backends from unknown callers unless everyone may call', () => {
    assert.equal(config(block('type: anonymous')).incomingAuth?.statusRequiresAuth, false);
    assert.equal(config(block(`type: apiKeys, ${key}`)).incomingAuth?.statusRequiresAuth, true);
    const open = block(`type: oidc, ${oidc}, statusRequiresAuth: false`);
    assert.equal(config(open).incomingAuth?.statusRequiresAuth, false);
  });

  const faults: [title: string, text: string, expected: RegExp][] = [
    ['one of type and types', `type: oidc, types: [oidc], ${oidc}`, /found both/u],
    ['each type once', `types: [oidc, oidc], ${oidc}`, /expected each type once/u],
    ['anonymous alone', `types: [anonymous, oidc], ${oidc}`, /"anonymous" cannot be combined/u],
    ['local alone', `types: [apiKeys, local], ${key}`, /"local" cannot be combined/u],
    ['the block of oidc', 'type: oidc', /needs the block "oidc"/u],
    ['keys for apiKeys', 'type: apiKeys', /"vmcp key NAME" prints the lines/u],
    ['a known type', 'type: ldap', /type.*expected.*found "ldap"/u],
    ['a digest or a variable', 'type: apiKeys, apiKeys: [{name: a}]', /expected either "sha256" or "env"/u],
    ['a whole digest', 'type: apiKeys, apiKeys: [{name: a, sha256: abc}]', /64 hexadecimal digits/u],
    [
      'names that differ',
      `type: apiKeys, apiKeys: [{name: a, sha256: ${digest}}, {name: a, env: X}]`,
      /two keys have this name/u,
    ],
    [
      'keys that differ',
      `type: apiKeys, apiKeys: [{name: a, sha256: ${digest}}, {name: b, sha256: ${digest.toUpperCase()}}]`,
      /two names share one key/u,
    ],
    ['scopes to require', `type: oidc, ${oidc}, requireScopes: true`, /expected scopes to require/u],
    [
      'TLS beyond this machine',
      'type: oidc, oidc: {issuer: "http://id.example", audience: x}',
      /expected https/u,
    ],
    ['a URL as issuer', 'type: oidc, oidc: {issuer: id.example, audience: x}', /expected a URL/u],
    [
      'an absolute path without ".."',
      'type: oidc, oidc: {issuer: "https://id.example", audience: x, caBundlePath: /etc/../x}',
      /expected an absolute path/u,
    ],
  ];
  for (const [title, text, expected] of faults) {
    test(`wants ${title}`, () => assert.match(problems(block(text)).join('\n'), expected));
  }

  test('does not repeat a key that stands where its digest belongs', () => {
    const secret = `vmcp_${'aB3'.repeat(15)}`;
    assert.doesNotMatch(
      problems(block(`type: apiKeys, apiKeys: [{name: a, sha256: ${secret}}]`)).join(),
      /aB3/u,
    );
  });

  test('takes an empty text for a key that is not there, as ToolHive does', () => {
    const text = `type: oidc, oidc: {issuer: "http://localhost:1", audience: x, clientId: "", clientSecretEnv: "", resource: "", jwksUrl: "", introspectionUrl: "", caBundlePath: ""}`;
    const { oidc: read } = config(block(text)).incomingAuth ?? {};
    assert.deepEqual(
      [read?.clientId, read?.clientSecretEnv, read?.resource],
      [undefined, undefined, undefined],
    );
    assert.deepEqual(
      [read?.jwksUrl, read?.introspectionUrl, read?.caBundlePath],
      [undefined, undefined, undefined],
    );
  });

  test('warns of what belongs to another type, as ToolHive takes it', () => {
    const warned = problems(block(`type: anonymous, ${oidc}`));
    assert.equal(warned.length, 1);
    assert.match(warned[0] ?? '', /"oidc" has no effect/u);
  });
});
