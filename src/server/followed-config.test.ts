import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, test } from 'node:test';
import { ConfigError } from '../config/index.ts';
import type { FoundBackend } from '../discovery/index.ts';
import { FollowedConfig } from './followed-config.ts';

const text = `name: v
groupRef: team
outgoingAuth: { source: discovered, backends: { mine: { type: unauthenticated } } }
backends: [{ name: own, transport: sse, url: "http://own/sse" }]
`;
const options = { file: '/etc/vmcp/config.yaml', environment: { HOME: '/secret-home' } };

function found(name: string, more: Partial<FoundBackend> = {}): FoundBackend {
  const entry = { name, transport: 'streamable-http', url: `http://${name}/mcp`, ...more.entry };
  return { name, kind: 'MCPServer', secrets: [], ...more, entry };
}

const strategy = {
  type: 'header_injection',
  headerInjection: { headerName: 'X-Key', headerValue: 'found-secret' },
};
const group = (...backends: FoundBackend[]) => ({ backends, skipped: [] });

describe('a configuration of a file and of backends that were found', () => {
  test('has both, and the secrets of those that were found', () => {
    const followed = new FollowedConfig(text, options);
    const { config, secrets } = followed.withFound(
      group(found('new', { strategy, secrets: ['found-secret'] })),
    );
    assert.deepEqual(
      config.backends.map(({ name }) => name),
      ['own', 'new'],
    );
    assert.ok(secrets.includes('found-secret'));
  });

  test('prefers the file, and gives its backend no credential that was found by the same name', () => {
    const followed = new FollowedConfig(text, options);
    const { config } = followed.withFound(group(found('own', { strategy }), found('mine', { strategy })));
    assert.deepEqual(
      config.backends.map(
        (backend) => 'strategy' in backend && [backend.name, backend.url, backend.strategy],
      ),
      [
        ['own', 'http://own/sse', { type: 'unauthenticated' }],
        ['mine', 'http://mine/mcp', { type: 'unauthenticated' }],
      ],
    );
  });

  test('leaves out a backend that does not fit, with the words of the reader and without a secret', () => {
    const followed = new FollowedConfig(text, options);
    const bad = found('bad', { entry: { url: 'ftp://found-secret' }, secrets: ['found-secret'] });
    const { config } = followed.withFound(group(bad, found('good')));
    assert.deepEqual(
      config.backends.map(({ name }) => name),
      ['own', 'good'],
    );
    assert.deepEqual(
      followed.refused.map(({ name }) => name),
      ['bad'],
    );
    assert.match(followed.refused[0]?.reason ?? '', /expected a URL that begins with http/);
    assert.ok(!JSON.stringify(followed.refused).includes('found-secret'));
  });

  test('puts no variable of the environment into what was found', () => {
    const followed = new FollowedConfig(text, options);
    const { config } = followed.withFound(
      group(found('new', { entry: { headers: { 'x-home': '${HOME}' } } })),
    );
    assert.ok(!JSON.stringify(config).includes('secret-home'));
  });

  test('keeps what was found when the file changes, and the text when a change is not sound', () => {
    const followed = new FollowedConfig(text, options);
    followed.withFound(group(found('new')));
    assert.throws(() => followed.withText(`${text}nonsense: 1\n`), ConfigError);
    const { config } = followed.withText(text.replace('name: v', 'name: w'));
    assert.equal(config.name, 'w');
    assert.equal(config.backends.length, 2);
    assert.equal(followed.withFound(group()).config.name, 'w');
  });

  test('is not changed to another group while the server runs', () => {
    const followed = new FollowedConfig(text, options);
    assert.throws(() => followed.withText(text.replace('team', 'others')), /restart it to change "groupRef"/);
    assert.throws(() => followed.withText(text.replace('discovered', 'inline')), /asks for no group/);
  });

  test('has certificates that were found in files of its own, and takes them away at the end', () => {
    const followed = new FollowedConfig(text, options);
    const { config } = followed.withFound(group(found('new', { caBundle: 'PEM' })));
    const backend = config.backends.at(-1);
    const path = backend !== undefined && 'caBundlePath' in backend ? (backend.caBundlePath ?? '') : '';
    assert.equal(readFileSync(path, 'utf8'), 'PEM');
    followed.close();
    assert.ok(!existsSync(dirname(path)));
  });
});
