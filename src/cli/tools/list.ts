import { describeTool, type Tool } from '../../server/index.ts';
import { didYouMean } from '../../lib/near-miss.ts';
import { commands } from '../kit/commands.ts';
import { parseOptions } from '../kit/options.ts';
import { exitCodes, InputError, type RunCommand, type Terminal } from '../kit/terminal.ts';
import { printJson } from './result.ts';
import { scriptTool, withTools, type ToolUse } from './source.ts';

/** `vmcp tools`: every tool, those that a query finds, or one in full. */
export const runTools: RunCommand = (args, terminal) => {
  const options = parseOptions(args, commands.tools);
  const query = options.operands.join(' ');
  return withTools(options, terminal, { codeMode: false }, async (use) => {
    const tools = await use.source.listTools(use.signal);
    tellMissing(use, terminal);
    const named = tools.find(({ name }) => name === query);
    const found = named === undefined ? search(tools, query) : [named];
    if (found.length === 0) throw new InputError(noTool(use.where, query, tools));
    if (options.flag('json')) printJson(terminal, found);
    else if (named !== undefined) terminal.out(await toPage(named));
    else terminal.out(toTable(found, terminal));
    return exitCodes.done;
  });
};

/** Says which backends have failed, whose tools are therefore not known. */
export function tellMissing({ source }: ToolUse, terminal: Terminal): void {
  for (const { name, health, error } of source.backends()) {
    if (health !== 'healthy')
      terminal.err(`${name}: not connected, its tools are missing: ${bare(error, name)}\n`);
  }
}

/** A backend's error without its name, which stands before it already. */
function bare(error: string | undefined, name: string): string {
  return (error ?? 'it has not answered').replace(`backend "${name}" `, '');
}

/** Tools in whose name or description every word occurs; those with all of them in the name first. */
function search(tools: readonly Tool[], query: string): Tool[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const holds = (text: string): boolean => words.every((word) => text.toLowerCase().includes(word));
  const byName = tools.filter(({ name }) => holds(name));
  const others = tools.filter(
    // The script tool's description names every tool.
    (tool) =>
      tool.name !== scriptTool && !byName.includes(tool) && holds(`${tool.name} ${tool.description ?? ''}`),
  );
  return [...byName, ...others];
}

function noTool(where: string, query: string, tools: readonly Tool[]): string {
  if (tools.length === 0) return `${where}: there is no tool`;
  const hint = didYouMean(
    query,
    tools.map(({ name }) => name),
  );
  return `${where}: no tool matches "${query}".${hint} There are ${tools.length}; "vmcp tools" lists them`;
}

const widestName = 40;

function toTable(tools: readonly Tool[], { stdoutIsTerminal, stdoutColumns }: Terminal): string {
  const column = Math.min(widestName, Math.max(...tools.map(({ name }) => name.length))) + 2;
  const room = stdoutIsTerminal ? Math.max(20, (stdoutColumns ?? 100) - column) : Infinity;
  return tools
    .map(({ name, description = '' }) =>
      `${name.padEnd(column)}${cut(firstLine(description), room)}`.trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** One tool: what it does, how a script calls it, and each argument. */
async function toPage(tool: Tool): Promise<string> {
  const { signature, parameters, open } = await describeTool(tool);
  const column = Math.max(0, ...parameters.map(({ name }) => name.length)) + 2;
  const rows = parameters.map(({ name, type, required, description }) => {
    const kind = `${type}${required ? '' : ', optional'}`;
    return `  ${name.padEnd(column)}${kind}${description === '' ? '' : `: ${firstLine(description)}`}`;
  });
  if (open) rows.push('  and any other');
  const sections = [
    tool.name,
    plain(tool.description?.trim() ?? ''),
    `In a script:\n  ${signature}`,
    rows.length === 0 ? 'It takes no arguments.' : `Arguments:\n${rows.join('\n')}`,
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function firstLine(text: string): string {
  return plain(text.trim().split('\n', 1)[0] ?? '');
}

/** Without what would move the cursor or colour the screen: it comes from a backend. */
function plain(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n]/gu, ' ');
}

function cut(text: string, room: number): string {
  return text.length <= room ? text : `${text.slice(0, room - 1)}…`;
}
