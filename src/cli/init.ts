import { readFile, writeFile } from 'node:fs/promises';
import { writeConfig } from '../config/index.ts';
import { decodeText } from '../lib/decode-text.ts';
import { JsoncError, parseJsonc } from '../lib/jsonc.ts';
import { codeOf, messageOf } from '../lib/thrown.ts';
import { convertClientConfig } from './init/convert.ts';
import { starter } from './init/starter.ts';
import { parseOptions } from './options.ts';
import { exitCodes, type RunCommand, type Terminal, UsageError } from './terminal.ts';

/** `vmcp init`: a configuration to begin with, on stdout or in a new file. */
export const runInit: RunCommand = async (args, terminal) => {
  const options = parseOptions(args, { from: { type: 'string' }, output: { type: 'string', short: 'o' } });
  const from = options.text('from');
  const output = options.text('output');
  if (from === '') throw new UsageError('--from needs the name of a file');
  if (output === '') throw new UsageError('--output needs the name of a file');
  const text = from === undefined ? starter : await fromClient(from, terminal);
  if (text === undefined) return exitCodes.failed;
  if (output === undefined) terminal.out(text);
  else if (!(await writeNew(output, text, terminal))) return exitCodes.failed;
  else terminal.err(`wrote ${output}; serve it with: vmcp serve --config ${output}\n`);
  return exitCodes.done;
};

async function fromClient(file: string, terminal: Terminal): Promise<string | undefined> {
  try {
    const { config, variables, notes } = convertClientConfig(parseJsonc(decodeText(await readFile(file))));
    for (const note of notes) terminal.err(`${file}: ${note}\n`);
    if (config.backends.length === 0) {
      terminal.err(`${file}: cannot be turned into backends: it names no server that can be one\n`);
      return undefined;
    }
    if (variables.length > 0) terminal.err(`set before serving: ${variables.join(', ')}\n`);
    return writeConfig(config);
  } catch (error) {
    const message = messageOf(error);
    if (error instanceof JsoncError)
      terminal.err(`${file}:${error.line}:${error.column}: it is not JSON: ${message}\n`);
    else terminal.err(`${file}: cannot be turned into backends: ${message}\n`);
    return undefined;
  }
}

async function writeNew(file: string, text: string, terminal: Terminal): Promise<boolean> {
  try {
    await writeFile(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    const exists = codeOf(error) === 'EEXIST';
    terminal.err(`${file}: ${exists ? 'it exists already and is left as it is' : messageOf(error)}\n`);
    return false;
  }
}
