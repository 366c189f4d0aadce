import assert from 'node:assert/strict';
import { existsSync, lstatSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { before, describe, test, type TestContext } from 'node:test';
import { createTerminal, type TestTerminal } from '../../../test/support/terminal.ts';
import { matchesGolden } from '../../../test/support/golden.ts';
import { runCli } from '../run.ts';
import type { Terminal } from '../kit/terminal.ts';
import { clientIds, clients } from '../kit/clients.ts';

const golden = new URL('../../../test/golden/cli/connect.txt', import.meta.url);

/** What a user of each client may have, as its file begins. */
const present: Readonly<Record<string, string>> = {
  'claude-code':
    '{\n  "numStartups": 3,\n  "mcpServers": {\n    "github": {\n      "command": "npx"\n    }\n  },\n  "projects": {}\n}\n',
  vscode: '{\n\t// mine\n\t"servers": {\n\t\t"docs": { "url": "http://docs" },\n\t}\n}\n',
  cursor: '{"mcpServers": {}}',
  zed: '// Zed settings\n{\n  "theme": "One Dark", // nice\n  "context_servers": {}\n}\n',
  'gemini-cli': '{\n    "selectedAuthType": "oauth"\n}\n',
  codex: 'model = "gpt-5"\n\n[mcp_servers.github]\ncommand = "npx"\n\n[tools]\nweb_search = true\n',
  opencode: '{\n  "$schema": "https://opencode.ai/config.json"\n}\n',
  goose: 'GOOSE_MODEL: x # the model\nextensions:\n  developer:\n    enabled: true\n',
};

interface Machine {
  readonly home: string;
  run(
    args: readonly string[],
    overrides?: Partial<Terminal>,
  ): Promise<{ code: number; terminal: TestTerminal }>;
  /** Of a client, with the home folder left out. */
  textOf(id: string): Promise<string>;
}

/** A home folder with what some clients have written there. */
async function machine(t: TestContext, files: Readonly<Record<string, string>>): Promise<Machine> {
  const home = await mkdtemp(join(tmpdir(), 'vmcp-home-'));
  t.after(() => rm(home, { recursive: true }));
  const environment = { HOME: home };
  const fileOf = (id: string): string => {
    const client = clients.find((each) => each.id === id) ?? assert.fail(id);
    return client.files({ platform: process.platform, home, environment })[0] ?? assert.fail(id);
  };
  for (const [id, text] of Object.entries(files)) {
    await mkdir(dirname(fileOf(id)), { recursive: true });
    await writeFile(fileOf(id), text);
  }
  return {
    home,
    async run(args, overrides = {}) {
      const terminal = createTerminal({ environment, ...overrides });
      return { code: await runCli(['connect', ...args], terminal), terminal };
    },
    textOf: (id) => readFile(fileOf(id), 'utf8'),
  };
}

describe('vmcp connect', () => {
  before(() => {
    // It would be what Claude Desktop starts.
    assert.ok(!existsSync('vmcp.yaml'), 'expected the tests to run in a folder without a vmcp.yaml');
  });

  test('shows what it would write for every client, and writes nothing', async (t) => {
    const { home, run } = await machine(t, {});
    const { code, terminal } = await run([...clientIds, '--dry-run']);
    assert.deepEqual([code, terminal.said.err], [0, '']);
    assert.deepEqual(await readdir(home), []);
    matchesGolden(golden, terminal.said.out.replaceAll(home, '~'));
  });

  test('writes it for the clients that are found, with a copy of each file, and once', async (t) => {
    const { home, run, textOf } = await machine(t, present);
    const { code, terminal } = await run([]);
    assert.equal(code, 0);
    for (const id of Object.keys(present)) {
      const text = await textOf(id);
      assert.match(text, /127\.0\.0\.1:4483\/mcp/, id);
      for (const line of (present[id] ?? '')
        .split('\n')
        .filter((each) => /\/\/|#|github|theme|web_search/.test(each)))
        assert.ok(text.includes(line.trim().replace(/,$/, '')), `${id} has lost: ${line}`);
    }
    assert.match(terminal.said.err, /^Cursor: written to .*mcp\.json \(before: .*\.bak\); switch it on/m);
    const [backup = ''] = (await readdir(join(home, '.cursor'))).filter((name) => name.endsWith('.bak'));
    assert.equal(await readFile(join(home, '.cursor', backup), 'utf8'), present['cursor']);
    const again = await run([]);
    assert.equal(again.terminal.said.out, '');
    assert.equal(again.terminal.said.err.match(/already connected/g)?.length, Object.keys(present).length);
  });

  test('takes it out again, with everything else as it was', async (t) => {
    const { run, textOf } = await machine(t, present);
    await run([]);
    const { code, terminal } = await run(['--remove']);
    assert.equal(code, 0);
    assert.match(terminal.said.err, /^Zed: removed from /m);
    for (const id of ['claude-code', 'codex', 'goose', 'vscode']) {
      const plain = (text: string): string => text.replaceAll(/,(?=\s*[}\]])/g, '');
      assert.equal(plain(await textOf(id)), plain(present[id] ?? ''), id);
    }
    assert.match((await run(['--remove'])).terminal.said.err, /^Cursor: not connected$/m);
  });

  test('changes the URL and keeps what its user has added', async (t) => {
    const entry = { url: 'http://old/mcp', headers: { Authorization: 'Bearer hush' } };
    const { run, textOf } = await machine(t, { cursor: JSON.stringify({ mcpServers: { vmcp: entry } }) });
    const { terminal } = await run(['cursor', '--url', 'http://127.0.0.1:5000']);
    assert.match(terminal.said.out, /^\+.*127\.0\.0\.1:5000\/mcp/m);
    assert.deepEqual(JSON.parse(await textOf('cursor')), {
      mcpServers: { vmcp: { ...entry, url: 'http://127.0.0.1:5000/mcp' } },
    });
  });

  test('has Claude Desktop start the configuration where there is one', async (t) => {
    const { run } = await machine(t, {});
    const { terminal } = await run(['claude-desktop', '--dry-run', '--config', 'my.yaml']);
    assert.match(terminal.said.out, /"serve",\n.*"--stdio",\n.*"--config",\n.*"\/.*\/my\.yaml"/);
  });

  test('follows a link, and keeps the rights of the file', async (t) => {
    const { home, run } = await machine(t, { cursor: '{}' });
    const [link, real] = [join(home, '.cursor/mcp.json'), join(home, 'dotfiles.json')];
    await rm(link);
    await writeFile(real, '{}');
    await chmod(real, 0o640);
    await symlink(real, link);
    assert.equal((await run(['cursor'])).code, 0);
    assert.ok(lstatSync(link).isSymbolicLink());
    assert.equal((await stat(real)).mode & 0o777, 0o640);
    assert.match(await readFile(real, 'utf8'), /vmcp/);
  });

  test('leaves a file alone that it cannot read, and goes on with the others', async (t) => {
    const { run, textOf } = await machine(t, { cursor: '{"mcpServers": [', windsurf: '' });
    const { code, terminal } = await run(['cursor', 'windsurf']);
    assert.equal(code, 1);
    assert.match(terminal.said.err, /^Cursor: .*mcp\.json: expected a value$/m);
    assert.equal(await textOf('cursor'), '{"mcpServers": [');
    assert.match(await textOf('windsurf'), /serverUrl/);
  });

  test('leaves a file alone whose servers are written in a way that it does not change', async (t) => {
    const { run, textOf } = await machine(t, { codex: 'mcp_servers = { github = { command = "npx" } }\n' });
    const { code, terminal } = await run(['codex']);
    assert.equal(code, 1);
    assert.match(terminal.said.err, /^Codex: .*config\.toml: .*by hand$/m);
    assert.match(await textOf('codex'), /^mcp_servers = \{ github/);
  });

  test('asks a person before it changes clients that they did not name', async (t) => {
    const { run, textOf } = await machine(t, { cursor: '{}' });
    const asked: string[] = [];
    const person = (answer: string): Partial<Terminal> => ({
      stdinIsTerminal: true,
      stderrIsTerminal: true,
      ask: async (question) => (asked.push(question), answer),
    });
    await run([], person(''));
    assert.equal(await textOf('cursor'), '{}');
    await run([], person('y'));
    assert.match(await textOf('cursor'), /vmcp/);
    assert.equal(asked.length, 2);
  });

  test('says what it knows where it finds no client', async (t) => {
    const { run } = await machine(t, {});
    const dry = await run(['--dry-run']);
    assert.deepEqual([dry.code, dry.terminal.said.out], [0, '']);
    assert.match(
      dry.terminal.said.err,
      /no client is found .*"vmcp connect --dry-run cursor": claude-code, /,
    );
    assert.equal((await run([])).code, 1);
  });

  test('takes names that it does not know for wrong usage', async (t) => {
    const { run } = await machine(t, {});
    const cases: [args: string[], says: RegExp][] = [
      [['curser'], /unknown client "curser"\. Did you mean "cursor"\? There are claude-code/],
      [['cursor', '--url', 'here'], /--url: expected a URL/],
      [['cursor', '--name', 'a b'], /--name: expected letters/],
    ];
    for (const [args, says] of cases) {
      const { code, terminal } = await run(args);
      assert.equal(code, 2);
      assert.match(terminal.said.err, says);
    }
  });
});

test('each system has its own places for the files', () => {
  const filesOf = (id: string, platform: NodeJS.Platform, environment = {}): string | undefined =>
    clients.find((client) => client.id === id)?.files({ platform, home: '/h', environment })[0];
  assert.equal(filesOf('vscode', 'darwin'), '/h/Library/Application Support/Code/User/mcp.json');
  assert.equal(filesOf('vscode', 'linux', { XDG_CONFIG_HOME: '/x' }), '/x/Code/User/mcp.json');
  assert.equal(filesOf('zed', 'darwin'), '/h/.config/zed/settings.json');
  assert.equal(filesOf('goose', 'linux'), '/h/.config/goose/config.yaml');
  assert.equal(filesOf('codex', 'linux', { CODEX_HOME: '/c' }), '/c/config.toml');
  assert.equal(filesOf('claude-code', 'linux', { CLAUDE_CONFIG_DIR: '/d' }), '/d/.claude.json');
});
