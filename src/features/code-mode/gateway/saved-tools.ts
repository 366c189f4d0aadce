/** Saved tools as the funnel knows them. */
import type { Tool, ToolCall, ToolProvider, ToolResult } from '../../../gateway/index.ts';
import { isObject } from '../../../protocol/index.ts';
import { InnerPlace } from './inner-calls.ts';
import type { CodeModeOptions } from './options.ts';
import { callableTools, codeMode, scriptingOf, type Scripting } from './provider.ts';
import { type Input, runProgram, toResult } from './script-call.ts';
import type { SavedProgram } from '../shared/protocol.ts';
import { maxSavedDepth, type SavedTool } from '../saved/saved-tool.ts';

/** The providers of code mode, each below the one before it. */
export function codeModeProviders(options: CodeModeOptions): [ToolProvider, ...ToolProvider[]] {
  const scripting = scriptingOf(options);
  const tools = options.savedTools ?? [];
  return [
    codeMode(options, scripting),
    ...(tools.length === 0 ? [] : [savedTools(tools, options, scripting)]),
  ];
}

/**
 * The tools whose scripts are saved. A client's call runs the script as the script tool does; a script's call runs it in
 * the place of that call, on what is left of the steps, calls, memory and time of the calling run.
 */
function savedTools(
  tools: readonly SavedTool[],
  options: CodeModeOptions,
  { limits, catalogs }: Scripting,
): ToolProvider {
  const byName = new Map(tools.map((saved) => [saved.tool.name, saved]));
  const own = tools.map(({ tool }) => tool);
  const extended = new WeakMap<readonly Tool[], Tool[]>();
  const extend = (below: readonly Tool[]): Tool[] => {
    const known = extended.get(below);
    if (known !== undefined) return known;
    const list = [...below, ...own].sort((one, other) => (one.name < other.name ? -1 : 1));
    extended.set(below, list);
    return list;
  };
  return {
    names: [...byName.keys()],
    countAs: 'tool_call',
    isOpenTo: () => true,
    list: async (below) => extend(below),
    shownFor: extend,
    call: async (call, ask) => {
      const saved = byName.get(call.name);
      if (saved === undefined) throw new Error(`not a saved tool: ${call.name}`);
      const input = inputOf(call, saved);
      const place = call.script;
      if (place instanceof InnerPlace) return await runInPlace(call, place, input, options);
      return await runProgram(call, input, {
        ask,
        limits,
        hooks: options,
        catalogOf: async (context) => catalogs.of(await callableTools(context, ask)),
      });
    },
  };
}

function inputOf({ params }: ToolCall, { tool, script, filename }: SavedTool): Input {
  const { name, inputSchema, outputSchema } = tool;
  const saved: SavedProgram = { tool: name, filename, inputSchema, outputSchema };
  const args = params['arguments'] ?? {};
  if (!isObject(args)) return { fault: `${name} takes its arguments as an object.`, saved };
  return { script, data: JSON.stringify(args), saved };
}

async function runInPlace(
  call: ToolCall,
  place: InnerPlace,
  input: Input,
  { onRunInPlace }: CodeModeOptions,
): Promise<ToolResult> {
  const { name } = call;
  if ('fault' in input || place.depth >= maxSavedDepth) {
    onRunInPlace?.(name, 'error');
    const text =
      'fault' in input
        ? input.fault
        : `${name} was not run: saved tools may call each other ${maxSavedDepth} deep, and this would be the next.`;
    return { content: [{ type: 'text', text }], isError: true };
  }
  const outcome = await place.runInPlace(call, input);
  onRunInPlace?.(name, outcome.ok ? 'success' : outcome.failure.status);
  return toResult(outcome);
}
