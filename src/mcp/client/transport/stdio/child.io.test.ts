import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { childEnvironment, startChild, stopChild } from './child.ts';

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

test(
  'a process may end its work at the end of its input before anything kills it',
  { timeout: 180_000 },
  async (t) => {
    const script = `
    process.stdin.resume().on('end', () => setTimeout(() => process.exit(7), 100));
    console.log('up');
  `;
    const command = { command: process.execPath, args: ['-e', script], env: {} };
    const child = startChild(command, process.env);
    t.after(() => child.kill('SIGKILL'));
    assert.ok(child.stdout);
    await once(child.stdout, 'data');
    await stopChild(child, 300_000);
    assert.deepEqual([child.exitCode, child.signalCode], [7, null]);
  },
);
