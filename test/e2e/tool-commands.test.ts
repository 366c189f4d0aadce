import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startControlledBackend, type ControlledBackend } from '../support/controlled-backend.ts';
import { childrenOf, isAlive } from '../support/processes.ts';
import { realBackends } from '../support/real-backends.ts';
import { cliFile, startVmcp, type Vmcp } from '../support/vmcp.ts';

const timeout = 180_000;
const real = realBackends();

let backend: ControlledBackend;
let server: Vmcp;
let folder: string;

before(async () => {
  backend = await startControlledBackend();
  folder = mkdtempSync(join(tmpdir(), 'vmcp-tools-'));
  const config = {
    name: 'tools',
    backends: [
      { name: 'one', url: backend.url, transport: 'streamable-http' },
      real.everything,
      { name: 'gone', command: '/nowhere/server', transport: 'stdio' },
    ],
  };
  writeFileSync(join(folder, 'vmcp.yaml'), JSON.stringify(config));
  server = await startVmcp({ ...config, codeMode: { enabled: true } });
});

after(async () => {
  await server.stop();
  await backend.close();
  rmSync(folder, { recursive: true });
});

interface Done {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a command in the folder of the configuration. Not as `spawnSync`: the backend is in this process. */
async function vmcp(args: readonly string[], input = ''): Promise<Done> {
  const child = spawn(process.execPath, [cliFile, ...args], { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text));
  child.stdin.on('error', () => undefined).end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...said };
}

/** Against the configuration in the folder, and against the server that runs. */
const ways = (): [way: string, options: string[]][] => [
  ['a configuration', []],
  ['a server', ['--url', server.origin]],
];

describe('vmcp tools', () => {
  test('lists what a query finds, of a configuration and of a server', { timeout }, async () => {
    for (const [way, options] of ways()) {
      const { code, out, err } = await vmcp(['tools', 'echo', ...options]);
      assert.deepEqual([code, out], [0, 'everything_echo  Echoes back the input string\n'], way);
      assert.equal(err, way === 'a server' ? '' : missing);
      const json = await vmcp(['tools', '--json', ...options]);
      const tools = JSON.parse(json.out) as { name: string; inputSchema: object }[];
      assert.ok(tools.some(({ name, inputSchema }) => name === 'one_ok' && inputSchema !== undefined));
    }
  });

  test('shows one tool in full, and says what was meant by a name that is none', { timeout }, async () => {
    const page = await vmcp(['tools', 'everything_get-sum', '--url', server.origin]);
    assert.match(
      page.out,
      /^everything_get-sum\n[^]*In a script:\n {2}everything_get_sum\(a: float, b: float\)/,
    );
    assert.match(page.out, /\nArguments:\n {2}a {2}float: First number\n/);
    const none = await vmcp(['tools', 'everything_ecko', '--url', server.origin]);
    assert.deepEqual([none.code, none.out], [1, '']);
    assert.match(none.err, /\/mcp: no tool matches "everything_ecko"\. Did you mean "everything_echo"\?/);
  });
});

const missing =
  'gone: not connected, its tools are missing: did not start: there is no program "/nowhere/server"\n';

describe('vmcp call', () => {
  test('prints the value of a result and nothing else, however it gets there', { timeout }, async () => {
    for (const [way, options] of ways()) {
      const { code, out } = await vmcp(['call', 'everything_get-sum', 'a=1', 'b=2', ...options]);
      assert.deepEqual([code, out], [0, '"The sum of 1 and 2 is 3."\n'], way);
    }
    const fromInput = await vmcp(['call', 'one_ok', '-', '--url', server.origin], '{"id": 1234567890}');
    assert.deepEqual([fromInput.code, fromInput.out], [0, '{"id":1234567890}\n']);
    const whole = await vmcp(['call', 'one_ok', 'a=1', '--json', '--url', `${server.origin}/mcp`]);
    assert.deepEqual(JSON.parse(whole.out).content, [{ type: 'text', text: '{"a":1}' }]);
  });

  test('puts progress on stderr', { timeout }, async () => {
    const args = ['call', 'everything_trigger-long-running-operation', 'duration=1', 'steps=2'];
    for (const [way, options] of ways()) {
      const { code, out, err } = await vmcp([...args, ...options]);
      assert.deepEqual(
        [code, JSON.parse(out)],
        [0, 'Long running operation completed. Duration: 1 seconds, Steps: 2.'],
        way,
      );
      assert.match(err, /^1 of 2\n2 of 2\n$/m);
    }
  });

  test('fails with the tool, and before a call that its schema refuses', { timeout }, async () => {
    const calls = backend.calls.get('ok') ?? 0;
    const cases: [args: string[], code: number, says: RegExp][] = [
      [['one_fail'], 1, /^one_fail: /],
      [['one_refuse'], 1, /mcp: /],
      [['everything_echo'], 1, /missing argument "message"[^]*Signature: everything_echo\(message: str\)/],
      [['ok'], 1, /there is no tool called "ok"\. Did you mean "one_ok"\?/],
      [['one_ok', 'word'], 2, /expected key=value, or one JSON object, found "word"/],
      [[], 2, /TOOL is missing/],
    ];
    for (const [args, code, says] of cases) {
      const done = await vmcp(['call', ...args, '--url', server.origin]);
      assert.deepEqual([done.code, done.out], [code, ''], args.join(' '));
      assert.match(done.err, says);
    }
    assert.equal(backend.calls.get('ok') ?? 0, calls);
  });

  test('is interrupted with 130, cancels the call and leaves no process behind', { timeout }, async () => {
    for (const [index, [way, options]] of ways().entries()) {
      const key = `interrupted-${index}`;
      const child = spawn(process.execPath, [cliFile, 'call', 'one_hold', `key=${key}`, ...options], {
        cwd: folder,
      });
      await backend.held(key);
      const children = childrenOf(child.pid ?? Number.NaN);
      assert.equal(children.length, way === 'a server' ? 0 : 1);
      child.kill('SIGINT');
      const [code] = (await once(child, 'close')) as [number];
      assert.equal(code, 130, way);
      await backend.cancelled(key);
      assert.equal(children.filter(({ pid }) => isAlive(pid)).length, 0);
    }
  });

  test('says in words that a server cannot be reached', { timeout }, async () => {
    const { code, err } = await vmcp(['call', 'x', '--url', 'http://127.0.0.1:9']);
    assert.equal(code, 1);
    assert.match(err, /^http:\/\/127\.0\.0\.1:9\/mcp: cannot be reached/);
  });

  test('takes tools from one place alone', { timeout }, async () => {
    const { code, err } = await vmcp(['call', 'x', '--url', server.origin, '-c', 'vmcp.yaml']);
    assert.equal(code, 2);
    assert.match(err, /--config and --url exclude each other/);
  });
});

describe('vmcp run', () => {
  const script = 'print("at work")\nreturn [everything_echo(message=word) for word in words]\n';

  test('runs a script with data, also where the configuration has code mode off', { timeout }, async () => {
    for (const [way, options] of ways()) {
      const args = ['run', '-', '--data', '{"words": ["a", "b"]}', ...options];
      const { code, out, err } = await vmcp(args, script);
      assert.deepEqual([code, out], [0, '["Echo: a","Echo: b"]\n'], way);
      assert.match(err, /^at work$/m);
    }
  });

  test('keeps every digit of a long int', { timeout }, async () => {
    const args = ['run', '-', '--data', '{"n": 12345678901234567890}', '--url', server.origin];
    const { code, out } = await vmcp(args, 'return {"n": n + 1}');
    assert.deepEqual([code, out], [0, '{"n":12345678901234567891}\n']);
  });

  test('names the file in the traceback of a script that fails', { timeout }, async () => {
    const file = join(folder, 'fails.star');
    writeFileSync(file, 'x = 1\nreturn x // 0\n');
    const { code, out, err } = await vmcp(['run', file, '--url', server.origin]);
    assert.deepEqual([code, out], [1, '']);
    assert.match(err, /fails\.star:2:8: in <toplevel>[^]*division by zero/);
  });

  test('calls nothing with --dry-run, and says what it would', { timeout }, async () => {
    const before = backend.calls.get('ok') ?? 0;
    for (const [way, options] of ways()) {
      const sound = await vmcp(['run', '-', '--dry-run', ...options], 'return one_ok(a=1)');
      const found = { ok: true, calls: [{ tool: 'one_ok', line: 1, column: 8 }], faults: [] };
      assert.deepEqual([sound.code, JSON.parse(sound.out)], [0, found], way);
      const faulty = await vmcp(
        ['run', '-', '--dry-run', ...options],
        'one_ok()\nreturn everything_echo(msg=1)',
      );
      assert.equal(faulty.code, 1);
      assert.match(faulty.err, /^<stdin>:2:8: everything_echo:\n {2}- no argument is called "msg"/m);
      assert.equal(JSON.parse(faulty.out).ok, false);
    }
    assert.equal(backend.calls.get('ok') ?? 0, before);
  });
});

test('a one-off use opens no port, and pushes nothing to the OTLP endpoint', { timeout }, async () => {
  const file = join(folder, 'pushing.yaml');
  const config = {
    name: 'pushing',
    backends: [{ name: 'one', url: backend.url, transport: 'streamable-http' }],
    telemetry: { endpoint: backend.url, metricsEnabled: true, tracingEnabled: true, prometheusPort: 9 },
  };
  writeFileSync(file, JSON.stringify(config));
  const { code, out } = await vmcp(['call', 'one_ok', '-c', file]);
  assert.deepEqual([code, out], [0, '{}\n']);
});
