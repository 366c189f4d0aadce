import { Client, StreamableHTTPClientTransport, type ClientOptions } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { StdioBackendConfig } from './real-backends.ts';
import { cliFile, listeningOrigin, repositoryRoot } from './vmcp.ts';

/** The two protocol revisions that every end-to-end test is driven in. */
export const revisions = ['2025-11-25', '2026-07-28'] as const;
export type ClientRevision = (typeof revisions)[number];

const implementation = { name: 'vmcp-e2e', version: '1.0.0' };

export interface ConnectOptions extends ClientOptions {
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sets handlers for what the server may ask, before the handshake. */
  readonly onConnecting?: (client: Client) => void;
}

function optionsFor(revision: ClientRevision, options: ClientOptions): ClientOptions {
  const mode = revision === '2026-07-28' ? { pin: revision } : 'legacy';
  return { ...options, versionNegotiation: { mode } };
}

/** The official client over Streamable HTTP, speaking just this revision. The caller closes it. */
export async function connectHttp(
  url: URL,
  revision: ClientRevision,
  { onConnecting, headers = {}, ...options }: ConnectOptions = {},
): Promise<Client> {
  const client = new Client(implementation, optionsFor(revision, options));
  onConnecting?.(client);
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
  return client;
}

export interface StdioConnection {
  readonly client: Client;
  /** What the process has said on stderr. */
  readonly log: () => string;
  /** Where the process serves `/metrics` and its probes. */
  readonly origin: () => Promise<string>;
}

/** The official client in front of a `vmcp serve --stdio` that it starts itself. Closing it ends the process. */
export async function connectStdio(
  configFile: string,
  revision: ClientRevision,
  { args = [], onConnecting, ...options }: ConnectOptions & { readonly args?: readonly string[] } = {},
): Promise<StdioConnection> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [cliFile, 'serve', '--config', configFile, '--stdio', ...args],
    cwd: repositoryRoot,
    stderr: 'pipe',
  });
  let log = '';
  transport.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString('utf8')));
  const client = new Client(implementation, optionsFor(revision, options));
  onConnecting?.(client);
  await client.connect(transport);
  return { client, log: () => log, origin: () => listeningOrigin(() => log) };
}

/** The official client connected to a backend with no vmcp between, for comparison. */
export async function connectDirectly({ command, args, env }: StdioBackendConfig): Promise<Client> {
  const client = new Client(implementation, optionsFor('2025-11-25', {}));
  const transport = new StdioClientTransport({
    command,
    args: [...args],
    stderr: 'ignore',
    ...(env ? { env: { ...env } } : {}),
  });
  await client.connect(transport);
  return client;
}
