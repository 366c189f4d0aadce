import type { BackendEntry, NewConfig } from '../../config/index.ts';
import { readServers, type ClientServer } from './client-config.ts';
import { isSecret, isSecretName, looksSecret } from '../../lib/secrets.ts';
import { isUrl, withoutUrlSecrets } from './url-secrets.ts';
import { toVariableName, VariableNames } from './variables.ts';

/** A new configuration made from a client's, and what its owner must know or do. */
export interface Conversion {
  readonly config: NewConfig;
  /** Environment variables that must be set before serving. */
  readonly variables: readonly string[];
  /** One line each. Hold no values. */
  readonly notes: readonly string[];
}

/**
 * Turns the servers of an MCP client's configuration into backends.
 * @throws Error in plain words when it holds no servers
 */
export function convertClientConfig(root: unknown): Conversion {
  return convertServers(readServers(root));
}

/** Turns servers into backends. Those that cannot be backends are in the notes, with the reason. */
export function convertServers(servers: readonly ClientServer[]): Conversion {
  const variables = new VariableNames();
  const notes = new Map<string, readonly string[]>();
  const loose: string[] = [];
  const backends: BackendEntry[] = [];
  const carried: Carried = { filters: new Map(), timeouts: new Map() };
  for (const server of servers) {
    const name = freeName(server.name, new Set(backends.map((backend) => backend.name)));
    const converter = new ServerConverter(server, name, variables);
    const backend = converter.convert();
    if (backend === undefined) loose.push(...converter.notes.map((note) => `${server.name}: ${note}`));
    else {
      carry(server, name, carried);
      backends.push(backend);
      notes.set(name, converter.notes);
    }
  }
  const told = [...notes].flatMap(([name, lines]) => lines.map((line) => `${name}: ${line}`));
  return {
    config: { name: 'my-vmcp', backends, notes, settings: toSettings(carried) },
    variables: variables.all,
    notes: [...told, ...loose],
  };
}

/** What clients say of a server that stands in other places of a configuration, by the backend's name. */
interface Carried {
  readonly filters: Map<string, readonly string[]>;
  readonly timeouts: Map<string, string>;
}

function carry(
  { includedTools, excludedTools, timeoutMs }: ClientServer,
  name: string,
  { filters, timeouts }: Carried,
): void {
  const shown = includedTools.filter((tool) => !excludedTools.includes(tool));
  if (shown.length > 0) filters.set(name, shown);
  if (timeoutMs !== undefined) timeouts.set(name, toDuration(timeoutMs));
}

function toSettings({ filters, timeouts }: Carried): Record<string, unknown> {
  const tools = [...filters].map(([workload, filter]) => ({ workload, filter }));
  return {
    ...(tools.length > 0 && { aggregation: { tools } }),
    ...(timeouts.size > 0 && { operational: { timeouts: { perWorkload: Object.fromEntries(timeouts) } } }),
  };
}

/** As Go writes it. */
function toDuration(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${Math.ceil(ms)}ms`;
}

class ServerConverter {
  readonly #notes = new Set<string>();
  readonly #server: ClientServer;
  readonly #name: string;
  readonly #variables: VariableNames;

  constructor(server: ClientServer, name: string, variables: VariableNames) {
    this.#server = server;
    this.#name = name;
    this.#variables = variables;
  }

  get notes(): readonly string[] {
    return [...this.#notes];
  }

  convert(): BackendEntry | undefined {
    const { name, fault, disabled, command, url } = this.#server;
    if (fault !== undefined) return this.#leaveOut(fault);
    if (disabled) return this.#leaveOut('it is switched off in the client');
    if (isOurs(this.#server)) return this.#leaveOut('it is vmcp itself');
    if (command === undefined && url === undefined)
      return this.#leaveOut('it has neither a command nor a URL');
    if (command === undefined && !mayBeHttpUrl(url ?? ''))
      return this.#leaveOut('its URL is none that begins with http:// or https://');
    if (this.#name !== name) this.#note(`called "${name}" in the client`);
    if (this.#server.origin !== undefined) this.#note(this.#server.origin);
    const backend = command === undefined ? this.#overHttp(url ?? '') : this.#asChild(command);
    this.#tellWhatIsLost();
    return backend;
  }

  #tellWhatIsLost(): void {
    const { otherKeys, excludedTools, includedTools } = this.#server;
    if (excludedTools.length > 0 && includedTools.length === 0) {
      this.#note(
        `left out: the hidden tools ${excludedTools.join(', ')}; list those that are shown in aggregation.tools[].filter`,
      );
    }
    if (otherKeys.length > 0) this.#note(`left out: ${otherKeys.join(', ')} (nothing here corresponds)`);
  }

  #note(line: string): void {
    this.#notes.add(line);
  }

  #leaveOut(why: string): undefined {
    this.#note(`left out: ${why}`);
    return undefined;
  }

  #asChild(command: string): BackendEntry {
    const { args, env, envNames, cwd } = this.#server;
    const safeEnv = Object.fromEntries([
      ...Object.entries(env).map(([key, value]) => [key, this.#envValue(key, value)]),
      ...envNames.filter((key) => !(key in env)).map((key) => [key, this.#inherited(key)]),
    ]) as Record<string, string>;
    return {
      name: this.#name,
      transport: 'stdio',
      command: this.#rewrite(command),
      ...(args.length > 0 && { args: args.map((arg, index) => this.#arg(arg, index)) }),
      ...(Object.keys(safeEnv).length > 0 && { env: safeEnv }),
      ...(cwd !== undefined && { cwd: this.#rewrite(cwd) }),
    };
  }

  #overHttp(url: string): BackendEntry {
    const isSse =
      /sse/i.test(this.#server.type ?? '') || (this.#server.type === undefined && /\/sse\/?$/.test(url));
    const headers = Object.entries(this.#server.headers).map(([header, value]) => [
      header,
      this.#headerValue(header, value),
    ]);
    return {
      name: this.#name,
      transport: isSse ? 'sse' : 'streamable-http',
      url: this.#url(url),
      ...(headers.length > 0 && { headers: Object.fromEntries(headers) as Record<string, string> }),
    };
  }

  /** A variable that the client takes from elsewhere: its own environment, a keyring. */
  #inherited(key: string): string {
    const reference = this.#variables.refer(toVariableName(key), this.#name, undefined);
    this.#note(`set ${reference.slice(2, -1)} to what the client gives the server under that name`);
    return reference;
  }

  #headerValue(header: string, value: string): string {
    if (hasReference(value) || !isSecret(header, value)) return this.#rewrite(value);
    const [, scheme = '', token = value] = /^((?:Bearer|Basic|Token) )(.+)$/is.exec(value) ?? [];
    return scheme + this.#hide(this.#ownVariable(header), token, `the value of the header ${header}`);
  }

  #envValue(key: string, value: string): string {
    if (hasReference(value) || !isSecret(key, value)) return this.#rewrite(value);
    return this.#hide(key, value, `the value it has in the client`);
  }

  #arg(arg: string, index: number): string {
    const before = this.#server.args[index - 1] ?? '';
    const belongs = /^--?[\w-]+$/.test(before) && isSecretName(before) && !arg.startsWith('-');
    return belongs ? this.#argument(before, arg) : this.#part(arg, `arg_${index + 1}`);
  }

  /** An argument or what one says: `--option=…`, `NAME=…`, `Header: …`, one in another, a URL, or just a text. */
  #part(text: string, whole: string): string {
    if (isUrl(text)) return this.#url(text);
    const [, name, mark, value] = /^(--?[\w-]+|[A-Za-z_][\w.-]*)(=|:\s*)(.+)$/s.exec(text) ?? [];
    if (name !== undefined && mark !== undefined && value !== undefined) {
      if (isSecretName(name)) return `${name}${mark}${this.#argument(name, value)}`;
      const inner = this.#part(value, name);
      if (inner !== value) return `${name}${mark}${inner}`;
    }
    return looksSecret(text) ? this.#argument(whole, text) : this.#rewrite(text);
  }

  #argument(option: string, value: string): string {
    if (hasReference(value)) return this.#rewrite(value);
    return this.#hide(this.#ownVariable(option.replace(/^-+/, '')), value, `the argument ${option}`);
  }

  #url(url: string): string {
    if (url.includes('${')) return this.#rewrite(url);
    return withoutUrlSecrets(url, (name, value, what) => this.#hide(this.#ownVariable(name), value, what));
  }

  #ownVariable(name: string): string {
    return `${this.#name}_${name}`.toUpperCase();
  }

  #hide(variable: string, value: string, what: string): string {
    const reference = this.#variables.refer(toVariableName(variable), this.#name, value);
    this.#note(`set ${reference.slice(2, -1)} to ${what}`);
    return reference;
  }

  /** Turns a client's own references into environment variables; a `$` that is none stays what it is. */
  #rewrite(text: string): string {
    return inOurForm(text).replaceAll(/\$\{([^}]*)\}?/g, (whole, inside: string) => {
      const [, kind, name = ''] = reference.exec(inside) ?? [];
      if (name === '') {
        if (/^[a-z]+:[\w.-]+$/i.test(inside))
          this.#note(`"${whole}" is kept as it stands: only the client knows it`);
        return whole.replaceAll('${', () => '$${');
      }
      const wanted = clientVariables[name] ?? toVariableName(kind === 'input' ? name.toUpperCase() : name);
      const variable = this.#variables.refer(wanted, this.#name, undefined);
      if (name in clientVariables)
        this.#note(`set ${variable.slice(2, -1)} to what the client calls ${name}`);
      if (kind === 'input')
        this.#note(`set ${variable.slice(2, -1)} to what the client asked for as "${name}"`);
      if (inside.includes(':-'))
        this.#note(`set ${variable.slice(2, -1)}: its default in the client has no counterpart here`);
      return variable;
    });
  }
}

/** What `vmcp connect` wrote: to serve it behind itself would go in a circle. */
function isOurs({ name, url = '', args }: ClientServer): boolean {
  const isServed = args.includes('serve') && args.includes('--stdio');
  const isLocal = [url, ...args].some((text) => /^https?:\/\/(127\.0\.0\.1|localhost):/.test(text));
  return name === 'vmcp' && (isServed || isLocal);
}

/** A URL over HTTP, or one of which a variable may still make one. */
function mayBeHttpUrl(url: string): boolean {
  return url.startsWith('${') || (/^https?:\/\//.test(url) && (url.includes('${') || URL.canParse(url)));
}

/** What stands inside `${…}`: the name of a variable, of the environment or of what the client asks for. */
const reference = /^(?:(env|input):)?([\w.-]+)(?::-.*)?$/s;

/** References as other clients write them: `${{ secrets.NAME }}` (Continue), `{env:NAME}` (OpenCode). */
function inOurForm(text: string): string {
  return text.replaceAll(
    /\$\{\{\s*(?:secrets|inputs)\.(\w+)\s*\}\}|(?<!\$)\{env:(\w+)\}/g,
    (_, secret, variable) => `\${${String(secret ?? variable)}}`,
  );
}

function hasReference(text: string): boolean {
  return [...inOurForm(text).matchAll(/\$\{([^}]*)\}/g)].some(([, inside = '']) => reference.test(inside));
}

/** What clients call some things of theirs. */
const clientVariables: Readonly<Record<string, string>> = {
  workspaceFolder: 'WORKSPACE_FOLDER',
  userHome: 'HOME',
};

/** A name that a backend may have, and none has yet. */
function freeName(name: string, taken: ReadonlySet<string>): string {
  const base =
    name
      .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+|-+$/g, '')
      .slice(0, 100) || 'server';
  let free = base;
  for (let number = 2; taken.has(free); number++) free = `${base}-${number}`;
  return free;
}
