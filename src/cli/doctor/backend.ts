/** The start of one backend, step by step. */
import { existsSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { probeBackend, type BackendProbe, type RunningChildren } from '../../server/index.ts';
import type { BackendConfig, StdioBackendConfig } from '../../config/index.ts';
import { packageVersion } from '../../lib/package-version.ts';
import type { Check, Group } from './check.ts';
import { reach, type Reached } from './reach.ts';

export interface BackendCheckOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly children: RunningChildren;
}

/** Looks at what the backend needs, and starts it where that is there. */
export async function checkBackend(backend: BackendConfig, options: BackendCheckOptions): Promise<Group> {
  const title = `${backend.name} (${backend.transport})`;
  const needs = await checkNeeds(backend, options);
  if (!needs.isReached) return { title, checks: needs.checks };
  const probe = await probeBackend(backend, { ...options, version: packageVersion() });
  return { title, checks: [...needs.checks, ...stepsOf(probe), ...faultOf(backend, probe)] };
}

async function checkNeeds(backend: BackendConfig, { environment }: BackendCheckOptions): Promise<Reached> {
  if (backend.transport === 'stdio') return checkProgram(backend, environment);
  const { url, proxy, caBundlePath } = backend;
  if (proxy === undefined) return reach(new URL(url), caBundlePath);
  // The way beyond the proxy is not this machine's to look at.
  const what = `it is reached by the proxy that ${proxy.from === 'proxy' ? '"proxy"' : proxy.from} names`;
  return { checks: [{ outcome: 'note', what }], isReached: true };
}

function stepsOf({ connected, listed }: BackendProbe): Check[] {
  return [
    ...(connected === undefined
      ? []
      : [
          {
            outcome: 'good' as const,
            what: `${connected.server || 'it'} speaks MCP ${connected.revision}`,
            ms: connected.ms,
          },
        ]),
    ...(listed === undefined
      ? []
      : [
          listed.tools === 0
            ? { outcome: 'doubtful' as const, what: 'it has no tools', ms: listed.ms }
            : {
                outcome: 'good' as const,
                what: `${listed.tools} ${listed.tools === 1 ? 'tool' : 'tools'}`,
                ms: listed.ms,
              },
        ]),
  ];
}

function faultOf(backend: BackendConfig, { error, lastWords }: BackendProbe): Check[] {
  if (error === undefined) return [];
  const remedy = remedyFor(backend, error);
  return [
    { outcome: 'bad', what: error.message, details: lastWords, ...(remedy !== undefined && { remedy }) },
  ];
}

/** What mostly mends a failure of that kind. */
function remedyFor(
  backend: BackendConfig,
  { code, message }: NonNullable<BackendProbe['error']>,
): string | undefined {
  switch (code) {
    case 'unauthorized':
      return 'it wants credentials: put them into "headers" of the backend, as ${VAR}';
    case 'http-status':
      if (/\b40[45]\b/.test(message))
        return backend.transport === 'sse'
          ? 'check the path in "url"; newer servers have "transport: streamable-http" at /mcp'
          : 'check the path in "url"; most end in /mcp, and older servers in /sse with "transport: sse"';
      return 'look into the log of that server';
    case 'disconnected':
      return 'run the command by itself: what it says there is mostly why; variables that it needs go into "env"';
    case 'timeout':
      return backend.transport === 'stdio'
        ? 'run the command by itself: a package that is downloaded first takes its time, and a server must write nothing but MCP to stdout'
        : 'look into the log of that server';
    case 'handshake':
    case 'bad-answer':
      return 'what answers there does not speak MCP: check "url", or that the program writes nothing else to stdout';
    default:
      return undefined;
  }
}

/** Programs that people have to install first, and where they come from. */
const installers: Readonly<Record<string, string>> = {
  docker: 'install Docker',
  npx: 'install Node, which brings it',
  uv: 'install uv',
  uvx: 'install uv, which brings it',
};

function checkProgram(
  { command, cwd }: StdioBackendConfig,
  environment: BackendCheckOptions['environment'],
): { readonly checks: readonly Check[]; readonly isReached: boolean } {
  if (!existsSync(cwd)) {
    const what = `its working folder ${cwd} does not exist`;
    return { checks: [{ outcome: 'bad', what, remedy: 'correct "cwd"' }], isReached: false };
  }
  const found = findProgram(command, cwd, environment);
  if (found !== undefined)
    return { checks: [{ outcome: 'good', what: `the program is ${found}` }], isReached: true };
  const isPath = /[\\/]/.test(command);
  const what = `there is no program "${command}"${isPath ? '' : ' in any folder of PATH'}`;
  const remedy =
    installers[command] ??
    (isPath ? 'correct the path in "command"' : 'install it, or write its whole path into "command"');
  return { checks: [{ outcome: 'bad', what, remedy }], isReached: false };
}

function findProgram(
  command: string,
  cwd: string,
  environment: BackendCheckOptions['environment'],
): string | undefined {
  if (/[\\/]/.test(command)) {
    const path = isAbsolute(command) ? command : resolve(cwd, command);
    return isFile(path) ? path : undefined;
  }
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', '.bat', ''] : [''];
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders
    .flatMap((folder) => endings.map((ending) => join(folder, command + ending)))
    .find((path) => isFile(path));
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
