/** `vmcp auth`: logins at backends that want OAuth. */
import {
  AppError,
  configReader,
  loginInWords,
  loginTargets,
  openLogins,
  type Logins,
  type LoginStatus,
  type LoginTarget,
} from '../../server/index.ts';
import { didYouMean } from '../../lib/near-miss.ts';
import { commands } from '../kit/commands.ts';
import { configFile } from '../kit/config-file.ts';
import { parseOptions, type ParsedOptions } from '../kit/options.ts';
import { exitCodes, InputError, UsageError, type RunCommand, type Terminal } from '../kit/terminal.ts';
import { printJson } from '../tools/result.ts';
import { openBrowser } from './browser.ts';
import { openCallback } from './callback.ts';

export const runAuth: RunCommand = async (args, terminal) => {
  const options = parseOptions(args, commands.auth);
  const [action, ...names] = options.operands;
  const run = actions[action ?? ''];
  if (run === undefined) {
    const words = Object.keys(actions);
    const found = action === undefined ? 'nothing' : `"${action}"`;
    const hint = action === undefined ? '' : didYouMean(action, words);
    throw new UsageError(`expected one of ${words.join(', ')}, found ${found}.${hint}`);
  }
  try {
    return await loginInWords(() => run(options, names, terminal));
  } catch (error) {
    if (error instanceof AppError) throw new InputError(`vmcp: ${error.message}`, { cause: error });
    throw error;
  }
};

type Action = (options: ParsedOptions, names: readonly string[], terminal: Terminal) => Promise<number>;

const actions: Readonly<Record<string, Action>> = {
  login: async (options, names, terminal) => {
    const target = await targetNamed(options, names, terminal);
    const logins = openLogins(terminal.environment);
    const scope = await logIn(logins, target, options.flag('no-browser'), terminal);
    const granted = scope === undefined ? '' : ` (${scope})`;
    terminal.err(`Logged in to "${target.backend}"${granted}. A server that runs uses it within a second.\n`);
    return exitCodes.done;
  },

  logout: async (options, names, terminal) => {
    const target = await targetNamed(options, names, terminal);
    const ended = await openLogins(terminal.environment).end(target);
    if (ended === undefined) terminal.err(`"${target.backend}" had no login.\n`);
    else {
      const there = ended.isRevoked
        ? ', here and at its server'
        : ' here; its server was not told, or did not take it';
      terminal.err(`Logged out of "${target.backend}"${there}.\n`);
    }
    return exitCodes.done;
  },

  status: async (options, names, terminal) => {
    const targets = await targetsOf(options, terminal);
    const asked = names.length === 0 ? targets : [find(targets, names)];
    const logins = openLogins(terminal.environment);
    print(
      asked.map((target) => logins.status(target)),
      options,
      terminal,
    );
    return exitCodes.done;
  },

  list: async (options, names, terminal) => {
    if (names.length > 0) throw new UsageError(`"list" takes no backend; "vmcp auth status" does`);
    const logins = openLogins(terminal.environment);
    print(logins.all(), options, terminal);
    return exitCodes.done;
  },
};

async function logIn(
  logins: Logins,
  target: LoginTarget,
  withoutBrowser: boolean,
  terminal: Terminal,
): Promise<string | undefined> {
  const callback = await openCallback();
  let outcome = 'The login failed; the terminal says why. You can close this page.';
  try {
    const pending = await logins.begin(target, callback.redirectUri);
    terminal.err(`To let vmcp use "${target.backend}", log in at ${pending.issuer}:\n\n  ${pending.url}\n\n`);
    if (!withoutBrowser) openBrowser(pending.url);
    const { scope } = await pending.finish(await returnedFrom(callback.returned, terminal));
    outcome = 'vmcp is logged in. You can close this page.';
    return scope;
  } finally {
    await callback.close(outcome);
  }
}

/** Where the browser came back to: to this machine, or in what the person pastes from a browser elsewhere. */
async function returnedFrom(returned: Promise<URL>, terminal: Terminal): Promise<URL> {
  if (!terminal.stdinIsTerminal) return returned;
  const question =
    'Waiting for the browser. If it is on another machine, paste the address that it ends at: ';
  const done = new AbortController();
  const pasted = terminal.ask(question, done.signal).then((text) => {
    const url = URL.parse(text.trim());
    if (url !== null) return url;
    throw new InputError('vmcp: expected the whole address that the browser ended at, found something else');
  });
  try {
    return await Promise.race([returned, pasted]);
  } finally {
    pasted.catch(() => undefined);
    done.abort();
  }
}

async function targetsOf(options: ParsedOptions, terminal: Terminal): Promise<LoginTarget[]> {
  const { config } = await configReader.load(configFile(options), terminal.environment);
  return loginTargets(config);
}

async function targetNamed(
  options: ParsedOptions,
  names: readonly string[],
  terminal: Terminal,
): Promise<LoginTarget> {
  return find(await targetsOf(options, terminal), names);
}

/** @throws UsageError, InputError */
function find(targets: readonly LoginTarget[], [name, ...more]: readonly string[]): LoginTarget {
  if (more.length > 0) throw new UsageError(`expected one backend, found "${[name, ...more].join('", "')}"`);
  const names = targets.map(({ backend }) => backend);
  const found = targets.find(({ backend }) => backend === name);
  if (found !== undefined) return found;
  const offered = names.length === 0 ? 'none has' : `those that have are "${names.join('", "')}"`;
  if (name === undefined) throw new UsageError(`expected a backend with "oauth"; ${offered}`);
  throw new InputError(`vmcp: no backend "${name}" has "oauth"; ${offered}.${didYouMean(name, names)}`);
}

const words: Readonly<Record<LoginStatus['state'], string>> = {
  none: 'not logged in',
  valid: 'logged in',
  renewable: 'logged in, renewed by itself',
  ended: 'has ended: log in again',
  sealed: 'kept with another VMCP_SECRET_KEY: log in again',
  elsewhere: 'for another URL: log in again',
};

function print(found: readonly LoginStatus[], options: ParsedOptions, terminal: Terminal): void {
  if (options.flag('json')) return printJson(terminal, found);
  const rows = found.map(({ server, backend, state, issuer = '', scope = '' }) =>
    [`${server}/${backend}`, words[state], issuer, scope].join('\t').trimEnd(),
  );
  terminal.out(rows.map((row) => `${row}\n`).join(''));
}
