/** Code mode as the funnel knows it: the provider of `execute_tool_script`. */
import type { Ask, RequestContext, Tool, ToolProvider } from '../../../gateway/index.ts';
import type { JsonObject } from '../../../protocol/index.ts';
import { Catalogs } from '../shared/catalog.ts';
import { scriptToolName } from '../shared/names.ts';
import { defaultDescriptionLength, defaultLimits } from './options.ts';
import type { CodeModeOptions } from './options.ts';
import type { ScriptLimits } from '../shared/protocol.ts';
import { callScript } from './script-call.ts';

/**
 * Adds one tool, whose description lists exactly the tools that its caller may use from a script. What a script calls, and
 * the list of what it may call, pass every stage as requests of the origin `script`.
 */
export function codeMode(options: CodeModeOptions): ToolProvider {
  const limits = limitsOf(options);
  const catalogs = new Catalogs({
    ...limits,
    maxDescriptionLength: options.maxDescriptionLength ?? defaultDescriptionLength,
  });
  // One list for each pair of lists, so that a reader that keeps what it made of a list knows it again. Callers may use
  // different tools of one list below.
  const extended = new WeakMap<readonly Tool[], WeakMap<readonly Tool[], Tool[]>>();
  const extend = (below: readonly Tool[], callable: readonly Tool[]): Tool[] => {
    const ofBelow = extended.get(below) ?? new WeakMap<readonly Tool[], Tool[]>();
    extended.set(below, ofBelow);
    const known = ofBelow.get(callable);
    if (known !== undefined) return known;
    const list = withScriptTool(below, catalogs.of(callable).description);
    ofBelow.set(callable, list);
    return list;
  };
  return {
    names: [scriptToolName],
    countAs: 'execute_tool_script',
    isOpenTo: (origin) => origin !== 'script',
    list: async (below, request, ask) => extend(below, await callableTools(request, ask)),
    call: (call, ask) =>
      callScript(call, {
        ask,
        limits,
        hooks: options,
        catalogOf: async (context) => catalogs.of(await callableTools(context, ask)),
      }),
  };
}

/** The tools that a script of this caller may call: the list as a script's own request is shown it. */
function callableTools({ caller, client, signal }: RequestContext, ask: Ask): Promise<Tool[]> {
  return ask({ origin: 'script', method: 'tools/list', caller, client, signal });
}

function limitsOf(options: CodeModeOptions): ScriptLimits {
  const or = defaultLimits;
  return {
    stepLimit: options.stepLimit ?? or.stepLimit,
    parallelMaxConcurrency: options.parallelMaxConcurrency ?? or.parallelMaxConcurrency,
    maxToolCalls: options.maxToolCalls ?? or.maxToolCalls,
    maxResultBytes: options.maxResultBytes ?? or.maxResultBytes,
    memoryLimitBytes: options.memoryLimitBytes ?? or.memoryLimitBytes,
    scriptTimeoutMs: options.scriptTimeoutMs ?? or.scriptTimeoutMs,
    toolCallTimeoutMs: options.toolCallTimeoutMs ?? or.toolCallTimeoutMs,
  };
}

function withScriptTool(tools: readonly Tool[], description: string): Tool[] {
  const position = tools.findIndex((tool) => tool.name > scriptToolName);
  return tools.toSpliced(position === -1 ? tools.length : position, 0, scriptTool(description));
}

function scriptTool(description: string): Tool {
  return { name: scriptToolName, title: 'Run a script over the tools', description, inputSchema };
}

const inputSchema: JsonObject = {
  type: 'object',
  properties: {
    script: {
      type: 'string',
      description: 'A Starlark program. A top-level `return` gives the result.',
      examples: [
        'found = parallel([lambda q=q: search(query=q) for q in queries])\n' +
          'return [hit["title"] for hits in found for hit in hits if hit["score"] > 0.5]',
      ],
    },
    data: {
      type: 'object',
      description:
        'Values for the script: each key becomes a variable. Pass long texts here, not in the script.',
      examples: [{ queries: ['timeout', 'refused'] }],
    },
  },
  required: ['script'],
  additionalProperties: false,
};
