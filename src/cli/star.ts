import { readFile } from 'node:fs/promises';
import {
  compile,
  type FileOptions,
  modules,
  run,
  specOptions,
  StarlarkError,
  Thread,
  type ThreadOptions,
  type Value,
} from '../starlark/index.ts';
import { didYouMean } from '../lib/near-miss.ts';
import { messageOf } from '../lib/thrown.ts';
import { parseOptions } from './options.ts';
import { exitCodes, type RunCommand, type Terminal, UsageError } from './terminal.ts';

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
  const options = parseOptions(args, { option: { type: 'string', multiple: true } }, 1);
  const [file] = options.operands;
  if (file === undefined) throw new UsageError('FILE is missing');
  const fileOptions = toFileOptions(options.texts('option'));
  try {
    await new FileRunner(fileOptions, terminal).runFile(file);
    return exitCodes.done;
  } catch (error) {
    if (!(error instanceof StarlarkError || error instanceof UnreadableFile)) throw error;
    terminal.err(`${error instanceof StarlarkError ? error.format() : error.message}\n`);
    return exitCodes.failed;
  }
};

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

class UnreadableFile extends Error {}

/** Runs a file, and the files that it loads, each of these once. Paths of loaded files start in the working directory. */
class FileRunner {
  readonly #fileOptions: FileOptions;
  readonly #threadOptions: ThreadOptions;
  readonly #predeclared: ReadonlyMap<string, Value> = new Map(Object.entries(modules));
  readonly #loaded = new Map<string, Promise<ReadonlyMap<string, Value>> | 'loading'>();

  constructor(fileOptions: FileOptions, terminal: Terminal) {
    this.#fileOptions = fileOptions;
    this.#threadOptions = {
      print: (line) => terminal.err(`${line}\n`),
      load: (module) => this.#load(module),
      now: () => BigInt(Date.now()) * 1_000_000n,
      yieldToHost: () => new Promise((resolve) => setImmediate(resolve)),
    };
  }

  async runFile(file: string): Promise<ReadonlyMap<string, Value>> {
    const source = await readSource(file);
    const program = compile(source, {
      filename: file,
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
  return error instanceof UnreadableFile
    ? new StarlarkError('load', `cannot load ${file}: ${error.message}`)
    : error;
}

async function readSource(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UnreadableFile(`cannot read ${file}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
