import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createWebServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import { startControlledBackend, type ControlledBackend } from '../support/controlled-backend.ts';
import { freePort } from '../support/free-port.ts';
import { realBackends } from '../support/real-backends.ts';
import { cliFile, repositoryRoot, startVmcp } from '../support/vmcp.ts';

const timeout = 180_000;
const real = realBackends();
let backend: ControlledBackend;
let folder: string;

before(async () => {
  backend = await startControlledBackend();
  folder = mkdtempSync(join(tmpdir(), 'vmcp-plan-'));
});

after(async () => {
  await backend.close();
  rmSync(folder, { recursive: true });
});

/** Not as `spawnSync`: servers of a test are in this process. */
async function vmcp(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(process.execPath, [cliFile, ...args], {
    cwd: folder,
    env: { ...process.env, HOME: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text));
  const [code] = (await once(child, 'close')) as [number];
  return { code, ...said };
}

function configFile(config: object): string {
  const file = join(folder, 'vmcp.yaml');
  writeFileSync(file, JSON.stringify(config));
  return file;
}

describe('vmcp plan', () => {
  const one = (): object => ({ name: 'one', url: backend.url, transport: 'streamable-http' });

  test('says what a reload would change, and changes nothing', { timeout }, async (t) => {
    const config = { name: 'planned', backends: [one(), real.memory] };
    const server = await startVmcp(config);
    t.after(() => server.signal('SIGKILL'));
    const same = await vmcp(['plan', server.configFile, '--url', server.origin]);
    assert.deepEqual(
      [same.code, same.out],
      [
        0,
        `${server.configFile} against "planned" at ${server.origin}\n\nnothing would change\n\n2 backends keep their connection\n`,
      ],
    );
    configFile({
      name: 'planned',
      backends: [
        { ...one(), metadata: { team: 'x' } },
        { ...real.everything, name: 'new' },
      ],
      codeMode: { enabled: true },
      telemetry: { serviceName: 's' },
    });
    const { code, out } = await vmcp(['plan', '--url', server.origin]);
    assert.equal(code, 0);
    assert.deepEqual(out.split('\n').slice(2, -1), [
      '+ backend new (stdio)',
      '- backend memory',
      '~ backend one',
      '~ codeMode.enabled: off → on',
      '~ telemetry.serviceName: takes effect at the next start',
    ]);
    const json = JSON.parse((await vmcp(['plan', '--json', '--url', server.origin])).out) as object;
    assert.deepEqual(json, {
      server: server.origin,
      backends: { added: ['new'], removed: ['memory'], changed: ['one'] },
      kept: 0,
      keys: ['codeMode.enabled'],
      keysAtStart: ['telemetry.serviceName'],
    });
    assert.deepEqual(
      (await server.status()).backends.map(({ name }) => name),
      ['memory', 'one'],
    );
    await server.stop();
  });

  test(
    'has everything new where no server answers, and says so of one that was named',
    { timeout },
    async () => {
      const file = configFile({ name: 'x', backends: [real.memory] });
      const nowhere = `http://127.0.0.1:${await freePort()}`;
      const named = await vmcp(['plan', file, '--url', nowhere]);
      assert.deepEqual([named.code, named.out], [1, '']);
      assert.match(named.err, /no server answers: ECONNREFUSED/);
      const odd = await vmcp(['plan', file, '--url', backend.url]);
      assert.match(odd.err, /expected the status of a vmcp, found \d+/);
    },
  );

  test('reports a file that cannot be served', { timeout }, async () => {
    const { code, err } = await vmcp(['plan', configFile({ name: 'x', backend: [] })]);
    assert.equal(code, 1);
    assert.match(err, /unknown key "backend"/);
  });
});

describe('vmcp doctor', () => {
  test(
    'starts each backend step by step, says what is wrong and how that is mended',
    { timeout },
    async (t) => {
      const closed = await freePort();
      const web = createWebServer((_, response) => response.writeHead(404).end()).listen(0, '127.0.0.1');
      t.after(() => web.close());
      await once(web, 'listening');
      const elsewhere = web.address() as AddressInfo;
      const crash = `console.error('API_KEY is not set'); process.exit(3)`;
      const file = configFile({
        name: 'ill',
        backends: [
          real.memory,
          { name: 'http', url: backend.url, transport: 'streamable-http' },
          { name: 'gone', command: 'no-such-program', transport: 'stdio' },
          { name: 'crash', command: process.execPath, args: ['-e', crash], transport: 'stdio' },
          { name: 'closed', url: `http://127.0.0.1:${closed}/mcp`, transport: 'streamable-http' },
          { name: 'wrong', url: `http://127.0.0.1:${elsewhere.port}/nowhere`, transport: 'streamable-http' },
          { name: 'beyond', url: 'http://beyond.invalid/mcp', transport: 'streamable-http' },
        ],
      });
      const { code, out } = await vmcp(['doctor', file, '--port', String(await freePort())], {
        HTTP_PROXY: `http://127.0.0.1:${closed}`,
      });
      assert.equal(code, 1);
      const expected = [
        /^✓ Node \d+\.\d+\.\d+ \(/m,
        /^✓ port \d+ is free$/m,
        /^✓ .*vmcp\.yaml: 7 backends, code mode off$/m,
        /^memory \(stdio\)\n {2}✓ the program is .*\n {2}✓ memory-server \S+ speaks MCP \S+ {2}[\d.]+ m?s\n {2}✓ 9 tools {2}/m,
        /^http \(streamable-http\)\n {2}✓ port \d+ is open .*\n {2}✓ .* speaks MCP 2026-07-28 .*\n {2}✓ 6 tools/m,
        /^gone \(stdio\)\n {2}✗ there is no program "no-such-program" in any folder of PATH\n {6}→ install it/m,
        /^crash \(stdio\)\n.*\n {2}✗ ended with exit code 3\n {6}API_KEY is not set\n {6}→ run the command by itself/m,
        /^closed \(streamable-http\)\n {2}✗ nothing listens on port \d+ of 127\.0\.0\.1\n {6}→ start the server/m,
        /^wrong \(streamable-http\)\n {2}✓ .*\n {2}✗ .*404.*\n {6}→ check the path in "url"; most end in \/mcp/m,
        /^beyond \(streamable-http\)\n {2}- it is reached by the proxy that HTTP_PROXY names\n {2}✗ /m,
        /^✓ the clock is right$/m,
        /^- no MCP client is found on this machine$/m,
        /^5 problems$/m,
      ];
      for (const pattern of expected) assert.match(out, pattern);
    },
  );

  test(
    'tells a certificate that is not trusted, and trusts the one that is named',
    { timeout },
    async (t) => {
      const tls = join(repositoryRoot, 'test/fixtures/tls');
      const server = createTlsServer(
        { key: readFileSync(join(tls, 'key.pem')), cert: readFileSync(join(tls, 'cert.pem')) },
        (_, response) => response.writeHead(401).end(),
      ).listen(0, '127.0.0.1');
      t.after(() => server.close());
      await once(server, 'listening');
      const url = `https://localhost:${(server.address() as AddressInfo).port}/mcp`;
      const trusted = {
        name: 'trusted',
        url,
        transport: 'streamable-http',
        caBundlePath: join(tls, 'cert.pem'),
      };
      const file = configFile({
        name: 'tls',
        backends: [trusted, { name: 'strange', url, transport: 'streamable-http' }],
      });
      const { out } = await vmcp(['doctor', file, '--port', String(await freePort())]);
      assert.match(
        out,
        /^trusted [^]*?✓ its certificate is trusted, for \d+ more days[^]*?→ it wants credentials: put them into "headers"/m,
      );
      assert.match(
        out,
        /^strange [^]*?✗ the certificate of localhost is signed by an authority .*\n {6}→ name its PEM file in "caBundlePath"/m,
      );
    },
  );

  test('tells who has the port, and that there is no configuration', { timeout }, async (t) => {
    rmSync(join(folder, 'vmcp.yaml'), { force: true });
    const taken = await listen(t);
    const { code, out } = await vmcp(['doctor', '--port', String(taken)]);
    assert.equal(code, 1);
    assert.match(out, new RegExp(`✗ port ${taken} is taken by another program\\n {4}→ end it`));
    assert.match(out, /- there is no vmcp\.yaml here/);
    const server = await startVmcp({ name: 'mine', backends: [real.memory] });
    t.after(() => server.signal('SIGKILL'));
    const own = await vmcp(['doctor', '--port', new URL(server.origin).port]);
    assert.match(own.out, /✓ port \d+: a vmcp serves there, "mine"/);
    assert.equal(own.code, 0);
    await server.stop();
  });
});

async function listen(t: TestContext): Promise<number> {
  const server = createServer((socket) => socket.end('no HTTP\n')).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe('vmcp on a machine', () => {
  test('is completed by bash', { timeout }, () => {
    const script = `source <("$0" "$1" completion bash)
      try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _vmcp; echo "\${COMPREPLY[*]}"; }
      try vmcp va; try vmcp connect cu; try vmcp star --option re; try vmcp validate --str`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script, process.execPath, cliFile], {
      encoding: 'utf8',
    });
    assert.deepEqual([stdout, stderr], ['validate\ncursor\nrecursion\n--strict\n', '']);
  });

  test('runs itself with a newer Node where its own is too old, or says what to install', { timeout }, () => {
    // Stands for an old Node: this one, which says that it is.
    const old = join(folder, 'old.mjs');
    writeFileSync(
      old,
      `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.1.0' } });`,
    );
    const args = ['--import', old, cliFile, 'star', '-'];
    const run = (env: Record<string, string>): ReturnType<typeof spawnSync> =>
      spawnSync(process.execPath, args, {
        input: 'fail("x")',
        encoding: 'utf8',
        env: { ...process.env, ...env },
      });
    const newer = run({});
    assert.equal(newer.status, 1);
    assert.match(String(newer.stderr), /^Traceback[^]*<stdin>:1:1[^]*fail: x\n$/);
    const stuck = run({ VMCP_NODE: '/usr/bin/node' });
    assert.equal(stuck.status, 1);
    assert.match(
      String(stuck.stderr),
      /^vmcp: expected Node 22\.18 or later, found 20\.1\.0, and none newer on PATH/,
    );
  });
});
