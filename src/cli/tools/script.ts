import { checkScript, type ScriptCheck } from '../../server/index.ts';
import { parseWithBigInts } from '../../lib/exact-json.ts';
import { commands } from '../kit/commands.ts';
import { readText } from '../kit/files.ts';
import { readData } from '../kit/json-argument.ts';
import { parseOptions } from '../kit/options.ts';
import { exitCodes, InputError, type RunCommand, type Terminal, UsageError } from '../kit/terminal.ts';
import { callTool, toWire } from './call.ts';
import { tellMissing } from './list.ts';
import { printJson, textsOf } from './result.ts';
import { scriptTool, withTools, type ToolUse } from './source.ts';

interface Script {
  readonly file: string;
  readonly text: string;
  readonly data: Awaited<ReturnType<typeof readData>>;
}

/** `vmcp run`: a script of code mode with the tools of a configuration or a server. */
export const runScript: RunCommand = async (args, terminal) => {
  const options = parseOptions(args, commands.run);
  const [file] = options.operands;
  if (file === undefined) throw new UsageError('SCRIPT.star is missing; "-" reads the script from stdin');
  const data = await readData(options.text('data'));
  const text = file === '-' ? await terminal.readInput() : await readText(file);
  const script = { file: file === '-' ? '<stdin>' : file, text, data };
  return withTools(options, terminal, { codeMode: true }, (use) =>
    options.flag('dry-run') ? check(script, use, terminal) : run(script, use, terminal, options.flag('json')),
  );
};

/** Says what the script would call, and what is wrong with it. */
async function check({ file, text, data }: Script, use: ToolUse, terminal: Terminal): Promise<number> {
  const tools = await use.source.listTools(use.signal);
  tellMissing(use, terminal);
  const found = await checkScript(text, { tools, data: toWire(data), filename: file });
  for (const fault of found.faults) terminal.err(`${placeOf(file, fault)}${fault.message}\n`);
  printJson(terminal, { ok: found.faults.length === 0, ...found });
  return found.faults.length === 0 ? exitCodes.done : exitCodes.failed;
}

function placeOf(file: string, { line, column }: ScriptCheck['faults'][number]): string {
  return line === undefined ? `${file}: ` : `${file}:${line}:${column ?? 1}: `;
}

async function run(script: Script, use: ToolUse, terminal: Terminal, isWhole: boolean): Promise<number> {
  const tools = await use.source.listTools(use.signal);
  tellMissing(use, terminal);
  if (!tools.some(({ name }) => name === scriptTool))
    throw new InputError(
      `${use.where}: code mode is off, or not for this client; "codeMode: {enabled: true}" in its configuration switches it on`,
    );
  const { file, text, data } = script;
  const result = await callTool(scriptTool, toWire({ script: text, data }), use);
  const [value = 'null', ...notes] = textsOf(result);
  if (isWhole) printJson(terminal, result);
  else if (result.isError === true) terminal.err(`${withFile(value, file)}\n`);
  else if (terminal.stdoutIsTerminal) printJson(terminal, parseWithBigInts(value));
  else terminal.out(`${value}\n`);
  if (!isWhole) for (const note of notes) terminal.err(note.endsWith('\n') ? note : `${note}\n`);
  return result.isError === true ? exitCodes.failed : exitCodes.done;
}

/** Servers know a script by one name; here it has its own, which editors jump to. */
function withFile(text: string, file: string): string {
  return text.replaceAll(/^( *)script\.star:(?=\d)/gm, (_, indent: string) => `${indent}${file}:`);
}
