/** How each client is connected to this server: the entry of its configuration, a command, a link that does it. */
import { mcpClients, type McpClient } from '../../lib/mcp-clients.ts';

export interface Connection {
  readonly id: string;
  readonly name: string;
  /** One line for a terminal. */
  readonly command: string;
  /** What its configuration is to hold. */
  readonly entry: string;
  /** Opens the client and adds the server, where the client has such a link. */
  readonly link?: string;
  readonly next: string;
}

/** @param name of this server, as clients are to show it */
export function connections(name: string, url: string): Connection[] {
  return mcpClients.map((client: McpClient) => {
    const entry = client.entry({ url, command: ['npx', '-y', 'mcp-remote', url] });
    const link = linkOf(client.id, name, url);
    return {
      id: client.id,
      name: client.name,
      command: commandOf(client.id, name, url),
      entry: written(client, name, entry),
      ...(link !== undefined && { link }),
      next: client.next,
    };
  });
}

function commandOf(id: string, name: string, url: string): string {
  switch (id) {
    case 'claude-code':
      return `claude mcp add --transport http ${name} ${url}`;
    case 'vscode':
      return `code --add-mcp '${JSON.stringify({ name, type: 'http', url })}'`;
    case 'gemini-cli':
      return `gemini mcp add --transport http ${name} ${url}`;
    case 'codex':
      return `codex mcp add ${name} --url ${url}`;
    default:
      return `vmcp connect ${id} --url ${url}`;
  }
}

function linkOf(id: string, name: string, url: string): string | undefined {
  switch (id) {
    case 'vscode':
      return `vscode:mcp/install?${encodeURIComponent(JSON.stringify({ name, type: 'http', url }))}`;
    case 'cursor':
      return `cursor://anysphere.cursor-deeplink/mcp/install?name=${encodeURIComponent(name)}&config=${packed(url)}`;
    case 'lm-studio':
      return `lmstudio://add_mcp?name=${encodeURIComponent(name)}&config=${packed(url)}`;
    default:
      return undefined;
  }
}

function packed(url: string): string {
  return encodeURIComponent(btoa(JSON.stringify({ url })));
}

function written({ format, path }: McpClient, name: string, entry: object): string {
  if (format === 'toml') {
    const lines = Object.entries(entry).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
    return [`[${[...path, name].join('.')}]`, ...lines].join('\n');
  }
  const whole = [...path, name].reduceRight<object>((inner, key) => ({ [key]: inner }), entry);
  return format === 'json' ? JSON.stringify(whole, null, 2) : yaml(whole, '');
}

function yaml(value: object, indent: string): string {
  return Object.entries(value)
    .map(([key, inner]) =>
      typeof inner === 'object' && inner !== null && Object.keys(inner as object).length > 0
        ? `${indent}${key}:\n${yaml(inner as object, `${indent}  `)}`
        : `${indent}${key}: ${JSON.stringify(inner)}`,
    )
    .join('\n');
}
