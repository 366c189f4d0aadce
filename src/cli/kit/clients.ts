/** Where the MCP clients that vmcp knows keep their configuration. Checked against their documentation in November 2026. */
import { join } from 'node:path';
import { mcpClients, type McpClient } from '../../lib/mcp-clients.ts';

export type { ServerAddress } from '../../lib/mcp-clients.ts';

/** What tells where files are: of the process, or of a test. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface Client extends McpClient {
  /** Its configuration, in the order in which it is looked for; the first is where a new one goes. */
  files(machine: Machine): readonly string[];
  /** A folder whose presence tells that the client is installed, beside the files themselves. */
  folder(machine: Machine): string;
}

const places: Readonly<Record<(typeof mcpClients)[number]['id'], Pick<Client, 'files' | 'folder'>>> = {
  'claude-code': {
    files: ({ home, environment }) => [join(environment['CLAUDE_CONFIG_DIR'] || home, '.claude.json')],
    folder: ({ home, environment }) => environment['CLAUDE_CONFIG_DIR'] || join(home, '.claude'),
  },
  'claude-desktop': {
    files: (machine) => [join(applicationFolder(machine, 'Claude'), 'claude_desktop_config.json')],
    folder: (machine) => applicationFolder(machine, 'Claude'),
  },
  vscode: {
    files: (machine) => [join(codeUserFolder(machine), 'mcp.json')],
    folder: codeUserFolder,
  },
  cursor: {
    files: ({ home }) => [join(home, '.cursor/mcp.json')],
    folder: ({ home }) => join(home, '.cursor'),
  },
  windsurf: {
    files: ({ home }) => [join(home, '.codeium/windsurf/mcp_config.json')],
    folder: ({ home }) => join(home, '.codeium/windsurf'),
  },
  zed: {
    files: (machine) => [join(zedFolder(machine), 'settings.json')],
    folder: zedFolder,
  },
  'gemini-cli': {
    files: ({ home }) => [join(home, '.gemini/settings.json')],
    folder: ({ home }) => join(home, '.gemini'),
  },
  codex: {
    files: (machine) => [join(codexFolder(machine), 'config.toml')],
    folder: codexFolder,
  },
  opencode: {
    files: (machine) =>
      ['opencode.json', 'opencode.jsonc'].map((file) => join(openCodeFolder(machine), file)),
    folder: openCodeFolder,
  },
  goose: {
    files: (machine) => [join(gooseFolder(machine), 'config.yaml')],
    folder: gooseFolder,
  },
  cline: {
    files: (machine) => [
      join(machine.home, '.cline/data/settings/cline_mcp_settings.json'),
      join(clineFolder(machine), 'settings/cline_mcp_settings.json'),
    ],
    folder: ({ home }) => join(home, '.cline'),
  },
  'lm-studio': {
    files: ({ home }) => [join(home, '.lmstudio/mcp.json')],
    folder: ({ home }) => join(home, '.lmstudio'),
  },
};

export const clients: readonly Client[] = mcpClients.map((client) => ({ ...client, ...places[client.id] }));

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
