import {
  compile,
  encodeJson,
  type ExactJson,
  type FileOptions,
  fromJs,
  isIdentifier,
  isReserved,
  modules,
  run,
  scriptBuiltins,
  scriptMembers,
  scriptOptions,
  scriptUniverse,
  scriptValue,
  specOptions,
  StarlarkError,
  Thread,
  type ThreadOptions,
  universe,
  type Value,
} from '../starlark/index.ts';
import { didYouMean } from '../lib/near-miss.ts';
import { commands } from './kit/commands.ts';
import { readText } from './kit/files.ts';
import { readData } from './kit/json-argument.ts';
import { parseOptions } from './kit/options.ts';
import { exitCodes, InputError, type RunCommand, type Terminal, UsageError } from './kit/terminal.ts';

/** The dialect options by the names that they have in starlark-go. */
const dialectOptions: Readonly<Record<string, keyof FileOptions>> = {
  set: 'set',
  while: 'while',
  recursion: 'recursion',
  toplevelcontrol: 'toplevelControl',
  globalreassign: 'globalReassign',
};

/** `vmcp star`: runs a Starlark file. What it prints, and the traceback of its error, go to stderr. */
export const runStar: RunCommand = async (args, terminal) => {
  const options = parseOptions(args, commands.star);
  const [file] = options.operands;
  if (file === undefined) throw new UsageError('FILE is missing; "-" reads the program from stdin');
  const isScript = options.flag('script');
  const names = options.texts('option');
  if (isScript && names.length > 0)
    throw new UsageError('--option and --script exclude each other: a script has the dialect of code mode');
  if (!isScript && options.text('data') !== undefined)
    throw new UsageError('--data needs --script: a plain Starlark file has no data');
  try {
    if (isScript) await runScript(file, options.text('data'), terminal);
    else await new FileRunner(toFileOptions(names), terminal).runFile(file);
    return exitCodes.done;
  } catch (error) {
    if (!(error instanceof StarlarkError)) throw error;
    terminal.err(`${error.format()}\n`);
    return exitCodes.failed;
  }
};

/** Runs a program as code mode does, without any tool; what it returns goes to stdout as JSON. */
async function runScript(file: string, data: string | undefined, terminal: Terminal): Promise<void> {
  const source = await readSource(file, terminal);
  const variables = toVariables(await readData(data));
  const names = new Map<string, Value>([...scriptBuiltins(), ...Object.entries(modules), ...variables]);
  const program = compile(source, {
    filename: shownName(file),
    fileOptions: scriptOptions,
    predeclared: names.keys(),
    variables: variables.keys(),
    hints: scriptHints([...variables.keys()]),
    members: scriptMembers,
  });
  const values = new Map<string, Value>([...scriptUniverse(), ...names]);
  const value = scriptValue(program, await run(program, new Thread(threadOptions(terminal)), values));
  terminal.out(`${encodeJson(value)}\n`);
}

/**
 * The keys of `data` as variables, as a script's call has them.
 * @throws UsageError when a key cannot be a variable
 */
function toVariables(object: { readonly [key: string]: ExactJson }): Map<string, Value> {
  const taken = new Set([...universe.keys(), 'sum', 'attempt', 'parallel', ...Object.keys(modules)]);
  for (const key of Object.keys(object)) {
    const fault =
      !isIdentifier(key) || isReserved(key)
        ? 'cannot be the name of a variable'
        : taken.has(key)
          ? 'is the name of a built-in function'
          : undefined;
    if (fault !== undefined) throw new UsageError(`--data: the key "${key}" ${fault}`);
  }
  return new Map(Object.entries(object).map(([key, value]) => [key, fromJs(value)]));
}

/** What to say of names that scripts have elsewhere. */
function scriptHints(variables: readonly string[]): ReadonlyMap<string, string> {
  const tools = 'there are no tools here; "vmcp run" runs a script with those of a server';
  return new Map([
    [
      'data',
      variables.length === 0
        ? 'there is no "--data"; each key of it would be a variable'
        : `each key of --data is a variable by itself: ${variables.join(', ')}`,
    ],
    ...['call_tool', 'search_tools', 'describe_tool'].map((name): [string, string] => [name, tools]),
  ]);
}

function toFileOptions(names: readonly string[]): FileOptions {
  const chosen: { -readonly [Name in keyof FileOptions]: boolean } = { ...specOptions };
  for (const name of names) {
    const field = Object.hasOwn(dialectOptions, name) ? dialectOptions[name] : undefined;
    if (field === undefined) {
      const known = Object.keys(dialectOptions);
      throw new UsageError(
        `unknown dialect option "${name}".${didYouMean(name, known)} There are ${known.join(', ')}`,
      );
    }
    chosen[field] = true;
  }
  return chosen;
}

/** Runs a file, and the files that it loads, each of these once. Paths of loaded files start in the working directory. */
class FileRunner {
  readonly #terminal: Terminal;
  readonly #fileOptions: FileOptions;
  readonly #threadOptions: ThreadOptions;
  readonly #predeclared: ReadonlyMap<string, Value> = new Map(Object.entries(modules));
  readonly #loaded = new Map<string, Promise<ReadonlyMap<string, Value>> | 'loading'>();

  constructor(fileOptions: FileOptions, terminal: Terminal) {
    this.#fileOptions = fileOptions;
    this.#terminal = terminal;
    this.#threadOptions = { ...threadOptions(terminal), load: (module) => this.#load(module) };
  }

  async runFile(file: string): Promise<ReadonlyMap<string, Value>> {
    const source = await readSource(file, this.#terminal);
    const program = compile(source, {
      filename: shownName(file),
      fileOptions: this.#fileOptions,
      predeclared: this.#predeclared.keys(),
    });
    const { globals } = await run(program, new Thread(this.#threadOptions), this.#predeclared);
    return globals;
  }

  async #load(file: string): Promise<ReadonlyMap<string, Value>> {
    const known = this.#loaded.get(file);
    if (known === 'loading')
      throw new StarlarkError('load', `cannot load ${file}: it is being loaded already`);
    if (known !== undefined) return known;
    this.#loaded.set(file, 'loading');
    const globals = await this.runFile(file).catch((error: unknown) => {
      throw asLoadError(file, error);
    });
    this.#loaded.set(file, Promise.resolve(globals));
    return globals;
  }
}

/** The loaded file's own report stays readable inside that of the file that loads it. */
function asLoadError(file: string, error: unknown): unknown {
  if (error instanceof StarlarkError) {
    return new StarlarkError('load', `cannot load ${file}: ${error.format()}`, { cause: error });
  }
  return error instanceof InputError
    ? new StarlarkError('load', `cannot load ${error.message}`, { cause: error })
    : error;
}

function readSource(file: string, terminal: Terminal): Promise<string> {
  return file === '-' ? terminal.readInput() : readText(file);
}

function shownName(file: string): string {
  return file === '-' ? '<stdin>' : file;
}

function threadOptions(terminal: Terminal): ThreadOptions {
  return {
    print: (line) => terminal.err(`${line}\n`),
    now: () => BigInt(Date.now()) * 1_000_000n,
    yieldToHost: () => new Promise((resolve) => setImmediate(resolve)),
  };
}
