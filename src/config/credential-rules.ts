/** Rules about what identifies the gateway to its backends: `headers` and `outgoingAuth`. */
import { faultOfCredential } from '../lib/header-text.ts';
import type { Path } from './document.ts';
import { blockOfStrategy } from './exchange-rules.ts';
import type { FileView, Rule } from './file-view.ts';
import { isSettable } from './header-rules.ts';
import { hostOf, isLoopback } from './schema/proxy.ts';
import { strategyPaths } from './strategy-paths.ts';
import { entriesOf } from './tree.ts';

const kinds = ['headerValue', 'headerValueEnv', 'headerValueFile'] as const;

export const credentialRules: readonly Rule[] = [
  function headersOfBackends(file) {
    for (const index of file.items('backends').keys()) {
      const path = ['backends', index, 'headers'];
      const seen = new Map<string, string>();
      for (const [name] of entriesOf(file.at(...path))) {
        const lower = name.toLowerCase();
        const first = seen.get(lower);
        seen.set(lower, name);
        if (first !== undefined)
          file.errorAtKey([...path, name], `"${first}" and "${name}" are the same header: keep one of them`);
        if (!isSettable(lower)) file.errorAtKey([...path, name], unsettable(name));
      }
    }
  },

  function injectedHeaders(file) {
    for (const path of strategyPaths(file)) {
      const block = [...path, 'headerInjection'];
      if (file.at(...block) === undefined) continue;
      const name = file.at(...block, 'headerName');
      if (typeof name === 'string' && !isSettable(name.toLowerCase()))
        file.error([...block, 'headerName'], unsettable(name));
      const given = kinds.filter((kind) => file.says(...block, kind));
      if (given.length !== 1) {
        const found = given.length === 0 ? 'none' : given.map((kind) => `"${kind}"`).join(' and ');
        file.error(
          block,
          `expected exactly one of ${kinds.map((kind) => `"${kind}"`).join(', ')}, found ${found}`,
        );
      }
      variableHoldsValue(file, [...block, 'headerValueEnv']);
    }
  },

  function strategiesOfProcesses(file) {
    const isProcess = (name: unknown): boolean =>
      file
        .items('backends')
        .some(
          (_, index) =>
            file.at('backends', index, 'name') === name &&
            file.at('backends', index, 'transport') === 'stdio',
        );
    for (const [name] of entriesOf(file.at('outgoingAuth', 'backends'))) {
      const path = ['outgoingAuth', 'backends', name];
      if (isProcess(name) && sendsHeader(file, path))
        file.error(
          path,
          `a header cannot be sent to "${name}", which is a process (stdio): give it its secrets in "env"`,
        );
    }
    const processes = file.backendNames.filter(isProcess).map((name) => `"${name}"`);
    if (sendsHeader(file, ['outgoingAuth', 'default']) && processes.length > 0)
      file.warn(
        ['outgoingAuth', 'default'],
        `no header is sent to ${processes.join(', ')}: a process (stdio) is given its secrets in "env"`,
      );
  },

  function oneSourceOfEachHeader(file) {
    const passed = file.items('passthroughHeaders').map((name) => String(name).toLowerCase());
    for (const index of file.items('backends').keys()) {
      const set = headersSetFor(file, index);
      for (const [header, path] of set) {
        if (passed.includes(header))
          file.warn(
            path,
            `clients' own "${header}" (passthroughHeaders) does not reach this backend: this one wins`,
          );
      }
      const authorization = set.get('authorization');
      const url = file.at('backends', index, 'url');
      const { username, password } = (typeof url === 'string' && URL.parse(url)) || {};
      if (authorization !== undefined && (username || password))
        file.warn(authorization, 'the name and the password in the "url" are not sent: this header wins');
    }
  },

  function credentialsGoEncrypted(file) {
    for (const index of file.items('backends').keys()) {
      const url = file.at('backends', index, 'url');
      const parsed = typeof url === 'string' ? URL.parse(url) : null;
      if (parsed?.protocol !== 'http:' || !isPublic(hostOf(parsed))) continue;
      if (headersSetFor(file, index).size === 0 && parsed.password === '') continue;
      file.warn(['backends', index, 'url'], `credentials go to "${parsed.host}" unencrypted: use https://`);
    }
  },
];

function sendsHeader(file: FileView, strategy: Path): boolean {
  const type = file.at(...strategy, 'type');
  return typeof type === 'string' && Object.hasOwn(blockOfStrategy, type);
}

function unsettable(name: string): string {
  return `"${name}" cannot be set: it belongs to the connection, to the request or to MCP itself`;
}

function variableHoldsValue(file: FileView, path: Path): void {
  const name = file.at(...path);
  if (typeof name !== 'string' || name === '') return;
  const value = file.surroundings.environment[name];
  const fault = value === undefined ? undefined : faultOfCredential(value);
  if (value === undefined) file.error(path, `the environment variable ${name} is not set`);
  else if (fault !== undefined) file.error(path, `in the environment variable ${name}: ${fault}`);
}

/** The headers that are set for one backend, in lower case, and where. */
function headersSetFor(file: FileView, index: number): Map<string, Path> {
  const set = new Map<string, Path>();
  if (file.at('backends', index, 'transport') === 'stdio') return set;
  const headers = ['backends', index, 'headers'];
  for (const [name] of entriesOf(file.at(...headers))) set.set(name.toLowerCase(), [...headers, name]);
  const own = ['outgoingAuth', 'backends', String(file.at('backends', index, 'name'))];
  const strategy = file.at(...own) === undefined ? ['outgoingAuth', 'default'] : own;
  const name = file.at(...strategy, 'headerInjection', 'headerName');
  if (typeof name === 'string') set.set(name.toLowerCase(), [...strategy, 'headerInjection', 'headerName']);
  else if (sendsHeader(file, strategy)) set.set('authorization', [...strategy, 'type']);
  return set;
}

/** False for this machine, and for names and addresses that are used within one network. */
function isPublic(host: string): boolean {
  if (isLoopback(host) || !/[.:]/.test(host)) return false;
  if (/\.(?:svc|local|internal|lan|home\.arpa|test)$/.test(host)) return false;
  return !/^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|f[cd][0-9a-f]{2}:|fe80:)/.test(host);
}
