import { describeTool, type JsonObject, type Tool, type ToolResult } from '../../server/index.ts';
import { parseExactly, stringifyExactly } from '../../lib/exact-json.ts';
import { nearMiss } from '../../lib/near-miss.ts';
import { commands } from '../kit/commands.ts';
import { parseOptions } from '../kit/options.ts';
import { exitCodes, InputError, type RunCommand, type Terminal, UsageError } from '../kit/terminal.ts';
import { readArguments } from './arguments.ts';
import { during } from '../kit/progress.ts';
import { tellMissing } from './list.ts';
import { printJson, textsOf, valueOf } from './result.ts';
import { withTools, type ToolUse } from './source.ts';

/** `vmcp call`: one call of one tool. Its value goes to stdout as JSON. */
export const runCall: RunCommand = async (args, terminal) => {
  const options = parseOptions(args, commands.call);
  const [name, ...words] = options.operands;
  if (name === undefined) throw new UsageError('TOOL is missing; "vmcp tools" lists them');
  const given = words.join() === '-' ? [await terminal.readInput()] : words;
  return withTools(options, terminal, { codeMode: false }, async (use) => {
    const tool = await findTool(name, use, terminal);
    const call = await toArguments(tool, given);
    const result = await callTool(tool.name, call, use);
    if (options.flag('json')) printJson(terminal, result);
    else if (result.isError !== true) printJson(terminal, valueOf(result));
    else
      terminal.err(
        `${tool.name}: ${textsOf(result).join('\n') || 'the tool failed and says nothing more'}\n`,
      );
    return result.isError === true ? exitCodes.failed : exitCodes.done;
  });
};

/** @throws InputError when there is none of that name */
async function findTool(name: string, use: ToolUse, terminal: Terminal): Promise<Tool> {
  const tools = await use.source.listTools(use.signal);
  const tool = tools.find((each) => each.name === name);
  if (tool !== undefined) return tool;
  tellMissing(use, terminal);
  const names = tools.map((each) => each.name);
  // Most names begin with their backend's.
  const endings = names.filter((each) => each.endsWith(name));
  const meant = nearMiss(name, names) ?? (endings.length === 1 ? endings[0] : undefined);
  const hint = meant === undefined ? '"vmcp tools" lists them' : `Did you mean "${meant}"?`;
  throw new InputError(`${use.where}: there is no tool called "${name}". ${hint}`);
}

/** @throws InputError for arguments that the tool's schema refuses */
async function toArguments(tool: Tool, words: readonly string[]): Promise<JsonObject> {
  const description = await describeTool(tool);
  const args = readArguments(words, description);
  const fault = description.faultOf(args);
  if (fault !== undefined) throw new InputError(fault);
  return toWire(args);
}

/** Long ints as their digits, which JSON then has as they were. */
export function toWire(args: object): JsonObject {
  return parseExactly(stringifyExactly(args)) as JsonObject;
}

/** Calls a tool, with what it says of its progress on stderr. */
export async function callTool(name: string, args: JsonObject, use: ToolUse): Promise<ToolResult> {
  const { source, signal, progress } = use;
  const waiting = (seconds: number): string | undefined => (seconds > 0 ? `waiting for ${name}` : undefined);
  const onProgress = (report: JsonObject): void => progress.say(progressText(report));
  return during(progress, waiting, () => source.callTool(name, args, { signal, onProgress }));
}

function progressText({ progress, total, message }: JsonObject): string {
  const count = total === undefined ? String(progress) : `${String(progress)} of ${String(total)}`;
  return typeof message === 'string' ? `${count}: ${message}` : count;
}
