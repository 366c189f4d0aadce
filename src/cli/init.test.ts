import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { matchesGolden } from '../../test/support/golden.ts';
import { createTerminal } from '../../test/support/terminal.ts';
import { ConfigError } from '../config/index.ts';
import { configReader } from '../server/index.ts';
import { runCli } from './run.ts';
import type { Terminal } from './kit/terminal.ts';

const root = resolve(import.meta.dirname, '../..');
const schema = join(root, 'schema/vmcp.schema.json');

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** On a machine without any client, unless `overrides` say otherwise. */
async function init(args: readonly string[], overrides: Partial<Terminal> = {}): Promise<Ran> {
  const terminal = createTerminal({ environment: { HOME: '/nowhere' }, ...overrides });
  const code = await runCli(['init', ...args], terminal);
  return { code, ...terminal.said };
}

/** What is wrong with a configuration whose variables are set. */
function problemsOf(text: string, variables: readonly string[] = []): string[] {
  const environment = Object.fromEntries(
    // A URL may be a variable as a whole.
    variables.map((name) => [name, name.endsWith('_URL') ? 'http://localhost/x' : 'value']),
  );
  try {
    return configReader.parse(text, { file: 'x.yaml', environment }).warnings.map(({ message }) => message);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems.map(({ message }) => message);
  }
}

async function folder(t: TestContext): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'vmcp-init-'));
  t.after(() => rm(made, { recursive: true }));
  return made;
}

describe('vmcp init', () => {
  test('writes a starter that is sound, for editors and with code mode on, and says so', async () => {
    const { code, out, err } = await init([]);
    assert.equal(code, 0);
    assert.deepEqual(problemsOf(out), []);
    assert.equal(out.split('\n')[0], `# yaml-language-server: $schema=${schema}`);
    assert.match(out, /^codeMode:\n {2}enabled: true$/m);
    assert.match(err, /^code mode is on: agents may run scripts/);
  });

  const files = [
    'bare.json',
    'claude-code.json',
    'claude-desktop.json',
    'codex.toml',
    'continue.yaml',
    'cursor.json',
    'goose.yaml',
    'librechat.yaml',
    'manifest.yaml',
    'opencode.jsonc',
    'vscode.json',
    'windsurf.json',
    'zed.json',
  ];
  for (const name of files) {
    test(`turns what ${name} says into a configuration, and keeps its secrets out`, async () => {
      const { code, out, err } = await init(['--from', join(root, 'test/fixtures/config', name)]);
      assert.equal(code, 0, err);
      assert.ok(!/hush/.test(out + err), 'a planted secret shows');
      const golden = new URL(`../../test/golden/config/${name.replace(/\.\w+$/, '')}.yaml`, import.meta.url);
      matchesGolden(golden, out.replace(schema, 'SCHEMA'));
      const variables = /set before serving: (.*)/.exec(err)?.[1]?.split(', ') ?? [];
      assert.deepEqual(problemsOf(out, variables), []);
    });
  }

  test('says of each thing that it could not carry over what it was, and where', async () => {
    const file = join(root, 'test/fixtures/config/codex.toml');
    const { err } = await init(['--from', file]);
    assert.match(err, /codex\.toml: github: left out: startup_timeout_sec \(nothing here corresponds\)$/m);
    assert.match(err, /codex\.toml: old: left out: it is switched off in the client$/m);
    assert.match(
      err,
      /codex\.toml: notes: set NOTES_TOKEN to what the client gives the server under that name$/m,
    );
    const manifest = await init(['--from', join(root, 'test/fixtures/config/manifest.yaml')]);
    assert.match(manifest.err, /left out: nonsense: unknown key "nonsense"/);
    assert.match(manifest.err, /left out: spec\.incomingAuth, which the operator reads/);
    assert.match(manifest.err, /left out: the MCPServer fetch has no address outside the cluster/);
  });

  test('never writes over a file', async (t) => {
    const file = join(await folder(t), 'vmcp.yaml');
    await writeFile(file, 'mine');
    const { code, err } = await init(['-o', file]);
    assert.equal(code, 1);
    assert.match(err, /it exists already and is left as it is/);
    assert.equal(await readFile(file, 'utf8'), 'mine');
    const fresh = `${file}.new`;
    assert.equal((await init(['--output', fresh])).code, 0);
    assert.match(await readFile(fresh, 'utf8'), /^name: my-vmcp$/m);
  });

  test('says in one line what is wrong with a client configuration, without quoting it', async (t) => {
    const cases: [name: string, text: string, says: RegExp][] = [
      ['c.json', '{"mcpServers": hush}', /^\S+c\.json:1:16: it is not JSON: expected a value$/m],
      ['c.json', '{}', /expected an object with "mcpServers"/],
      ['c.json', '[]', /expected an object with "mcpServers"/],
      ['c.json', '{"mcpServers": {}}', /names no server that can be one$/m],
      [
        'c.json',
        '{"mcpServers": {"a": {"command": "hush", "disabled": true}}}',
        /a: left out: it is switched off.*\n.*names no server/,
      ],
      [
        'c.json',
        '{"mcpServers": {"a": "hush"}}',
        /a: left out: expected server "a" to be an object\n.*names no server/,
      ],
      ['c.toml', 'key = hush', /^\S+c\.toml: cannot be turned into backends: it is not TOML: /m],
      ['c.yaml', 'a: [hush', /^\S+c\.yaml: cannot be turned into backends: it is not YAML: /m],
    ];
    for (const [name, text, says] of cases) {
      const file = join(await folder(t), name);
      await writeFile(file, text);
      const { code, out, err } = await init(['--from', file]);
      assert.deepEqual([code, out], [1, '']);
      assert.match(err, says);
      assert.ok(!err.includes('hush'), err);
    }
    assert.equal((await init(['--from', '/nowhere.json'])).code, 1);
  });
});

describe('vmcp init on a machine with clients', () => {
  async function machine(t: TestContext): Promise<Partial<Terminal>> {
    const home = await folder(t);
    const files = {
      '.cursor/mcp.json':
        '{"mcpServers": {"git": {"command": "git-server"}, "vmcp": {"url": "http://127.0.0.1:4483/mcp"}}}',
      '.codex/config.toml':
        '[mcp_servers.git]\ncommand = "git-server"\n[mcp_servers.docs]\nurl = "https://docs.example/mcp"\n',
      '.gemini/settings.json': '{"theme": "x"}',
      '.lmstudio/mcp.json': 'not json',
    };
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(home, name)), { recursive: true });
      await writeFile(join(home, name), text);
    }
    return { environment: { HOME: home } };
  }

  const person = (...answers: string[]): Partial<Terminal> => ({
    stdinIsTerminal: true,
    stderrIsTerminal: true,
    ask: async () => answers.shift() ?? assert.fail('asked too often'),
  });

  test('offers what they know, and takes over what a person chooses, each server once', async (t) => {
    const here = await machine(t);
    const all = await init([], { ...here, ...person('all') });
    assert.match(all.err, /1 {2}Cursor \(.*mcp\.json\): git, vmcp\n {2}2 {2}Codex \(.*\): git, docs\n/);
    assert.match(all.out, /- name: git\n[^]*- name: docs\n/);
    assert.doesNotMatch(all.out, /git-2|name: vmcp/);
    assert.match(all.err, /vmcp: left out: it is vmcp itself/);
    const second = await init([], { ...here, ...person('3', '2') });
    assert.match(second.err, /expected "all", "none", or numbers from 1 to 2/);
    assert.match(second.out, /- name: docs\n/);
    assert.match((await init([], { ...here, ...person('') })).out, /- name: everything\n/);
  });

  test('writes the starter where there is no terminal to ask on, and says what it found', async (t) => {
    const { out, err } = await init([], await machine(t));
    assert.match(out, /- name: everything\n/);
    assert.match(err, /Cursor .*git, vmcp\n[^]*"vmcp init --from FILE" takes those of a file over/);
  });
});
