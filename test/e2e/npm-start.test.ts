import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { childOf, isAlive } from '../support/processes.ts';
import { listeningOrigin, repositoryRoot } from '../support/vmcp.ts';

const timeout = 180_000;

/** `npm start` with these arguments; what is left of it after a failed test is killed. */
function npmStart(t: TestContext, args: readonly string[]): { npm: ChildProcess; said: () => string } {
  const npm = spawn('npm', ['start', ...args], {
    cwd: repositoryRoot,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  t.after(() => {
    try {
      process.kill(-(npm.pid ?? Number.NaN), 'SIGKILL');
    } catch {
      // Its whole group is gone.
    }
  });
  let text = '';
  for (const stream of [npm.stdout, npm.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return { npm, said: () => text };
}

describe('npm start', () => {
  test('ends the demo and its backends with SIGTERM', { timeout }, async (t) => {
    const port = await freePort();
    const { npm, said } = npmStart(t, ['--', '--port', String(port)]);
    assert.equal(await listeningOrigin(said), `http://127.0.0.1:${port}`);
    await eventually(() => assert.match(said(), /"memory","msg":"is connected/));
    const shell = childOf(npm.pid ?? Number.NaN, 'scripts/demo.ts');
    const demo = childOf(shell, 'scripts/demo.ts');
    const backend = childOf(demo, 'server-memory');
    npm.kill('SIGTERM');
    await eventually(() => {
      assert.deepEqual([isAlive(demo), isAlive(backend)], [false, false]);
    }, 30_000);
  });

  test('shows how another port is chosen when its own is taken', { timeout }, async (t) => {
    const server = createServer().listen(0, '127.0.0.1');
    t.after(() => server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { npm, said } = npmStart(t, ['--', '--port', String(port)]);
    await once(npm, 'close');
    assert.match(
      said(),
      new RegExp(`port ${port} .* is taken; choose another with npm start -- --port PORT`),
    );
  });

  test('says where options stand when npm has kept one to itself', { timeout }, () => {
    for (const args of [['--port', '5001'], ['--port=5001']]) {
      const { status, stderr } = spawnSync('npm', ['start', ...args], {
        cwd: repositoryRoot,
        encoding: 'utf8',
      });
      assert.equal(status, 2);
      assert.match(stderr, /--port went to npm; options stand behind "--": npm start -- --port 5001$/m);
    }
  });
});

describe('the installation before npm start', () => {
  /** A folder with the script and no dependencies, and a program in the place of npm. */
  function project(t: TestContext, npm: string): { script: string; file: (name: string) => string } {
    const folder = mkdtempSync(join(tmpdir(), 'vmcp-install-'));
    t.after(() => rmSync(folder, { recursive: true }));
    mkdirSync(join(folder, 'scripts'));
    const script = join(folder, 'scripts/ensure-installed.mjs');
    copyFileSync(join(repositoryRoot, 'scripts/ensure-installed.mjs'), script);
    writeFileSync(join(folder, 'npm.js'), npm);
    return { script, file: (name) => join(folder, name) };
  }

  test('asks npm for no warnings, and fails with it', { timeout }, (t) => {
    const { script, file } = project(
      t,
      `require('fs').writeFileSync('asked', process.argv.slice(2).join(' ')); process.exit(7)`,
    );
    const env = { ...process.env, npm_execpath: file('npm.js') };
    const { status, stderr } = spawnSync(process.execPath, [script], { env, encoding: 'utf8' });
    assert.equal(readFileSync(file('asked'), 'utf8'), 'ci --loglevel=error');
    assert.equal(status, 1);
    assert.match(stderr, /"npm ci" failed; nothing was started/);
  });

  test('ends when the shell that npm had started it with is gone', { timeout }, async (t) => {
    const { script, file } = project(
      t,
      `require('fs').writeFileSync('pid', String(process.pid)); setInterval(() => {}, 1000)`,
    );
    const env = { ...process.env, npm_execpath: file('npm.js') };
    // The second command keeps the shell from becoming the first.
    const shell = spawn('sh', ['-c', `"${process.execPath}" "${script}"; true`], { env, stdio: 'ignore' });
    await eventually(() => assert.ok(existsSync(file('pid')) && readFileSync(file('pid'), 'utf8') !== ''));
    const npm = Number(readFileSync(file('pid'), 'utf8'));
    t.after(() => isAlive(npm) && process.kill(npm, 'SIGKILL'));
    shell.kill('SIGTERM');
    await eventually(() => assert.equal(isAlive(npm), false), 30_000);
  });
});
