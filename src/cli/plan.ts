import { configReader, isReadAtStart, type AppStatus, type LoadedConfig } from '../server/index.ts';
import { fingerprintsOf, formatProblem, type ConfigFingerprints } from '../config/index.ts';
import { createPaint, wantsColor, type Paint } from './kit/color.ts';
import { commands } from './kit/commands.ts';
import { configFile } from './kit/config-file.ts';
import { parseOptions } from './kit/options.ts';
import { exitCodes, InputError, type RunCommand, type Terminal } from './kit/terminal.ts';
import { parseServerUrl } from './tools/source.ts';
import { printJson } from './tools/result.ts';
import { codeOf, messageOf } from '../lib/thrown.ts';

const defaultServer = 'http://127.0.0.1:4483';
const statusTimeoutMs = 10_000;

/** What a reload would change. */
interface Plan {
  /** Where the server is that was asked; absent where none answered. */
  readonly server?: string;
  readonly backends: {
    readonly added: readonly string[];
    readonly removed: readonly string[];
    readonly changed: readonly string[];
  };
  /** Keys that a reload puts in use, and those that only the next start reads; absent where the server does not tell. */
  readonly keys?: readonly string[];
  readonly keysAtStart?: readonly string[];
  /** Backends whose connection is taken over. */
  readonly kept: number;
}

/** `vmcp plan`: what a reload of a file would change, and nothing done about it. */
export const runPlan: RunCommand = async (args, terminal) => {
  const options = parseOptions(args, commands.plan);
  const file = configFile(options, options.operands[0]);
  const loaded = await configReader.load(file, terminal.environment);
  for (const warning of loaded.warnings) terminal.err(`${formatProblem(file, warning)}\n`);
  const address = options.text('url');
  const origin = parseServerUrl(address ?? defaultServer).origin;
  const status = await statusOf(origin, address !== undefined);
  const plan = toPlan(loaded, origin, status);
  if (options.flag('json')) printJson(terminal, plan);
  else terminal.out(toText(plan, { file, origin, loaded, status }, terminal));
  return exitCodes.done;
};

/**
 * What a server tells of itself; undefined where none answers.
 * @throws InputError where it was asked for by name and does not answer, or what answers is no vmcp
 */
async function statusOf(origin: string, isNamed: boolean): Promise<AppStatus | undefined> {
  let response: Response;
  try {
    response = await fetch(`${origin}/status`, { signal: AbortSignal.timeout(statusTimeoutMs) });
  } catch (error) {
    if (!isNamed) return undefined;
    throw new InputError(`${origin}: no server answers: ${whyNotReached(error)}`, { cause: error });
  }
  const status = (await response.json().catch(() => undefined)) as AppStatus | undefined;
  if (response.ok && Array.isArray(status?.backends)) return status;
  throw new InputError(`${origin}/status: expected the status of a vmcp, found ${response.status}`);
}

function toPlan(loaded: LoadedConfig, origin: string, status: AppStatus | undefined): Plan {
  const next = fingerprintsOf(loaded);
  const names = Object.keys(next.backends);
  if (status === undefined) return { backends: { added: names, removed: [], changed: [] }, kept: 0 };
  const present = status.backends.map(({ name }) => name);
  const changed = names.filter((name) => present.includes(name) && isOther(name, loaded, next, status));
  return {
    server: origin,
    backends: {
      added: names.filter((name) => !present.includes(name)),
      removed: present.filter((name) => !names.includes(name)),
      changed,
    },
    kept: names.filter((name) => present.includes(name) && !changed.includes(name)).length,
    ...(status.config !== undefined && changedKeys(status.config, next)),
  };
}

/** Whether a backend differs, as far as the server tells. */
function isOther(
  name: string,
  { config }: LoadedConfig,
  next: ConfigFingerprints,
  status: AppStatus,
): boolean {
  if (status.config !== undefined) return status.config.backends[name] !== next.backends[name];
  const transport = config.backends.find((backend) => backend.name === name)?.transport;
  return status.backends.find((backend) => backend.name === name)?.transport !== transport;
}

function changedKeys(
  before: ConfigFingerprints,
  after: ConfigFingerprints,
): Pick<Plan, 'keys' | 'keysAtStart'> {
  const paths = [...new Set([...Object.keys(before.keys), ...Object.keys(after.keys)])];
  const differing = paths.filter((path) => before.keys[path] !== after.keys[path]);
  return {
    keys: differing.filter((path) => !isReadAtStart(path)),
    keysAtStart: differing.filter(isReadAtStart),
  };
}

interface Compared {
  readonly file: string;
  readonly origin: string;
  readonly loaded: LoadedConfig;
  readonly status: AppStatus | undefined;
}

function toText(plan: Plan, { file, origin, loaded, status }: Compared, terminal: Terminal): string {
  const paint = createPaint(wantsColor(terminal));
  const { config } = loaded;
  const transportOf = (name: string): string =>
    config.backends.find((backend) => backend.name === name)?.transport ?? '';
  const lines = [
    ...plan.backends.added.map((name) => paint.good(`+ backend ${name} (${transportOf(name)})`)),
    ...plan.backends.removed.map((name) => paint.bad(`- backend ${name}`)),
    ...plan.backends.changed.map((name) => paint.doubtful(`~ backend ${name}`)),
    ...(plan.keys ?? []).map((key) => paint.doubtful(`~ ${key}${codeModeChange(key, loaded, status)}`)),
    ...(plan.keysAtStart ?? []).map((key) => paint.doubtful(`~ ${key}: takes effect at the next start`)),
  ];
  const head =
    status === undefined
      ? `${file}: no server answers at ${origin}, so that everything is new`
      : `${file} against "${status.name}" at ${origin}`;
  return `${[head, '', ...(lines.length > 0 ? lines : ['nothing would change']), ...notes(plan, paint)].join('\n')}\n`;
}

/** The one key whose value the server tells. */
function codeModeChange(key: string, { config }: LoadedConfig, status: AppStatus | undefined): string {
  if (key !== 'codeMode.enabled' || status?.codeMode === undefined) return '';
  const word = (enabled: boolean): string => (enabled ? 'on' : 'off');
  return `: ${word(status.codeMode.enabled)} → ${word(config.codeMode.enabled)}`;
}

function notes(plan: Plan, { faint }: Paint): string[] {
  const lines = [
    ...(plan.kept > 0
      ? [`${plan.kept} ${plan.kept === 1 ? 'backend keeps its' : 'backends keep their'} connection`]
      : []),
    ...(plan.server !== undefined && plan.keys === undefined
      ? ['keys are not compared: beyond loopback a server does not tell of them']
      : []),
  ];
  return lines.length === 0 ? [] : ['', ...lines.map(faint)];
}

/** Fetch says "fetch failed"; its cause says why. */
function whyNotReached(error: unknown): string {
  return (error instanceof Error && codeOf(error.cause)) || messageOf(error);
}
