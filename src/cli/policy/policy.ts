import { configReader, openPolicies, type Places, type Policies } from '../../server/index.ts';
import type { JsonObject } from '../../server/index.ts';
import { commands } from '../kit/commands.ts';
import { readObject } from '../kit/json-argument.ts';
import { parseOptions, type ParsedOptions } from '../kit/options.ts';
import { exitCodes, InputError, type RunCommand, type Terminal, UsageError } from '../kit/terminal.ts';
import { tellMissing } from '../tools/list.ts';
import { withTools } from '../tools/source.ts';
import { explanationText } from './explanation.ts';
import { accessTable, tableText, toCsv } from './table.ts';

/** `vmcp policy`: who may use which tool, and why. */
export const runPolicy: RunCommand = async (args, terminal) => {
  const options = parseOptions(args, commands.policy);
  const [question] = options.operands;
  if (question !== 'explain' && question !== 'table')
    throw new UsageError(
      `expected "explain" or "table", found ${question === undefined ? 'nothing' : `"${question}"`}`,
    );
  const written = options.texts('principal').map((text) => readObject('--principal', text) as JsonObject);
  const asked = question === 'explain' ? readQuestion(options, written) : undefined;
  return withTools(options, terminal, { codeMode: false, configAlone: true }, async (use) => {
    const { source, where, signal } = use;
    const policies = await open(where, terminal);
    const places = await source.locate?.(signal);
    if (places === undefined) throw new InputError(`${where}: its policies cannot be asked about from here`);
    tellMissing(use, terminal);
    if (asked !== undefined) return explain(asked, { policies, places, options, terminal });
    const tools = (await source.listTools(signal)).map(({ name }) => name);
    const table = accessTable({ policies, places, tools, written });
    if (options.flag('json')) terminal.out(`${JSON.stringify(table)}\n`);
    else terminal.out(options.flag('csv') ? toCsv(table) : tableText(table));
    return exitCodes.done;
  });
};

interface AskedCall {
  readonly principal: JsonObject;
  readonly tool: string;
  readonly args: JsonObject;
}

/** @throws UsageError where a part of the question is missing */
function readQuestion(options: ParsedOptions, written: readonly JsonObject[]): AskedCall {
  const [principal, second] = written;
  const tool = options.text('tool');
  if (principal === undefined || second !== undefined)
    throw new UsageError('explain needs one --principal, such as \'{"sub": "alice", "groups": ["eng"]}\'');
  if (tool === undefined || tool === '') throw new UsageError('explain needs --tool, the name of a tool');
  const args = options.text('args');
  return { principal, tool, args: args === undefined ? {} : (readObject('--args', args) as JsonObject) };
}

async function open(file: string, { environment }: Terminal): Promise<Policies> {
  return openPolicies(file, await configReader.load(file, environment));
}

interface Explaining {
  readonly policies: Policies;
  readonly places: Places;
  readonly options: ParsedOptions;
  readonly terminal: Terminal;
}

function explain(
  { principal, tool, args }: AskedCall,
  { policies, places, options, terminal }: Explaining,
): number {
  const explanation = policies.explain({ principal: policies.principalOf(principal), tool, places, args });
  const isKnown = places.tool(tool) !== undefined;
  const allowed = explanation.allowed && isKnown;
  if (options.flag('json')) {
    const named = (each: Parameters<Policies['placeOf']>[0]): object => ({
      id: each.id,
      at: policies.placeOf(each),
    });
    const { shown, deciding, failed, nearMisses } = explanation;
    const printed = {
      allowed,
      isKnown,
      shown,
      deciding: deciding.map(named),
      failed: failed.map((each) => ({ ...named(each), why: each.why })),
      nearMisses,
    };
    terminal.out(`${JSON.stringify(printed)}\n`);
  } else
    terminal.out(explanationText(explanation, { tool, isKnown, placeOf: (each) => policies.placeOf(each) }));
  return allowed ? exitCodes.done : exitCodes.failed;
}
