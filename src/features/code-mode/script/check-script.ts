/** What can be said of a script without running it: its names, and the arguments of its calls that it writes out. */
import type { Tool } from '../../../gateway/index.ts';
import type { JsonObject } from '../../../protocol/index.ts';
import {
  compile,
  fromJs,
  scriptMembers,
  scriptOptions,
  StarlarkError,
  Thread,
} from '../../../starlark/index.ts';
import type {
  Diagnostic,
  ExactJson,
  HostArgument,
  HostCall,
  Program,
  Value,
} from '../../../starlark/index.ts';
import { undecided } from './arguments.ts';
import { bindData, bindTools, ToolSet } from './bindings.ts';
import { type CatalogTool, toCatalogTools } from '../shared/catalog.ts';
import { CodeModeError } from '../shared/errors.ts';
import { nameHints } from '../shared/names.ts';
import { propertiesOf } from '../shared/schema.ts';

export interface ScriptCheck {
  /** Calls of tools by name, in the order of the text. Those through `call_tool` with a name that is made at run time are not among them. */
  readonly calls: readonly { readonly tool: string; readonly line: number; readonly column: number }[];
  /** In the order of the text; empty when the script may be run. */
  readonly faults: readonly ScriptFault[];
}

export interface ScriptFault {
  /** From 1. Absent for a fault of `data`, or of what no single place is to blame for. */
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
}

export interface CheckOptions {
  readonly tools: readonly Tool[];
  /** What the script would be called with. */
  readonly data?: JsonObject;
  /** The arguments of a saved tool, which hide tools of their names. */
  readonly parameters?: readonly string[];
  readonly filename: string;
}

/** Checks a script against the tools that it would find. Nothing of it runs, and no tool is called. */
export function checkScript(script: string, options: CheckOptions): ScriptCheck {
  const toolSet = new ToolSet(JSON.stringify(toCatalogTools(options.tools)));
  try {
    const program = compileWith(toolSet, script, options);
    const found = program.hostCalls.flatMap((call) => toToolCall(call, toolSet) ?? []);
    return {
      calls: found.flatMap(({ call, tool }) => (tool === undefined ? [] : [toPlace(call, tool)])),
      faults: found.flatMap((each) => faultOf(each, toolSet) ?? []),
    };
  } catch (error) {
    if (error instanceof CodeModeError) return { calls: [], faults: [{ message: error.message }] };
    if (!(error instanceof StarlarkError)) throw error;
    return { calls: [], faults: error.diagnostics.map(toFault) };
  }
}

function compileWith(
  toolSet: ToolSet,
  script: string,
  { data = {}, parameters = [], filename }: CheckOptions,
): Program {
  const notRun = (): Promise<never> => Promise.reject(new Error('nothing is called here'));
  const names = bindTools(toolSet, notRun, notRun);
  const variables = bindData(data as { readonly [key: string]: ExactJson }, toolSet);
  for (const name of parameters) variables.set(name, null);
  return compile(script, {
    filename,
    fileOptions: scriptOptions,
    predeclared: [...names.keys(), ...variables.keys()],
    variables: variables.keys(),
    hints: nameHints([...variables.keys()]),
    members: scriptMembers,
  });
}

/** A call of a tool; `tool` is undefined where `call_tool` names one that is not there. */
interface FoundCall {
  readonly call: HostCall;
  readonly tool: CatalogTool | undefined;
  readonly args: readonly HostArgument[];
  readonly wanted: string;
}

function toToolCall(call: HostCall, toolSet: ToolSet): FoundCall | undefined {
  const { name, args } = call;
  if (name !== 'call_tool') {
    return toolSet.hasIdentifier(name) ? { call, tool: toolSet.find(name), args, wanted: name } : undefined;
  }
  const [first, ...rest] = args;
  const wanted = first?.kind === 'positional' ? first.constant?.value : undefined;
  return typeof wanted === 'string' ? { call, tool: toolSet.find(wanted), args: rest, wanted } : undefined;
}

function toPlace({ span }: HostCall, tool: CatalogTool): ScriptCheck['calls'][number] {
  return { tool: tool.name, line: span.line, column: span.column };
}

function faultOf(found: FoundCall, toolSet: ToolSet): ScriptFault | undefined {
  const { line, column } = found.call.span;
  const thread = new Thread();
  try {
    const tool = found.tool ?? toolSet.get(thread, found.wanted);
    const { positional, named } = toArguments(found.args, tool);
    toolSet.bind(thread, tool, positional, named);
    return undefined;
  } catch (error) {
    if (!(error instanceof CodeModeError)) throw error;
    return { line, column, message: error.message };
  }
}

/** The arguments as far as they are known. Behind a `*x` or `**x` any parameter may be given. */
function toArguments(
  args: readonly HostArgument[],
  tool: CatalogTool,
): { positional: Value[]; named: Map<string, Value> } {
  const isSpread = args.some(({ kind }) => kind === 'args' || kind === 'kwargs');
  const spreadAt = args.findIndex(({ kind }) => kind === 'args');
  const known =
    spreadAt === -1 ? args : args.filter(({ kind }, index) => kind === 'named' || index < spreadAt);
  const positional = known.filter(({ kind }) => kind === 'positional').map(valueOf);
  const named = new Map(known.filter(({ kind }) => kind === 'named').map((arg) => [arg.name, valueOf(arg)]));
  if (isSpread) {
    const { entries } = propertiesOf(tool.inputSchema);
    for (const { name } of entries.slice(positional.length)) if (!named.has(name)) named.set(name, undecided);
  }
  return { positional, named };
}

function valueOf({ constant }: HostArgument): Value {
  return constant === undefined ? undecided : fromJs(constant.value);
}

function toFault({ span: { line, column }, message }: Diagnostic): ScriptFault {
  return { line, column, message };
}
