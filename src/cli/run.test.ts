import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { createTerminal } from '../../test/support/terminal.ts';
import { commandNames } from './kit/commands.ts';
import { runCli } from './run.ts';
import { parseRequest } from './serve.ts';

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(args: string[], environment: Record<string, string> = {}): Promise<Ran> {
  const terminal = createTerminal({ environment });
  const code = await runCli(args, terminal);
  return { code, ...terminal.said };
}

async function fileWith(t: TestContext, text: string, name = 'vmcp.yaml'): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'vmcp-cli-'));
  t.after(() => rm(dir, { recursive: true }));
  await writeFile(join(dir, name), text);
  return join(dir, name);
}

const sound = 'name: d\nbackends: [{name: a, transport: sse, url: "http://a"}]\n';

describe('the command line', () => {
  test('explains itself on stdout when asked, as a whole and for each command', async () => {
    for (const args of [['--help'], ['-h'], ['help']]) {
      const { code, out } = await run(args);
      assert.equal(code, 0);
      for (const name of commandNames) assert.match(out, new RegExp(`^  ${name} `, 'm'));
    }
    for (const name of commandNames) {
      for (const args of [
        [name, '--help'],
        ['help', name],
        [name, '-h', '--whatever'],
      ]) {
        const { code, out, err } = await run(args);
        assert.deepEqual([code, err], [0, ''], args.join(' '));
        assert.match(out, new RegExp(`^Usage: vmcp ${name} `));
      }
    }
  });

  test('says its version', async () => {
    const manifest = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
    assert.deepEqual(await run(['--version']), { code: 0, out: `${manifest.version}\n`, err: '' });
  });

  const wrong: [args: string[], says: RegExp][] = [
    [[], /Usage: vmcp COMMAND/],
    [['srve'], /unknown command "srve". Did you mean "serve"\?/],
    [['--verbose'], /unknown option "--verbose"/],
    [['--verison'], /unknown option "--verison". Did you mean "--version"\?/],
    [['help', 'x'], /unknown command "x"/],
    [['validate', '--config'], /--config needs a value/],
    [['validate', '--config='], /--config needs the name of a file/],
    [['validate', ''], /FILE needs the name of a file/],
    [['validate', 'b', '-c', 'a'], /named twice, "b" and --config a; expected one/],
    [['validate', '--confg', 'x'], /unknown option --confg. Did you mean "--config"\?/],
    [['validate', '--config', 'a', '--config', 'b'], /--config is given twice; it takes one value/],
    [['validate', 'a', 'b'], /unexpected argument "b"/],
    [['serve', '--stdio=yes', '--config', 'a'], /--stdio takes no value/],
    [['serve', '--config', 'a', '--port', 'x'], /--port: expected 0 to 65535, found "x"/],
    [['serve', '--config', 'a', '--port', '70000'], /--port: expected 0 to 65535, found "70000"/],
    [
      ['serve', '--config', 'a', '--session-ttl', '30'],
      /--session-ttl: expected a duration such as "30m", found "30"/,
    ],
    [['serve', '--config', 'a', '--session-ttl', '0'], /--session-ttl/],
    [
      ['serve', '--config', '--stdio'],
      /--config needs a value, found "--stdio"; if that is the value, write --config=--stdio/,
    ],
    [['serve', '--config', 'a', '--allowed-host', 'https://a.example'], /expected a host name such as/],
    [['serve', '--config', 'a', '--allowed-host', '*.example.com'], /found "\*\.example\.com"/],
    [['serve', '--config', 'a', '--allowed-origin', 'chat.example.com'], /expected a site such as/],
    [['serve', '--config', 'a', '--allowed-origin', 'https://chat.example.com/x'], /expected a site such as/],
    [['serve', '--config', 'a', '--allowed-origin', '*'], /found "\*"/],
    [['serve', '--config', 'a', '--allowed-host', ''], /expected a host name such as .*, found ""/],
    [['init', 'x'], /unexpected argument "x"/],
    [
      ['serve', '--config', 'a', '--enable-audit'],
      /unknown option --enable-audit: write the block `audit` into the configuration$/m,
    ],
    [
      ['init', '-g', 'team'],
      /unknown option -g: looking a group up needs ToolHive; list its servers under "backends"/,
    ],
    [['init', '-o', ''], /--output needs the name of a file/],
    [['init', '--from='], /--from needs the name of a file/],
  ];
  for (const [args, says] of wrong) {
    test(`takes "vmcp ${args.join(' ')}" for wrong usage`, async () => {
      const { code, out, err } = await run(args);
      assert.deepEqual([code, out], [2, '']);
      assert.match(err, says);
    });
  }
});

describe('vmcp validate', () => {
  test('prints every problem with file, line and column, and exits with 1', async (t) => {
    const file = await fileWith(t, 'name: d\nbackend: []\ncodeMode: {enabled: 1}\n');
    const { code, out, err } = await run(['validate', '--config', file]);
    assert.deepEqual([code, out], [1, '']);
    assert.deepEqual(err.trimEnd().split('\n'), [
      `${file}:2:1: unknown key "backend". Did you mean "backends"?`,
      `${file}:3:21: codeMode.enabled: expected true or false, found the number 1`,
    ]);
  });

  test('exits with 0 when the file is sound, with its doubts on stderr', async (t) => {
    const file = await fileWith(t, `${sound}operational: {timeouts: {perWorkload: {b: 1s}}}\n`);
    const { code, out, err } = await run(['validate', '-c', file]);
    assert.deepEqual([code, out], [0, `${file}: OK\n`]);
    assert.match(err, /warning: .*perWorkload.b: no backend is called "b"/);
  });

  test('exits with 1 on a warning where --strict says so', async (t) => {
    const file = await fileWith(t, `${sound}operational: {timeouts: {perWorkload: {b: 1s}}}\n`);
    const { code, out, err } = await run(['validate', file, '--strict']);
    assert.deepEqual([code, out], [1, '']);
    assert.match(err, /no backend is called "b"[^]*: a warning; --strict takes none\n$/);
  });

  test('exits with 1 when there is no file', async () => {
    const { code, err } = await run(['validate', '--config', '/nowhere/vmcp.yaml']);
    assert.deepEqual([code, err], [1, '/nowhere/vmcp.yaml:1:1: no such file\n']);
  });
});

describe('the configuration file', () => {
  test('may stand by itself or behind --config, in every command that takes one', async (t) => {
    const file = await fileWith(t, sound);
    for (const args of [[file], ['--config', file], [`--config=${file}`], ['-c', file]]) {
      assert.equal((await run(['validate', ...args])).out, `${file}: OK\n`);
      assert.equal(parseRequest(args).file, file);
    }
  });

  test('is ./vmcp.yaml where none is named, and its absence says what to do', async (t) => {
    const folder = dirname(await fileWith(t, sound));
    const before = process.cwd();
    t.after(() => process.chdir(before));
    process.chdir(folder);
    assert.deepEqual(await run(['validate']), { code: 0, out: 'vmcp.yaml: OK\n', err: '' });
    process.chdir(tmpdir());
    for (const command of ['validate', 'serve']) {
      const { code, err } = await run([command]);
      assert.equal(code, 1);
      assert.match(err, /^vmcp\.yaml:1:1: no such file; name another with --config FILE, or write one with/);
    }
  });

  test('that is a folder, or is not there, is told in words', async (t) => {
    const folder = dirname(await fileWith(t, sound));
    for (const command of ['validate', 'serve']) {
      assert.equal((await run([command, folder])).err, `${folder}:1:1: expected a file, found a folder\n`);
      assert.equal((await run([command, `${folder}/x.yaml`])).err, `${folder}/x.yaml:1:1: no such file\n`);
    }
    assert.equal((await run(['init', '--from', folder])).err, `${folder}: expected a file, found a folder\n`);
    const inNoFolder = `${folder}/none/vmcp.yaml`;
    const { err } = await run(['init', '-o', inNoFolder]);
    assert.ok(err.endsWith(`${inNoFolder}: cannot be written: its folder does not exist\n`), err);
    const noCertificate = ['adoption', '--prometheus', 'http://127.0.0.1:9', '--ca-cert', folder];
    assert.equal((await run(noCertificate)).err, `${folder}: expected a file, found a folder\n`);
  });
});

describe('vmcp serve', () => {
  test('takes an address and names as they stand in URLs', () => {
    const names = ['VMCP.example.com:8443', 'bücher.example', '[2001:DB8::1]:80'];
    const { host, allowedHosts } = parseRequest([
      ...['--config', 'a', '--host', '[::1]'],
      ...names.flatMap((name) => ['--allowed-host', name]),
    ]);
    assert.equal(host, '::1');
    assert.deepEqual(allowedHosts, ['vmcp.example.com', 'xn--bcher-kva.example', '[2001:db8::1]']);
  });

  test('refuses a configuration that is not sound, with every problem', async (t) => {
    const file = await fileWith(t, 'name: d\noptimizer: {}\n');
    const { code, err } = await run(['serve', '--config', file]);
    assert.equal(code, 1);
    assert.match(
      err,
      /:1:1: expected at least one entry in "backends", found none\n.*:2:1: "optimizer" cannot be used/,
    );
  });

  test('refuses to listen beyond loopback while the file does not say who may call', async (t) => {
    const file = await fileWith(t, sound);
    const { code, err } = await run(['serve', '--config', file, '--host', '0.0.0.0', '--port', '0']);
    assert.equal(code, 1);
    assert.match(err, /listening on 0\.0\.0\.0 lets others in.*incomingAuth/);
  });
});
