import { existsSync } from 'node:fs';
import { configReader, RunningChildren, type LoadedConfig } from '../../server/index.ts';
import { ConfigError, formatProblem } from '../../config/index.ts';
import { createPaint, wantsColor, type Paint } from '../kit/color.ts';
import { commands } from '../kit/commands.ts';
import { configFile, defaultConfigFile } from '../kit/config-file.ts';
import { clients } from '../kit/clients.ts';
import { thisMachine } from '../connect/connect.ts';
import { entryAt, parseAs } from '../connect/edit.ts';
import { readText } from '../kit/files.ts';
import { parseOptions, type ParsedOptions } from '../kit/options.ts';
import { createProgress, during } from '../kit/progress.ts';
import { plain, shortDuration } from '../kit/words.ts';
import { exitCodes, type RunCommand, type Terminal, UsageError } from '../kit/terminal.ts';
import { checkBackend } from './backend.ts';
import type { Check, Group } from './check.ts';
import { checkClock, checkNode, checkOpenFiles, checkPort } from './machine.ts';

/** A package that is not there yet may have to be downloaded. */
const backendTimeoutMs = 90_000;

/** `vmcp doctor`: what keeps a server from working, and how that is mended. */
export const runDoctor: RunCommand = async (args, terminal) => {
  const options = parseOptions(args, commands.doctor);
  const port = parsePort(options.text('port') ?? '4483');
  const interrupted = new AbortController();
  const children = new RunningChildren();
  terminal.onExit(() => children.kill());
  terminal.onSignal(() => {
    if (interrupted.signal.aborted) process.exit(exitCodes.interrupted);
    interrupted.abort(new Error('interrupted'));
  });
  const report = new Report(terminal);
  report.add({ checks: await checkMachine(port) });
  const loaded = await checkConfig(options, terminal, report);
  const { signal } = interrupted;
  for (const group of await checkBackends(loaded, terminal, { children, signal })) report.add(group);
  if (signal.aborted) return exitCodes.interrupted;
  const others = [await checkClockBy(loaded), await checkClients(terminal)];
  report.add({ checks: others.filter((check) => check !== undefined) });
  return report.end();
};

function parsePort(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535 || Number(text) === 0)
    throw new UsageError(`--port: expected 1 to 65535, found "${text}"`);
  return Number(text);
}

async function checkMachine(port: number): Promise<Check[]> {
  const checks = [
    checkNode(process.versions.node, process.execPath),
    checkOpenFiles(),
    await checkPort(port),
  ];
  return checks.filter((check) => check !== undefined);
}

/** The configuration, where there is one that is sound. */
async function checkConfig(
  options: ParsedOptions,
  terminal: Terminal,
  report: Report,
): Promise<LoadedConfig | undefined> {
  const [operand] = options.operands;
  if (options.text('config') === undefined && operand === undefined && !existsSync(defaultConfigFile)) {
    report.add({
      checks: [
        {
          outcome: 'note',
          what: `there is no ${defaultConfigFile} here: no backend is looked at`,
          remedy: 'name one: vmcp doctor FILE',
        },
      ],
    });
    return undefined;
  }
  const file = configFile(options, operand);
  try {
    const loaded = await configReader.load(file, terminal.environment);
    const { backends, codeMode } = loaded.config;
    const count = `${backends.length} ${backends.length === 1 ? 'backend' : 'backends'}`;
    const details = loaded.warnings.map((warning) => formatProblem(file, warning));
    const what = `${file}: ${count}, code mode ${codeMode.enabled ? 'on' : 'off'}`;
    report.add({ checks: [{ outcome: details.length > 0 ? 'doubtful' : 'good', what, details }] });
    return loaded;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const details = error.problems.map((problem) => formatProblem(file, problem));
    report.add({ checks: [{ outcome: 'bad', what: `${file} cannot be served`, details }] });
    return undefined;
  }
}

/** All at once, since starting may take long; in the order of the file. */
async function checkBackends(
  loaded: LoadedConfig | undefined,
  terminal: Terminal,
  { children, signal }: { readonly children: RunningChildren; readonly signal: AbortSignal },
): Promise<Group[]> {
  const waiting = new Set(loaded?.config.backends.map(({ name }) => name));
  const limit = AbortSignal.any([signal, AbortSignal.timeout(backendTimeoutMs)]);
  const checking = (loaded?.config.backends ?? []).map(async (backend) => {
    const options = { environment: terminal.environment, signal: limit, children };
    const group = await checkBackend(backend, options);
    waiting.delete(backend.name);
    return group;
  });
  const starting = (): string => `starting ${[...waiting].join(', ')}`;
  return during(createProgress(terminal), starting, () => Promise.all(checking));
}

/** By the `Date` of the first backend over HTTP that answers. */
async function checkClockBy(loaded: LoadedConfig | undefined): Promise<Check | undefined> {
  for (const backend of loaded?.config.backends ?? []) {
    if (backend.transport === 'stdio') continue;
    try {
      const response = await fetch(backend.url, { method: 'HEAD', signal: AbortSignal.timeout(5000) });
      const check = checkClock(response.headers.get('date') ?? undefined, Date.now());
      if (check !== undefined) return check;
    } catch {
      // That it cannot be reached is told above.
    }
  }
  return undefined;
}

/** Which MCP clients there are, and which know of this server. */
async function checkClients(terminal: Terminal): Promise<Check | undefined> {
  const machine = thisMachine(terminal);
  const found = await Promise.all(
    clients.map(async ({ name, files, format, path }) => {
      const file = files(machine).find((each) => existsSync(each));
      if (file === undefined) return [];
      const isConnected = await readText(file)
        .then((text) => entryAt(parseAs(format, text), [...path, 'vmcp']) !== undefined)
        .catch(() => false);
      return [`${name} ${isConnected ? '(connected)' : '(not connected)'}`];
    }),
  );
  const names = found.flat();
  if (names.length === 0) return { outcome: 'note', what: 'no MCP client is found on this machine' };
  const check = { outcome: 'note' as const, what: `MCP clients: ${names.join(', ')}` };
  return names.some((name) => name.endsWith('(connected)')) ? check : { ...check, remedy: 'vmcp connect' };
}

/** What was found, as it is found. */
class Report {
  readonly #terminal: Terminal;
  readonly #paint: Paint;
  readonly #counts = { doubtful: 0, bad: 0 };

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#paint = createPaint(wantsColor(terminal));
  }

  add({ title, checks }: Group): void {
    const indent = title === undefined ? '' : '  ';
    if (title !== undefined) this.#terminal.out(`\n${this.#paint.strong(plain(title))}\n`);
    for (const check of checks) this.#terminal.out(this.#toText(check, indent));
    for (const { outcome } of checks)
      if (outcome === 'bad' || outcome === 'doubtful') this.#counts[outcome]++;
  }

  /** Says how it stands; returns the exit code. */
  end(): number {
    const { bad, doubtful } = this.#counts;
    const { good: green, bad: red, doubtful: yellow } = this.#paint;
    const doubts = `${doubtful} ${doubtful === 1 ? 'doubt' : 'doubts'}`;
    if (bad === 0) this.#terminal.out(`\n${doubtful === 0 ? green('all is well') : yellow(doubts)}\n`);
    else
      this.#terminal.out(
        `\n${red(`${bad} ${bad === 1 ? 'problem' : 'problems'}`)}${doubtful === 0 ? '' : `, ${doubts}`}\n`,
      );
    return bad === 0 ? exitCodes.done : exitCodes.failed;
  }

  #toText({ outcome, what, ms, details = [], remedy }: Check, indent: string): string {
    const { good, bad, doubtful, faint } = this.#paint;
    const mark = { good: good('✓'), note: faint('-'), doubtful: doubtful('!'), bad: bad('✗') }[outcome];
    const took = ms === undefined ? '' : faint(`  ${shortDuration(ms)}`);
    const below = [
      ...details.map((line) => `${indent}    ${faint(plain(line))}`),
      ...(remedy === undefined ? [] : [`${indent}    → ${remedy}`]),
    ];
    return [
      `${indent}${mark} ${outcome === 'bad' ? bad(plain(what)) : plain(what)}${took}`,
      ...below,
      '',
    ].join('\n');
  }
}
