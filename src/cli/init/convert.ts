import type { BackendEntry, NewConfig } from '../../config/index.ts';
import { readServers, type ClientServer } from './client-config.ts';
import { isSecret, isSecretName, looksSecret } from '../../lib/secrets.ts';
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
  const variables = new VariableNames();
  const notes = new Map<string, readonly string[]>();
  const loose: string[] = [];
  const backends: BackendEntry[] = [];
  for (const server of readServers(root)) {
    const name = freeName(server.name, new Set(backends.map((backend) => backend.name)));
    const converter = new ServerConverter(server, name, variables);
    const backend = converter.convert();
    if (backend === undefined) loose.push(...converter.notes.map((note) => `${server.name}: ${note}`));
    else {
      backends.push(backend);
      notes.set(name, converter.notes);
    }
  }
  const told = [...notes].flatMap(([name, lines]) => lines.map((line) => `${name}: ${line}`));
  return {
    config: { name: 'my-vmcp', backends, notes },
    variables: variables.all,
    notes: [...told, ...loose],
  };
}

class ServerConverter {
  readonly notes: string[] = [];
  readonly #server: ClientServer;
  readonly #name: string;
  readonly #variables: VariableNames;

  constructor(server: ClientServer, name: string, variables: VariableNames) {
    this.#server = server;
    this.#name = name;
    this.#variables = variables;
  }

  convert(): BackendEntry | undefined {
    const { name, disabled, command, url, headerNames, otherKeys } = this.#server;
    if (disabled) return this.#leaveOut('it is switched off in the client');
    if (command === undefined && url === undefined)
      return this.#leaveOut('it has neither a command nor a URL');
    if (this.#name !== name) this.notes.push(`called "${name}" in the client`);
    const backend = command === undefined ? this.#overHttp(url ?? '') : this.#asChild(command);
    if (headerNames.length > 0) {
      this.notes.push(`left out: the headers ${headerNames.join(', ')} (${noCredentials})`);
    }
    if (otherKeys.length > 0) this.notes.push(`left out: ${otherKeys.join(', ')} (nothing here corresponds)`);
    return backend;
  }

  #leaveOut(why: string): undefined {
    this.notes.push(`left out: ${why}`);
    return undefined;
  }

  #asChild(command: string): BackendEntry {
    const { args, env, cwd } = this.#server;
    const safeEnv = Object.fromEntries(
      Object.entries(env).map(([key, value]) => [key, this.#envValue(key, value)]),
    );
    return {
      name: this.#name,
      transport: 'stdio',
      command: this.#rewrite(command),
      ...(args.length > 0 && { args: this.#args(args) }),
      ...(Object.keys(env).length > 0 && { env: safeEnv }),
      ...(cwd !== undefined && { cwd: this.#rewrite(cwd) }),
    };
  }

  #overHttp(url: string): BackendEntry {
    const isSse =
      /sse/i.test(this.#server.type ?? '') || (this.#server.type === undefined && /\/sse\/?$/.test(url));
    return { name: this.#name, transport: isSse ? 'sse' : 'streamable-http', url: this.#url(url) };
  }

  #envValue(key: string, value: string): string {
    if (value.includes('${') || !isSecret(key, value)) return this.#rewrite(value);
    return this.#hide(key, value, `the value it has in the client`);
  }

  #args(args: readonly string[]): string[] {
    return args.map((arg, index) => {
      const [, option, value] = /^(--?[\w-]+)=(.+)$/s.exec(arg) ?? [];
      if (option !== undefined && value !== undefined && (isSecretName(option) || looksSecret(value))) {
        return `${option}=${this.#argument(option, value)}`;
      }
      const before = args[index - 1] ?? '';
      const belongs = /^--?[\w-]+$/.test(before) && isSecretName(before) && !arg.startsWith('-');
      if (belongs || looksSecret(arg)) return this.#argument(belongs ? before : `arg_${index + 1}`, arg);
      const header = /^([\w-]+):\s*(.+)$/s.exec(arg);
      if (header && isSecretName(header[1] ?? ''))
        return `${header[1]}: ${this.#argument(header[1] ?? '', header[2] ?? '')}`;
      return this.#rewrite(arg);
    });
  }

  #argument(option: string, value: string): string {
    if (value.includes('${')) return this.#rewrite(value);
    return this.#hide(
      `${this.#name}_${option.replace(/^-+/, '')}`.toUpperCase(),
      value,
      `the argument ${option}`,
    );
  }

  #url(url: string): string {
    if (!URL.canParse(url) || url.includes('${')) return this.#rewrite(url);
    const parsed = new URL(url);
    let text = url;
    for (const [key, value] of parsed.searchParams) {
      if (value !== '' && (isSecretName(key) || looksSecret(value))) {
        text = text.replace(
          `${key}=${encodeURIComponent(value)}`,
          `${key}=${this.#hide(`${this.#name}_${key}`.toUpperCase(), value, `the parameter ${key} of its URL`)}`,
        );
      }
    }
    if (parsed.username === '' && parsed.password === '') return text;
    this.notes.push(`left out: the user name and password in its URL (${noCredentials})`);
    return text.replace(/^([^:]*:\/\/)[^/?#]*@/, '$1');
  }

  #hide(variable: string, value: string, what: string): string {
    const reference = this.#variables.refer(toVariableName(variable), this.#name, value);
    this.notes.push(`set ${reference.slice(2, -1)} to ${what}`);
    return reference;
  }

  /** Turns a client's own references into environment variables; a `$` that is none stays what it is. */
  #rewrite(text: string): string {
    return text.replaceAll(/\$\{([^}]*)\}?/g, (whole, inside: string) => {
      const [, kind, name = ''] = /^(?:(env|input):)?([\w.-]+)(?::-.*)?$/s.exec(inside) ?? [];
      if (name === '') return `$${whole}`;
      const wanted = clientVariables[name] ?? toVariableName(kind === 'input' ? name.toUpperCase() : name);
      const reference = this.#variables.refer(wanted, this.#name, undefined);
      if (name in clientVariables)
        this.notes.push(`set ${reference.slice(2, -1)} to what the client calls ${name}`);
      if (kind === 'input')
        this.notes.push(`set ${reference.slice(2, -1)} to what the client asked for as "${name}"`);
      if (inside.includes(':-'))
        this.notes.push(`set ${reference.slice(2, -1)}: its default in the client has no counterpart here`);
      return reference;
    });
  }
}

const noCredentials = 'sending credentials to backends is not built yet';

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
