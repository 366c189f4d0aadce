import { fileURLToPath } from 'node:url';
import { writeConfig } from '../config/index.ts';
import { commands } from './kit/commands.ts';
import { thisMachine } from './connect/connect.ts';
import { writeText } from './kit/files.ts';
import type { Conversion } from './init/convert.ts';
import { convertFound, discover, type Found } from './init/discover.ts';
import { convertFile } from './init/read.ts';
import { starter } from './init/starter.ts';
import { parseOptions } from './kit/options.ts';
import { exitCodes, InputError, type RunCommand, type Terminal, UsageError } from './kit/terminal.ts';

/** For editors; in the source and in what is built it lies beside `src` and `dist`. */
const schema = fileURLToPath(new URL('../../schema/vmcp.schema.json', import.meta.url));

/** `vmcp init`: a configuration to begin with, on stdout or in a new file. */
export const runInit: RunCommand = async (args, terminal) => {
  const options = parseOptions(args, commands.init);
  const from = options.text('from');
  const output = options.text('output');
  if (from === '') throw new UsageError('--from needs the name of a file');
  if (output === '') throw new UsageError('--output needs the name of a file');
  const text = from === undefined ? await fromThisMachine(terminal) : await fromFile(from, terminal);
  if (output === undefined) terminal.out(text);
  else {
    await writeText(output, text, { isNew: true });
    terminal.err(`wrote ${output}; serve it with: vmcp serve ${output}\n`);
  }
  return exitCodes.done;
};

async function fromFile(file: string, terminal: Terminal): Promise<string> {
  const conversion = await convertFile(file);
  return written(conversion, `${file}: `, terminal);
}

/** A starter, or what clients on this machine know where a person wants that. */
async function fromThisMachine(terminal: Terminal): Promise<string> {
  const found = await discover(thisMachine(terminal));
  if (found.length === 0) return withCodeModeTold(starter(schema), terminal);
  const chosen = await choose(found, terminal);
  if (chosen.length === 0) return withCodeModeTold(starter(schema), terminal);
  return written(convertFound(chosen), '', terminal);
}

async function choose(found: readonly Found[], terminal: Terminal): Promise<readonly Found[]> {
  const canAsk = terminal.stdinIsTerminal && terminal.stderrIsTerminal;
  terminal.err('Servers that MCP clients on this machine know:\n');
  for (const [index, { client, file, servers }] of found.entries()) {
    const names = servers.map(({ name }) => name).join(', ');
    terminal.err(`  ${index + 1}  ${client} (${file}): ${names}\n`);
  }
  if (!canAsk) {
    terminal.err(`"vmcp init --from FILE" takes those of a file over.\n`);
    return [];
  }
  for (;;) {
    const answer = await terminal.ask('Take over which? [all, none, or numbers such as 1,2] ');
    const chosen = readChoice(answer.trim().toLowerCase(), found);
    if (chosen !== undefined) return chosen;
    terminal.err(`expected "all", "none", or numbers from 1 to ${found.length}\n`);
  }
}

/** Undefined for an answer that is none. */
function readChoice(answer: string, found: readonly Found[]): readonly Found[] | undefined {
  if (answer === 'all' || answer === 'a' || answer === 'y' || answer === 'yes') return found;
  if (answer === '' || answer === 'none' || answer === 'n' || answer === 'no') return [];
  const chosen = answer.split(/[\s,]+/).map((word) => found[Number(word) - 1]);
  const known = chosen.filter((each) => each !== undefined);
  return known.length === chosen.length ? known : undefined;
}

/** The text of the configuration; what its owner must know goes to stderr. */
function written({ config, variables, notes }: Conversion, where: string, terminal: Terminal): string {
  for (const note of notes) terminal.err(`${where}${note}\n`);
  if (config.backends.length === 0 && config.settings?.['groupRef'] === undefined)
    throw new InputError(`${where}cannot be turned into backends: it names no server that can be one`);
  if (variables.length > 0) terminal.err(`set before serving: ${variables.join(', ')}\n`);
  return withCodeModeTold(writeConfig(config, schema), terminal);
}

function withCodeModeTold(text: string, terminal: Terminal): string {
  if (/^codeMode:\n {2}enabled: true$/m.test(text))
    terminal.err(
      'code mode is on: agents may run scripts that call these tools; "codeMode.enabled: false" switches it off\n',
    );
  return text;
}
