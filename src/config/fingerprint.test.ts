import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from '../../test/support/configurations.ts';
import { fingerprintsOf } from './fingerprint.ts';

const text = (changes: object = {}): string =>
  JSON.stringify({
    name: 'x',
    backends: [
      { name: 'a', transport: 'stdio', command: 'a', env: { API_TOKEN: '${TOKEN}', LEVEL: 'info' } },
      { name: 'b', transport: 'sse', url: 'http://b' },
    ],
    ...changes,
  });

test('a fingerprint is equal where the part of the configuration is, whatever the secrets in it are', () => {
  const one = fingerprintsOf(load(text(), { TOKEN: 'hush-hush-0123' }));
  assert.deepEqual(fingerprintsOf(load(text(), { TOKEN: 'another-4567' })), one);
  const other = fingerprintsOf(
    load(text({ codeMode: { scriptTimeout: '1m' } }), { TOKEN: 'hush-hush-0123' }),
  );
  const differing = Object.keys(one.keys).filter((key) => one.keys[key] !== other.keys[key]);
  assert.deepEqual(differing, ['codeMode.scriptTimeout']);
  assert.deepEqual(other.backends, one.backends);
  assert.deepEqual(Object.keys(one.backends), ['a', 'b']);
});
