import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { whyNotWritten } from '../../lib/file-fault.ts';
import { didYouMean } from '../../lib/near-miss.ts';
import { createPaint, wantsColor, type Paint } from '../kit/color.ts';
import { commands } from '../kit/commands.ts';
import { defaultConfigFile } from '../kit/config-file.ts';
import { diffLines } from './diff.ts';
import { readText } from '../kit/files.ts';
import { parseOptions, type ParsedOptions } from '../kit/options.ts';
import { exitCodes, InputError, type RunCommand, type Terminal, UsageError } from '../kit/terminal.ts';
import { parseServerUrl } from '../tools/source.ts';
import { clientIds, clients, type Client, type Machine, type ServerAddress } from '../kit/clients.ts';
import { editEntry, entryAt, parseAs } from './edit.ts';
import { messageOf } from '../../lib/thrown.ts';

export const defaultUrl = 'http://127.0.0.1:4483/mcp';

/** A file of a client, as it is and as it is to be. */
interface Change {
  readonly client: Client;
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

/** `vmcp connect`: this server in the configuration of MCP clients. */
export const runConnect: RunCommand = async (args, terminal) => {
  const options = parseOptions(args, commands.connect);
  const machine = thisMachine(terminal);
  const named = options.operands.map(clientOf);
  const chosen = named.length > 0 ? named : clients.filter((client) => isInstalled(client, machine));
  if (chosen.length === 0) return noneFound(options, terminal);
  const request = toRequest(options);
  const changes: Change[] = [];
  let failed = false;
  for (const client of new Set(chosen)) {
    try {
      const change = await plan(client, machine, request);
      if (change === undefined)
        terminal.err(`${client.name}: ${request.isRemoval ? 'not connected' : 'already connected'}\n`);
      else changes.push(change);
    } catch (error) {
      failed = true;
      terminal.err(`${client.name}: ${messageOf(error)}\n`);
    }
  }
  const paint = createPaint(wantsColor(terminal));
  for (const change of changes) terminal.out(toDiff(change, paint));
  if (!options.flag('dry-run') && changes.length > 0 && (await isWanted(named.length > 0, terminal))) {
    for (const change of changes) if (!(await write(change, request, terminal))) failed = true;
  }
  return failed ? exitCodes.failed : exitCodes.done;
};

interface Request {
  readonly name: string;
  readonly server: ServerAddress;
  readonly isRemoval: boolean;
}

function toRequest(options: ParsedOptions): Request {
  const url = parseServerUrl(options.text('url') ?? defaultUrl).href;
  const name = options.text('name') ?? 'vmcp';
  if (!/^[\w-]+$/.test(name))
    throw new UsageError(`--name: expected letters, digits, "_" and "-", found "${name}"`);
  const config = options.text('config') ?? (existsSync(defaultConfigFile) ? defaultConfigFile : undefined);
  const command: ServerAddress['command'] =
    config === undefined
      ? ['npx', '-y', 'mcp-remote', url]
      : [process.execPath, programFile(), 'serve', '--stdio', '--config', resolve(config)];
  return { name, server: { url, command }, isRemoval: options.flag('remove') };
}

/** The program that runs, built or from its source. */
function programFile(): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`../main.${extension}`, import.meta.url));
}

export function thisMachine({ environment }: Terminal): Machine {
  return { platform: process.platform, home: environment['HOME'] || homedir(), environment };
}

function clientOf(word: string): Client {
  const client = clients.find(({ id }) => id === word);
  if (client !== undefined) return client;
  throw new UsageError(
    `unknown client "${word}".${didYouMean(word, clientIds)} There are ${clientIds.join(', ')}`,
  );
}

function isInstalled(client: Client, machine: Machine): boolean {
  return [client.folder(machine), ...client.files(machine)].some((path) => existsSync(path));
}

function noneFound(options: ParsedOptions, terminal: Terminal): number {
  const example = `vmcp connect ${options.flag('remove') ? '--remove' : '--dry-run'} cursor`;
  terminal.err(`no client is found on this machine; name one, as in "${example}": ${clientIds.join(', ')}\n`);
  return options.flag('dry-run') || options.flag('remove') ? exitCodes.done : exitCodes.failed;
}

/** The client's configuration: the file that is there, or the one that it would look for first. */
export function fileOf(client: Client, machine: Machine): string {
  const files = client.files(machine);
  return files.find((file) => existsSync(file)) ?? files[0] ?? '';
}

/** What is to change in a client's configuration; undefined when nothing is. */
async function plan(
  client: Client,
  machine: Machine,
  { name, server, isRemoval }: Request,
): Promise<Change | undefined> {
  const file = fileOf(client, machine);
  const before = existsSync(file) ? await readText(file) : '';
  try {
    const root = parseAs(client.format, before);
    const path: [string, ...string[]] = [...pathIn(client, root), name];
    const present = entryAt(root, path);
    const entry = isRemoval ? undefined : merged(present, client.entry(server));
    if (isDeepStrictEqual(present, entry)) return undefined;
    return { client, file, before, after: editEntry(client.format, before, path, entry) };
  } catch (error) {
    throw new InputError(`${file}: ${messageOf(error)}`, { cause: error });
  }
}

/** Newer versions of OpenCode have the servers one level deeper. */
function pathIn({ id, path }: Client, root: unknown): [string, ...string[]] {
  const isNested = id === 'opencode' && entryAt(root, ['mcp', 'servers']) !== undefined;
  return isNested ? [...path, 'servers'] : [...path];
}

const ownKeys: ReadonlySet<string> = new Set([
  'args',
  'command',
  'env',
  'httpUrl',
  'serverUrl',
  'type',
  'uri',
  'url',
]);

/** Our entry, with what its user has added to the one before, such as headers. */
function merged(present: unknown, entry: object): Record<string, unknown> {
  const kept = Object.entries(typeof present === 'object' && present !== null ? present : {}).filter(
    ([key]) => !ownKeys.has(key),
  );
  return { ...entry, ...Object.fromEntries(kept) };
}

function toDiff({ client, file, before, after }: Change, paint: Paint): string {
  const lines = diffLines(before, after).map((line) =>
    line.startsWith('+') ? paint.good(line) : line.startsWith('-') ? paint.bad(line) : line,
  );
  return `${paint.strong(client.name)}: ${file}\n${lines.join('\n')}\n\n`;
}

/** Where no client was named and a person can answer, they are asked: it may be more than they thought of. */
async function isWanted(isNamed: boolean, terminal: Terminal): Promise<boolean> {
  if (isNamed || !terminal.stdinIsTerminal || !terminal.stderrIsTerminal) return true;
  return /^y(es)?$/i.test((await terminal.ask('Write these changes? [y/N] ')).trim());
}

/** Writes a file, with a copy of what it was beside it. */
async function write(
  { client, file, before, after }: Change,
  request: Request,
  terminal: Terminal,
): Promise<boolean> {
  try {
    const backup = before === '' ? undefined : await backUp(file);
    await mkdir(dirname(file), { recursive: true });
    await replace(file, after);
    const copied = backup === undefined ? '' : ` (before: ${backup})`;
    const what = request.isRemoval ? 'removed from' : 'written to';
    terminal.err(`${client.name}: ${what} ${file}${copied}; ${client.next}\n`);
    return true;
  } catch (error) {
    terminal.err(`${client.name}: ${file}: ${whyNotWritten(error)}\n`);
    return false;
  }
}

async function backUp(file: string): Promise<string> {
  const moment = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  const backup = `${file}.${moment}.bak`;
  await copyFile(file, backup);
  return backup;
}

/** In one go, so that a client never reads half a file. A link stays a link, and the file's rights stay what they are. */
async function replace(file: string, text: string): Promise<void> {
  const real = existsSync(file) ? await realpath(file) : file;
  const mode = existsSync(real) ? (await stat(real)).mode : 0o600;
  const fresh = `${real}.${process.pid}.tmp`;
  try {
    await writeFile(fresh, text, { mode });
    await chmod(fresh, mode);
    await rename(fresh, real);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
}
