import assert from 'node:assert/strict';
import { test } from 'node:test';
import { childEnvironment } from './child.ts';

test('a child inherits what it needs to find its tools, and nothing that may be a secret', () => {
  const own = { PATH: '/bin', HOME: '/root', LANG: 'C', AWS_SECRET_ACCESS_KEY: 's', SHELL: '() { evil; }' };
  assert.deepEqual(childEnvironment(own, { TOKEN: 't' }), {
    PATH: '/bin',
    HOME: '/root',
    LANG: 'C',
    TOKEN: 't',
  });
});

test('what the file gives counts over what is inherited', () => {
  assert.deepEqual(childEnvironment({ PATH: '/bin' }, { PATH: '/opt/bin' }), { PATH: '/opt/bin' });
});
