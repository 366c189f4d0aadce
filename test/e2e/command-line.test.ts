import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { connectHttp } from '../support/clients.ts';
import { startControlledBackend } from '../support/controlled-backend.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { childOf, isAlive } from '../support/processes.ts';
import { realBackends } from '../support/real-backends.ts';
import { allHealthy, cliFile, readStatus, repositoryRoot, startVmcp, type Vmcp } from '../support/vmcp.ts';

const timeout = 180_000;
const real = realBackends();
const memoryAlone = { name: 'cli', backends: [real.memory] };
/** Ends neither at the end of its input nor at SIGTERM. */
const stubbornAlone = {
  name: 'stubborn',
  backends: [
    {
      name: 'stubborn',
      transport: 'stdio',
      command: process.execPath,
      args: [join(repositoryRoot, 'test/fixtures/hostile-backend.ts'), 'ignores-sigterm'],
    },
  ],
};

function vmcp(...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cliFile, ...args], { encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}

function configFile(config: object): string {
  const file = join(mkdtempSync(join(tmpdir(), 'vmcp-cli-')), 'vmcp.yaml');
  writeFileSync(file, JSON.stringify(config));
  return file;
}

/** A server that a failed test does not leave behind. */
async function start(t: TestContext, ...args: Parameters<typeof startVmcp>): Promise<Vmcp> {
  const server = await startVmcp(...args);
  t.after(() => server.signal('SIGKILL'));
  return server;
}

/** A port that somebody else listens on until it is released. */
async function takenPort(): Promise<{ port: number; release(): void }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, release: () => void server.close() };
}

/** A `vmcp serve` with all its streams, not waited for. */
function spawnServe(
  t: TestContext,
  args: readonly string[],
): { child: ChildProcessWithoutNullStreams; err(): string } {
  const child = spawn(process.execPath, [cliFile, 'serve', ...args]);
  t.after(() => child.kill('SIGKILL'));
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  child.stdout.on('error', () => undefined);
  return { child, err: () => err };
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

describe('the built command line', () => {
  test('exits with 0 for help, 1 for a faulty file, 2 for wrong usage', { timeout }, () => {
    assert.equal(vmcp('--help').code, 0);
    const faulty = configFile({ name: 'x', backend: [] });
    const { code, out, err } = vmcp('validate', '--config', faulty);
    assert.deepEqual([code, out], [1, '']);
    assert.ok(err.includes(`${faulty}:1:13: unknown key "backend". Did you mean "backends"?`), err);
    assert.equal(vmcp('serve', '--prot', '1').code, 2);
  });

  test('ends quietly when its reader goes away', { timeout }, () => {
    const { status, stderr } = spawnSync(
      'sh',
      ['-c', `"${process.execPath}" "${cliFile}" completion bash | true`],
      {
        encoding: 'utf8',
      },
    );
    assert.deepEqual([status, stderr], [0, '']);
  });

  test('says in one line that its port is taken, and starts no child for nothing', { timeout }, async () => {
    const taken = await takenPort();
    const { code, err } = vmcp('serve', '--config', configFile(memoryAlone), '--port', String(taken.port));
    taken.release();
    assert.equal(code, 1);
    assert.equal(
      err,
      `vmcp: port ${taken.port} on 127.0.0.1 is taken; choose another with --port (0 picks a free one)\n`,
    );
  });

  test('exits with 130 on Ctrl-C, with its children ended', { timeout }, async (t) => {
    const server = await start(t, memoryAlone);
    await server.status(allHealthy);
    const child = childOf(server.pid, 'server-memory');
    server.signal('SIGINT');
    assert.equal(await server.ended, 130);
    assert.equal(isAlive(child), false);
  });

  test('does not wait for a call any longer at the second signal', { timeout }, async (t) => {
    const backend = await startControlledBackend();
    const server = await start(t, {
      name: 'cli',
      backends: [{ name: 'one', url: backend.url, transport: 'streamable-http' }, real.memory],
    });
    await server.status(allHealthy);
    const child = childOf(server.pid, 'server-memory');
    const client = await connectHttp(server.mcpUrl, '2025-11-25');
    const call = client.callTool({ name: 'one_hold', arguments: { key: 'a' } }).catch(() => 'lost');
    const held = await backend.held('a');
    server.signal('SIGTERM');
    await eventually(() => assert.match(server.log(), /calls under way may finish/));
    server.signal('SIGTERM');
    assert.equal(await server.ended, 1);
    await eventually(() =>
      assert.equal(isAlive(child), false, 'its pipe is closed, so the child ends by itself'),
    );
    held.release();
    await client.close().catch(() => undefined);
    await call;
    await backend.close();
  });

  test('ends with its client on stdio, and says where its metrics are', { timeout }, async (t) => {
    const child = spawn(
      process.execPath,
      [cliFile, 'serve', '--stdio', '--config', configFile(memoryAlone)],
      {
        stdio: ['pipe', 'pipe', 'pipe'],
      },
    );
    t.after(() => child.kill('SIGKILL'));
    let err = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    await eventually(() => assert.match(err, /http:\/\/127\.0\.0\.1:\d+\/metrics/));
    child.stdin.end();
    assert.equal(await exitOf(child), 0);
  });

  test(
    'leaves no process behind that does not end by itself, when its client is gone',
    { timeout },
    async (t) => {
      const { child, err } = spawnServe(t, ['--stdio', '--config', configFile(stubbornAlone)]);
      await eventually(() => assert.match(err(), /is connected/));
      const stubborn = childOf(child.pid ?? Number.NaN, 'hostile-backend');
      t.after(() => isAlive(stubborn) && process.kill(stubborn, 'SIGKILL'));
      // As when it is killed while something is on its way to it.
      child.stdout.destroy();
      child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' })}\n`);
      assert.equal(await exitOf(child), 0);
      assert.equal(isAlive(stubborn), false);
    },
  );

  test('kills at the second signal what does not end by itself', { timeout }, async (t) => {
    const server = await start(t, stubbornAlone);
    await server.status(allHealthy);
    const stubborn = childOf(server.pid, 'hostile-backend');
    t.after(() => isAlive(stubborn) && process.kill(stubborn, 'SIGKILL'));
    server.signal('SIGTERM');
    await eventually(() => assert.match(server.log(), /again to stop at once/));
    server.signal('SIGTERM');
    await server.ended;
    await eventually(() => assert.equal(isAlive(stubborn), false));
  });

  test('takes a configuration from a pipe, which it does not read again', { timeout }, async (t) => {
    const pipe = `${configFile(memoryAlone)}.pipe`;
    assert.equal(spawnSync('mkfifo', [pipe]).status, 0);
    const { child, err } = spawnServe(t, ['--port', '0', '--config', pipe]);
    await writeFile(pipe, JSON.stringify(memoryAlone));
    await eventually(() => assert.match(err(), /is connected/));
    child.kill('SIGHUP');
    await eventually(() =>
      assert.match(err(), /config not reloaded: it came from a pipe, which cannot be read again/),
    );
    assert.doesNotMatch(err(), /config not reloaded.*problems/);
    child.kill('SIGTERM');
    assert.equal(await exitOf(child), 0);
  });

  test('goes on serving when nobody reads its log any more', { timeout }, async (t) => {
    const port = await freePort();
    const file = configFile(memoryAlone);
    const { child, err } = spawnServe(t, ['--port', String(port), '--config', file]);
    await eventually(() => assert.match(err(), /is connected/));
    child.stderr.destroy();
    // Each change is logged once it is in force, and the second shows that the server outlived the line about the first.
    for (const name of ['first', 'second']) {
      writeFileSync(file, JSON.stringify({ ...memoryAlone, name }));
      const origin = `http://127.0.0.1:${port}`;
      await readStatus(origin, (status) => status['name'] === name);
    }
    child.kill('SIGTERM');
    assert.equal(await exitOf(child), 0);
  });

  test('ends with a signal on stdio, though its client stays', { timeout }, async (t) => {
    for (const [signal, code] of [
      ['SIGTERM', 0],
      ['SIGINT', 130],
    ] as const) {
      const child = spawn(
        process.execPath,
        [cliFile, 'serve', '--stdio', '--config', configFile(memoryAlone)],
        { stdio: ['pipe', 'pipe', 'pipe'] },
      );
      t.after(() => child.kill('SIGKILL'));
      let out = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
      child.stderr.resume();
      child.stdin.write('{"jsonrpc":"2.0","id":1,"method":"ping"}\n');
      await eventually(() => assert.match(out, /"id":1/));
      child.kill(signal);
      assert.equal(await exitOf(child), code);
    }
  });
});

describe('a server', () => {
  test('logs JSON lines, and shows no secret that its backends say', { timeout }, async (t) => {
    const leak = `console.error('token is ' + process.env.API_TOKEN); process.exit(1)`;
    const server = await start(
      t,
      {
        name: 'secrets',
        backends: [
          {
            name: 'leaky',
            transport: 'stdio',
            command: 'node',
            args: ['-e', leak],
            env: { API_TOKEN: '${SECRET}' },
          },
          { name: 'gone', transport: 'sse', url: 'http://me:hush-password@127.0.0.1:9/sse?api_key=hush-key' },
        ],
      },
      { env: { SECRET: 'hush-hush-0123' } },
    );
    await eventually(() => assert.match(server.log(), /token is \[redacted\]/));
    const status = await server.status(({ backends }) =>
      backends.every(({ health }) => health === 'unhealthy' || health === 'unknown' || health === 'degraded'),
    );
    assert.doesNotMatch(server.log() + JSON.stringify(status), /hush/);
    // Up to its last whole line; what is no JSON is for the terminal, and says where it listens.
    const lines = server.log().split('\n').slice(0, -1);
    for (const entry of lines.filter((line) => !line.startsWith('vmcp serves MCP on ')))
      assert.ok(['info', 'warn', 'error'].includes(JSON.parse(entry).level), entry);
    await server.stop();
  });

  test('logs each call with --verbose, and only what is wrong with --quiet', { timeout }, async (t) => {
    const missing = { name: 'missing', transport: 'stdio', command: '/nowhere/server' };
    const config = { name: 'calls', backends: [real.memory, missing] };
    for (const args of [['--verbose'], ['--quiet'], []]) {
      const server = await start(t, config, { args });
      await server.status(({ backends }) => backends.every(({ health }) => health !== 'unknown'));
      const client = await connectHttp(server.mcpUrl, '2026-07-28');
      await client.callTool({ name: 'memory_read_graph', arguments: {} });
      await client.close();
      await server.stop();
      const entries = server
        .log()
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      const calls = entries.filter(({ msg }) => msg === 'call ended');
      assert.equal(calls.length, args[0] === '--verbose' ? 1 : 0);
      const [call] = calls;
      if (call !== undefined) {
        const { tool, status, durationMs } = call;
        assert.deepEqual([tool, status, typeof durationMs], ['memory_read_graph', 'success', 'number']);
      }
      const levels = new Set(entries.map(({ level }) => level));
      assert.equal(levels.has('info'), args[0] !== '--quiet');
      assert.ok(levels.has('warn'));
    }
  });

  test('is ready with one backend, or with all of them where the file says so', { timeout }, async (t) => {
    const missing = { name: 'missing', transport: 'stdio', command: '/nowhere/server' };
    const config = { name: 'ready', backends: [real.memory, missing] };
    const server = await start(t, config);
    await eventually(async () => assert.equal((await server.get('/readyz')).status, 200));
    server.writeConfig({ ...config, operational: { failureHandling: { partialFailureMode: 'fail' } } });
    await eventually(async () => assert.equal((await server.get('/readyz')).status, 503));
    assert.equal((await server.get('/health')).status, 200);
    await server.stop();
  });

  test('serves metrics where the configuration says, and moves them on a reload', { timeout }, async (t) => {
    const [first, second] = [await freePort(), await freePort()];
    const config = (telemetry: object): object => ({ ...memoryAlone, telemetry });
    const server = await start(t, config({ prometheusPort: first, metricsOnTransportPort: false }));
    const status = async (port: number): Promise<number> =>
      fetch(`http://127.0.0.1:${port}/metrics`).then(
        (response) => response.status,
        () => 0,
      );
    assert.equal((await server.get('/metrics')).status, 404);
    assert.equal(await status(first), 200);
    server.writeConfig(config({ prometheusPort: second }));
    await eventually(async () => assert.equal(await status(second), 200));
    await eventually(async () => assert.equal(await status(first), 0));
    await eventually(async () => assert.equal((await server.get('/metrics')).status, 200));
    server.writeConfig(config({ enablePrometheusMetricsPath: false }));
    await eventually(async () => assert.equal((await server.get('/metrics')).status, 404));
    await server.stop();
  });

  test('refuses a reload that it cannot serve, and goes on as before', { timeout }, async (t) => {
    const taken = await takenPort();
    const server = await start(t, memoryAlone);
    server.writeConfig({ ...memoryAlone, name: 'other', telemetry: { prometheusPort: taken.port } });
    await eventually(() =>
      assert.match(server.log(), /is taken; choose another with telemetry\.prometheusPort/),
    );
    assert.equal((await server.status())['name'], 'cli');
    taken.release();
    server.writeConfig({
      ...memoryAlone,
      telemetry: { endpoint: '127.0.0.1:9', insecure: true, metricsEnabled: true },
    });
    await eventually(() => assert.match(server.log(), /telemetry\.endpoint takes effect at the next start/));
    await server.stop();
  });
});
