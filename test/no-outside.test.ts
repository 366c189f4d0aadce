/** What `npm run test:unit` loads before the unit tests keeps them from the outside. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

const preload = join(import.meta.dirname, 'support', 'no-outside.ts');

const attempts = {
  'opened a port': "import('node:net').then(({ createServer }) => createServer().listen(0))",
  'opened a connection': "import('node:net').then(({ connect }) => connect(1))",
  'started a process': "import('node:child_process').then(({ spawn }) => spawn('true'))",
  'started a thread': "import('node:worker_threads').then(({ Worker }) => new Worker('0', { eval: true }))",
};

for (const [what, attempt] of Object.entries(attempts)) {
  test(`a unit test that ${what.replace('opened', 'opens').replace('started', 'starts')} fails`, () => {
    const program = `${attempt}.then(() => console.log('done'), (error) => console.log(error.message))`;
    const said = execFileSync(process.execPath, ['--import', preload, '--eval', program], {
      encoding: 'utf8',
    });
    assert.equal(
      said,
      `a unit test ${what}: name its file x.io.test.ts, or give it what it needs another way\n`,
    );
  });
}
