/**
 * Reads what MCP clients keep about their servers: Claude Desktop, Claude Code, Cursor, Windsurf, Cline, LM Studio, Gemini
 * CLI (`mcpServers`), VS Code (`servers`), Zed (`context_servers`), Codex (`mcp_servers`), OpenCode (`mcp`), Goose
 * (`extensions`), Continue (a list), LibreChat, and a map of servers by itself.
 */
import { splitWords } from './split-words.ts';

/** One server of a client's configuration, as far as it is understood. */
export interface ClientServer {
  readonly name: string;
  /** Why it is none that could be understood. */
  readonly fault?: string;
  readonly type?: string;
  readonly command?: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Variables that the client takes from elsewhere and gives to the server. */
  readonly envNames: readonly string[];
  readonly cwd?: string;
  readonly url?: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of one call. */
  readonly timeoutMs?: number;
  /** The tools that are shown; empty for all. */
  readonly includedTools: readonly string[];
  readonly excludedTools: readonly string[];
  readonly disabled: boolean;
  /** Keys that mean something to the client and nothing here. */
  readonly otherKeys: readonly string[];
  /** What a user must know of where it comes from. */
  readonly origin?: string;
}

type Tree = Readonly<Record<string, unknown>>;

/**
 * The servers of a client's configuration, in the order of the file.
 * @throws Error in plain words when there are none to find
 */
export function readServers(root: unknown): ClientServer[] {
  const servers = entriesOf(findServers(root));
  const ofProjects = projectServers(root);
  if (servers === undefined && ofProjects.length === 0) throw new Error(expectation);
  return [...(servers ?? []).map(([name, entry]) => readServer(name, entry)), ...ofProjects];
}

const expectation =
  'expected an object with "mcpServers", or what VS Code ("servers"), Zed ("context_servers"), Codex ("mcp_servers"), ' +
  'OpenCode ("mcp") or Goose ("extensions") has in its place';

function findServers(root: unknown): unknown {
  if (!isTree(root)) return undefined;
  const mcp = isTree(root['mcp']) ? root['mcp'] : {};
  const places = [
    root['mcpServers'],
    root['servers'],
    mcp['servers'],
    root['mcp.servers'],
    root['context_servers'],
    root['mcp_servers'],
    isMapOfServers(mcp) ? mcp : undefined,
    root['extensions'],
  ];
  const found = places.find((place) => isTree(place) || (Array.isArray(place) && place.every(isTree)));
  if (found !== undefined) return found;
  return findServers(root['settings']) ?? (isMapOfServers(root) ? root : undefined);
}

/** A map by itself, without a key around it: each of its values says how a server is reached. */
function isMapOfServers(tree: Tree): boolean {
  const values = Object.values(tree);
  return values.length > 0 && values.every((entry) => isTree(entry) && reachKeys.some((key) => key in entry));
}

const reachKeys = ['command', 'cmd', 'url', 'httpUrl', 'serverUrl', 'uri'];

/** Servers by name; a list names them within. */
function entriesOf(servers: unknown): [name: string, entry: unknown][] | undefined {
  if (isTree(servers)) return Object.entries(servers);
  if (!Array.isArray(servers)) return undefined;
  return servers.map((entry: Tree, index) => [textOf(entry['name']) ?? `server-${index + 1}`, entry]);
}

/** Claude Code has servers of its own for each project. */
function projectServers(root: unknown): ClientServer[] {
  const projects = isTree(root) && isTree(root['projects']) ? Object.entries(root['projects']) : [];
  return projects.flatMap(([project, settings]) => {
    const servers = isTree(settings) && isTree(settings['mcpServers']) ? settings['mcpServers'] : {};
    return Object.entries(servers).map(([name, entry]) => ({
      ...readServer(name, entry),
      origin: `for the project ${project} alone in the client`,
    }));
  });
}

function readServer(name: string, entry: unknown): ClientServer {
  if (!isTree(entry)) return { ...nothing, name, fault: `expected server "${name}" to be an object` };
  const { known, otherKeys } = sorted(flat(entry));
  const { type, transport, command, args, env, cwd, url, headers } = known;
  const [program, ...words] = commandOf(command);
  return {
    name,
    ...optional('type', textOf(type) ?? textOf(transport) ?? (textOf(known['httpUrl']) && 'http')),
    ...optional('command', program),
    args: [...words, ...toArguments(args)],
    env: toMap(env),
    envNames: toTexts(known['env_keys'] ?? known['env_vars']),
    ...optional('cwd', textOf(cwd)),
    ...optional(
      'url',
      textOf(known['httpUrl']) ?? textOf(url) ?? textOf(known['serverUrl']) ?? textOf(known['uri']),
    ),
    headers: { ...toMap(headers), ...headersOfCodex(known) },
    ...timeoutOf(known),
    includedTools: allBut(
      '*',
      toTexts(known['includeTools'] ?? known['enabled_tools'] ?? known['available_tools']),
    ),
    excludedTools: toTexts(known['excludeTools'] ?? known['disabled_tools'] ?? known['disabledTools']),
    disabled: known['disabled'] === true || known['enabled'] === false,
    otherKeys,
  };
}

const nothing = {
  args: [],
  env: {},
  envNames: [],
  headers: {},
  includedTools: [],
  excludedTools: [],
  disabled: false,
  otherKeys: [],
};

/** What several clients write in their own way, as the others do. */
function flat(entry: Tree): Tree {
  // Zed had the program in an object of its own.
  if (isTree(entry['command'])) {
    const { source: _, ...rest } = entry;
    const { path, ...inner } = entry['command'];
    return flat({ ...rest, ...inner, command: path });
  }
  const { cmd, envs, environment, requestOptions, source: _, ...rest } = entry;
  const options = isTree(requestOptions) ? requestOptions : {};
  return {
    ...rest,
    ...(cmd !== undefined && { command: cmd }),
    ...((envs ?? environment) !== undefined && { env: envs ?? environment }),
    ...(options['headers'] !== undefined && { headers: options['headers'] }),
  };
}

const knownKeys: ReadonlySet<string> = new Set([
  ...reachKeys,
  'args',
  'available_tools',
  'bearer_token_env_var',
  'cwd',
  'disabled',
  'disabledTools',
  'disabled_tools',
  'enabled',
  'enabled_tools',
  'env',
  'env_http_headers',
  'env_keys',
  'env_vars',
  'excludeTools',
  'headers',
  'http_headers',
  'includeTools',
  'timeout',
  'tool_timeout_sec',
  'transport',
  'type',
]);

/** Labels, which nobody misses. */
const labels: ReadonlySet<string> = new Set(['bundled', 'description', 'display_name', 'name', 'title']);

function sorted(entry: Tree): { known: Tree; otherKeys: string[] } {
  // OpenCode's timeout is that of reading the list of tools.
  const isOpenCode = entry['type'] === 'local' || entry['type'] === 'remote';
  const isKnown = (key: string): boolean => knownKeys.has(key) && !(isOpenCode && key === 'timeout');
  return {
    known: Object.fromEntries(Object.entries(entry).filter(([key]) => isKnown(key))),
    otherKeys: Object.keys(entry).filter((key) => !isKnown(key) && !labels.has(key)),
  };
}

/** OpenCode has the program and its arguments in one list. */
function commandOf(command: unknown): string[] {
  if (Array.isArray(command)) return command.map(String);
  const text = textOf(command);
  return text === undefined ? [] : [text];
}

function toArguments(args: unknown): string[] {
  if (Array.isArray(args)) return args.map(String);
  return typeof args === 'string' ? splitWords(args) : [];
}

/** A map of texts, a list of `NAME=value`, or a list of names with values. */
function toMap(value: unknown): Record<string, string> {
  if (Array.isArray(value)) {
    const pairs = value.flatMap((item: unknown): [string, string][] => {
      if (isTree(item)) return [[String(item['name'] ?? item['key']), toPlain(item['value'])]];
      const [, name, text] = /^([^=]+)=(.*)$/s.exec(String(item)) ?? [];
      return name === undefined ? [] : [[name, text ?? '']];
    });
    return Object.fromEntries(pairs);
  }
  if (!isTree(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, toPlain(text)]));
}

function toPlain(value: unknown): string {
  return value === null || value === undefined ? '' : String(value);
}

/** Codex takes headers, and the variables that hold them. */
function headersOfCodex(entry: Tree): Record<string, string> {
  const fromVariables = Object.entries(toMap(entry['env_http_headers'])).map(([header, variable]) => [
    header,
    `\${${variable}}`,
  ]);
  const bearer = textOf(entry['bearer_token_env_var']);
  return {
    ...toMap(entry['http_headers']),
    ...(Object.fromEntries(fromVariables) as Record<string, string>),
    ...(bearer !== undefined && { Authorization: `Bearer \${${bearer}}` }),
  };
}

/** Seconds or milliseconds, which clients do not agree on: no call is given up within a second, or waited for an hour. */
function timeoutOf(entry: Tree): { readonly timeoutMs?: number } {
  const seconds = numberOf(entry['tool_timeout_sec']);
  if (seconds !== undefined) return { timeoutMs: seconds * 1000 };
  const timeout = numberOf(entry['timeout']);
  if (timeout === undefined) return {};
  return { timeoutMs: timeout < 1000 ? timeout * 1000 : timeout };
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && number > 0 && Number.isFinite(number) ? number : undefined;
}

function toTexts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

/** A list that has the word for everything says nothing. */
function allBut(everything: string, texts: readonly string[]): readonly string[] {
  return texts.includes(everything) ? [] : texts;
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

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
