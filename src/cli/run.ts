/** Finds the command and runs it; the only place that turns what went wrong into words and an exit code. */
import { ConfigError } from '../config/index.ts';
import { didYouMean } from '../lib/near-miss.ts';
import { commandNames, isCommand, type CommandName } from './kit/commands.ts';
import { commandHelp, overview } from './kit/help.ts';
import { exitCodes, InputError, UsageError, type RunCommand, type Terminal } from './kit/terminal.ts';
import { packageVersion } from '../lib/package-version.ts';

/**
 * Runs a command line.
 * @param args what stands after `vmcp`
 * @returns the exit code
 */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<number> {
  const [first, ...rest] = args;
  if (first === undefined) {
    terminal.err(overview());
    return exitCodes.usage;
  }
  if (first === '--help' || first === '-h' || first === 'help') return help(rest, terminal);
  if (first === '--version' || first === '-v' || first === 'version')
    return done(terminal, `${packageVersion()}\n`);
  if (!isCommand(first)) return unknownCommand(first, terminal);
  if (rest.includes('--help') || rest.includes('-h')) return done(terminal, commandHelp(first));
  return reportFaults(first, terminal, async () => (await commands[first]())(rest, terminal));
}

/** Runs a command; what is wrong with its command line or its configuration becomes words and an exit code. */
export async function reportFaults(
  name: CommandName,
  terminal: Terminal,
  run: () => Promise<number>,
): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof UsageError) {
      terminal.err(`vmcp ${name}: ${error.message}\nSee "vmcp ${name} --help".\n`);
      return exitCodes.usage;
    }
    if (error instanceof InputError || error instanceof ConfigError) {
      terminal.err(`${error.message}\n`);
      return exitCodes.failed;
    }
    throw error;
  }
}

/** Loaded when asked for: `validate` need not wait for the listener's code. */
const commands: Readonly<Record<CommandName, () => Promise<RunCommand>>> = {
  serve: async () => (await import('./serve.ts')).runServe,
  validate: async () => (await import('./validate.ts')).runValidate,
  init: async () => (await import('./init.ts')).runInit,
  tools: async () => (await import('./tools/list.ts')).runTools,
  call: async () => (await import('./tools/call.ts')).runCall,
  run: async () => (await import('./tools/script.ts')).runScript,
  star: async () => (await import('./star.ts')).runStar,
  auth: async () => (await import('./auth/auth.ts')).runAuth,
  key: async () => (await import('./key.ts')).runKey,
  policy: async () => (await import('./policy/policy.ts')).runPolicy,
  connect: async () => (await import('./connect/connect.ts')).runConnect,
  adoption: async () => (await import('./adoption.ts')).runAdoption,
  plan: async () => (await import('./plan.ts')).runPlan,
  doctor: async () => (await import('./doctor/doctor.ts')).runDoctor,
  completion: async () => (await import('./reference/completion.ts')).runCompletion,
};

function help([topic]: readonly string[], terminal: Terminal): number {
  if (topic === undefined) return done(terminal, overview());
  return isCommand(topic) ? done(terminal, commandHelp(topic)) : unknownCommand(topic, terminal);
}

function done(terminal: Terminal, text: string): number {
  terminal.out(text);
  return exitCodes.done;
}

function unknownCommand(word: string, terminal: Terminal): number {
  const isOption = word.startsWith('-');
  const hint = didYouMean(word, isOption ? ['--help', '--version'] : commandNames);
  terminal.err(`vmcp: unknown ${isOption ? 'option' : 'command'} "${word}".${hint}\nSee "vmcp --help".\n`);
  return exitCodes.usage;
}
