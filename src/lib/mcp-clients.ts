/**
 * The MCP clients that vmcp knows, and how each writes a server down in its configuration. Where the files are is the
 * business of the command line (`cli/kit/clients.ts`); the console shows the same entries to people.
 * Checked against their documentation in November 2026.
 */

/** How a client reaches the server. */
export interface ServerAddress {
  /** Of its MCP endpoint. */
  readonly url: string;
  /** For a client that can only start a process. */
  readonly command: readonly [program: string, ...args: string[]];
}

export interface McpClient {
  /** How the command line calls it. */
  readonly id: string;
  readonly name: string;
  readonly format: 'json' | 'toml' | 'yaml';
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

export const mcpClients = [
  {
    id: 'claude-code',
    name: 'Claude Code',
    format: 'json',
    path: ['mcpServers'],
    entry: ({ url }) => ({ type: 'http', url }),
    next: '"/mcp" in a new session shows it',
  },
  {
    id: 'claude-desktop',
    name: 'Claude Desktop',
    format: 'json',
    path: ['mcpServers'],
    // Its file knows no URLs.
    entry: ({ command: [command, ...args] }) => ({ command, args }),
    next: restart,
  },
  {
    id: 'vscode',
    name: 'VS Code',
    format: 'json',
    path: ['servers'],
    entry: ({ url }) => ({ type: 'http', url }),
    next: '"MCP: List Servers" starts it',
  },
  {
    id: 'cursor',
    name: 'Cursor',
    format: 'json',
    path: ['mcpServers'],
    entry: ({ url }) => ({ url }),
    next: 'switch it on under Settings, MCP',
  },
  {
    id: 'windsurf',
    name: 'Windsurf',
    format: 'json',
    path: ['mcpServers'],
    entry: ({ url }) => ({ serverUrl: url }),
    next: 'refresh the servers in Cascade',
  },
  {
    id: 'zed',
    name: 'Zed',
    format: 'json',
    path: ['context_servers'],
    entry: ({ url }) => ({ url }),
    next: 'it loads the change by itself',
  },
  {
    id: 'gemini-cli',
    name: 'Gemini CLI',
    format: 'json',
    path: ['mcpServers'],
    entry: ({ url }) => ({ httpUrl: url }),
    next: '"/mcp" in a new session shows it',
  },
  {
    id: 'codex',
    name: 'Codex',
    format: 'toml',
    path: ['mcp_servers'],
    entry: ({ url }) => ({ url }),
    next: '"/mcp" in a new session shows it',
  },
  {
    id: 'opencode',
    name: 'OpenCode',
    format: 'json',
    path: ['mcp'],
    entry: ({ url }) => ({ type: 'remote', url, enabled: true }),
    next: restart,
  },
  {
    id: 'goose',
    name: 'Goose',
    format: 'yaml',
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
    path: ['mcpServers'],
    entry: ({ url }) => ({ type: 'streamableHttp', url, disabled: false }),
    next: 'it loads the change by itself',
  },
  {
    id: 'lm-studio',
    name: 'LM Studio',
    format: 'json',
    path: ['mcpServers'],
    entry: ({ url }) => ({ url }),
    next: 'switch it on under Program',
  },
] as const satisfies readonly McpClient[];
