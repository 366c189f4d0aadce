/**
 * The MCP clients that vmcp knows: where each keeps its configuration, in which format, and how it writes a server down.
 * Checked against their documentation in November 2026.
 */
import { join } from 'node:path';

/** What tells where files are: of the process, or of a test. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** How a client reaches the server. */
export interface ServerAddress {
  /** Of its MCP endpoint. */
  readonly url: string;
  /** For a client that can only start a process. */
  readonly command: readonly [program: string, ...args: string[]];
}

export interface Client {
  /** How the command line calls it. */
  readonly id: string;
  readonly name: string;
  readonly format: 'json' | 'toml' | 'yaml';
  /** Its configuration, in the order in which it is looked for; the first is where a new one goes. */
  files(machine: Machine): readonly string[];
  /** A folder whose presence tells that the client is installed, beside the files themselves. */
  folder(machine: Machine): string;
  /** The keys that lead to its servers. */
  readonly path: readonly [string, ...string[]];
  /** What it writes under the server's name. */
  entry(
    server: ServerAddress,
  ): Readonly<Record<string, string | number | boolean | readonly string[] | object>>;
  /** What its user does next. */
  readonly next: string;
}

const restart = 'restart it to load the change';

export const clients: readonly Client[] = [
  {
    id: 'claude-code',
    name: 'Claude Code',
    format: 'json',
    files: ({ home, environment }) => [join(environment['CLAUDE_CONFIG_DIR'] || home, '.claude.json')],
    folder: ({ home, environment }) => environment['CLAUDE_CONFIG_DIR'] || join(home, '.claude'),
    path: ['mcpServers'],
    entry: ({ url }) => ({ type: 'http', url }),
    next: '"/mcp" in a new session shows it',
  },
  {
    id: 'claude-desktop',
    name: 'Claude Desktop',
    format: 'json',
    files: (machine) => [join(applicationFolder(machine, 'Claude'), 'claude_desktop_config.json')],
    folder: (machine) => applicationFolder(machine, 'Claude'),
    path: ['mcpServers'],
    // Its file knows no URLs.
    entry: ({ command: [command, ...args] }) => ({ command, args }),
    next: restart,
  },
  {
    id: 'vscode',
    name: 'VS Code',
    format: 'json',
    files: (machine) => [join(codeUserFolder(machine), 'mcp.json')],
    folder: codeUserFolder,
    path: ['servers'],
    entry: ({ url }) => ({ type: 'http', url }),
    next: '"MCP: List Servers" starts it',
  },
  {
    id: 'cursor',
    name: 'Cursor',
    format: 'json',
    files: ({ home }) => [join(home, '.cursor/mcp.json')],
    folder: ({ home }) => join(home, '.cursor'),
    path: ['mcpServers'],
    entry: ({ url }) => ({ url }),
    next: 'switch it on under Settings, MCP',
  },
  {
    id: 'windsurf',
    name: 'Windsurf',
    format: 'json',
    files: ({ home }) => [join(home, '.codeium/windsurf/mcp_config.json')],
    folder: ({ home }) => join(home, '.codeium/windsurf'),
    path: ['mcpServers'],
    entry: ({ url }) => ({ serverUrl: url }),
    next: 'refresh the servers in Cascade',
  },
  {
    id: 'zed',
    name: 'Zed',
    format: 'json',
    files: (machine) => [join(zedFolder(machine), 'settings.json')],
    folder: zedFolder,
    path: ['context_servers'],
    entry: ({ url }) => ({ url }),
    next: 'it loads the change by itself',
  },
  {
    id: 'gemini-cli',
    name: 'Gemini CLI',
    format: 'json',
    files: ({ home }) => [join(home, '.gemini/settings.json')],
    folder: ({ home }) => join(home, '.gemini'),
    path: ['mcpServers'],
    entry: ({ url }) => ({ httpUrl: url }),
    next: '"/mcp" in a new session shows it',
  },
  {
    id: 'codex',
    name: 'Codex',
    format: 'toml',
    files: (machine) => [join(codexFolder(machine), 'config.toml')],
    folder: codexFolder,
    path: ['mcp_servers'],
    entry: ({ url }) => ({ url }),
    next: '"/mcp" in a new session shows it',
  },
  {
    id: 'opencode',
    name: 'OpenCode',
    format: 'json',
    files: (machine) =>
      ['opencode.json', 'opencode.jsonc'].map((file) => join(openCodeFolder(machine), file)),
    folder: openCodeFolder,
    path: ['mcp'],
    entry: ({ url }) => ({ type: 'remote', url, enabled: true }),
    next: restart,
  },
  {
    id: 'goose',
    name: 'Goose',
    format: 'yaml',
    files: (machine) => [join(gooseFolder(machine), 'config.yaml')],
    folder: gooseFolder,
    path: ['extensions'],
    entry: ({ url }) => ({
      name: 'vmcp',
      description: 'Every MCP server behind one endpoint',
      type: 'streamable_http',
      uri: url,
      enabled: true,
      timeout: 300,
      envs: {},
      env_keys: [],
      headers: {},
    }),
    next: 'it is there in the next session',
  },
  {
    id: 'cline',
    name: 'Cline',
    format: 'json',
    files: (machine) => [
      join(machine.home, '.cline/data/settings/cline_mcp_settings.json'),
      join(clineFolder(machine), 'settings/cline_mcp_settings.json'),
    ],
    folder: ({ home }) => join(home, '.cline'),
    path: ['mcpServers'],
    entry: ({ url }) => ({ type: 'streamableHttp', url, disabled: false }),
    next: 'it loads the change by itself',
  },
  {
    id: 'lm-studio',
    name: 'LM Studio',
    format: 'json',
    files: ({ home }) => [join(home, '.lmstudio/mcp.json')],
    folder: ({ home }) => join(home, '.lmstudio'),
    path: ['mcpServers'],
    entry: ({ url }) => ({ url }),
    next: 'switch it on under Program',
  },
];

export const clientIds: readonly string[] = clients.map(({ id }) => id);

/** Where programs keep what is theirs: `Application Support`, `%APPDATA%`, `~/.config`. */
function applicationFolder({ platform, home, environment }: Machine, name: string): string {
  if (platform === 'darwin') return join(home, 'Library/Application Support', name);
  if (platform === 'win32') return join(environment['APPDATA'] || join(home, 'AppData/Roaming'), name);
  return join(environment['XDG_CONFIG_HOME'] || join(home, '.config'), name);
}

function codeUserFolder(machine: Machine): string {
  return join(applicationFolder(machine, 'Code'), 'User');
}

/** Of programs that keep to `~/.config` on macOS too. */
function dotConfig(machine: Machine, name: string): string {
  return applicationFolder(machine.platform === 'darwin' ? { ...machine, platform: 'linux' } : machine, name);
}

function zedFolder(machine: Machine): string {
  return dotConfig(machine, machine.platform === 'win32' ? 'Zed' : 'zed');
}

function codexFolder({ home, environment }: Machine): string {
  return environment['CODEX_HOME'] || join(home, '.codex');
}

function openCodeFolder({ home, environment }: Machine): string {
  return join(environment['XDG_CONFIG_HOME'] || join(home, '.config'), 'opencode');
}

function gooseFolder(machine: Machine): string {
  return dotConfig(machine, machine.platform === 'win32' ? 'Block/goose/config' : 'goose');
}

function clineFolder(machine: Machine): string {
  return join(codeUserFolder(machine), 'globalStorage/saoudrizwan.claude-dev');
}
