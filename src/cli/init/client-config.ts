/**
 * Reads what MCP clients keep about their servers: Claude Desktop, Claude Code, Cursor, Windsurf, Cline, Gemini (`mcpServers`), VS Code
 * (`servers`), Zed (`context_servers`).
 */

/** One server of a client's configuration, as far as it is understood. */
export interface ClientServer {
  readonly name: string;
  /** Why it is none that could be understood. */
  readonly fault?: string;
  readonly type?: string;
  readonly command?: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly url?: string;
  readonly headerNames: readonly string[];
  readonly disabled: boolean;
  /** Keys that mean something to the client and nothing here. */
  readonly otherKeys: readonly string[];
}

/**
 * The servers of a client's configuration, in the order of the file.
 * @throws Error in plain words when there are none to find
 */
export function readServers(root: unknown): ClientServer[] {
  const servers = findServers(root);
  if (servers === undefined)
    throw new Error(
      'expected an object with "mcpServers" (or "servers" from VS Code, "context_servers" from Zed)',
    );
  return Object.entries(servers).map(([name, entry]) => readServer(name, entry));
}

function findServers(root: unknown): Readonly<Record<string, unknown>> | undefined {
  if (!isRecord(root)) return undefined;
  const nested = isRecord(root['mcp']) ? root['mcp'] : {};
  return (
    [
      root['mcpServers'],
      root['servers'],
      nested['servers'],
      root['mcp.servers'],
      root['context_servers'],
    ].find(isRecord) ?? findServers(root['settings'])
  );
}

function readServer(name: string, entry: unknown): ClientServer {
  if (!isRecord(entry)) return { ...nothing, name, fault: `expected server "${name}" to be an object` };
  // Zed has the program in an object of its own, or beside the rest as all others do.
  const { source: _, ...flat } = isRecord(entry['command'])
    ? { ...entry, ...inner(entry['command']) }
    : entry;
  const { type, command, args, env, cwd, url, serverUrl, httpUrl, headers, disabled, enabled, ...others } =
    flat;
  return {
    name,
    ...optional('type', textOf(type) ?? (textOf(httpUrl) && 'http')),
    ...optional('command', textOf(command)),
    args: Array.isArray(args) ? args.map(String) : [],
    env: isRecord(env) ? mapValues(env) : {},
    ...optional('cwd', textOf(cwd)),
    ...optional('url', textOf(httpUrl) ?? textOf(url) ?? textOf(serverUrl)),
    headerNames: isRecord(headers) ? Object.keys(headers) : [],
    disabled: disabled === true || enabled === false,
    otherKeys: Object.keys(others),
  };
}

const nothing = { args: [], env: {}, headerNames: [], disabled: false, otherKeys: [] };

function inner({ path, ...rest }: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { ...rest, command: path };
}

function mapValues(env: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([key, value]) => [key, value === null ? '' : String(value)]),
  );
}

function optional<Key extends string>(
  key: Key,
  value: string | undefined,
): { readonly [Name in Key]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { [Name in Key]: string });
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
