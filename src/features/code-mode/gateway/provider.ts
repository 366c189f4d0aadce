/** Code mode as the funnel knows it: the provider of `execute_tool_script`. */
import type {
  Ask,
  RequestContext,
  Tool,
  ToolCall,
  ToolProvider,
  ToolResult,
} from '../../../gateway/index.ts';
import { anyGlob } from '../../../lib/glob.ts';
import { isObject, type JsonObject } from '../../../protocol/index.ts';
import { defaultDescriptionBytes, defaultLimits, defaultMode } from '../defaults.ts';
import { listingFor } from '../modes.ts';
import { Catalogs, type CatalogTool } from '../shared/catalog.ts';
import { scriptToolName } from '../shared/names.ts';
import { Descriptions, SourceReader, type Sources } from './descriptions.ts';
import type { CodeModeOptions } from './options.ts';
import type { ScriptLimits } from '../shared/protocol.ts';
import { callScript } from './script-call.ts';
import { scriptLine } from './script-line.ts';

/**
 * Adds one tool, whose description lists exactly the tools that its caller may use from a script. What a script calls, and
 * the list of what it may call, pass every stage as requests of the origin `script`.
 */
export function codeMode(
  options: CodeModeOptions,
  { limits, catalogs }: Scripting = scriptingOf(options),
): ToolProvider {
  const mode = options.mode ?? defaultMode;
  const descriptions = new Descriptions({
    ...limits,
    maxDescriptionBytes: options.maxDescriptionBytes ?? defaultDescriptionBytes(mode),
  });
  const sourceReader = new SourceReader(options.backends);
  // Read when a list is asked for: there is no server to ask before it has started.
  let sources: Sources | undefined;
  const savedNames = new Set(options.savedTools?.map(({ tool }) => tool.name));
  const isPinned = anyGlob(options.listed ?? []);
  // One list for each pair of lists, so that a reader that keeps what it made of a list knows it again. Callers may use
  // different tools of one list below. Which listing it is depends on the mode alone: where a wish decides, the other
  // one is the list below.
  let extended = new WeakMap<readonly Tool[], WeakMap<readonly Tool[], Tool[]>>();
  const extend = (
    below: readonly Tool[],
    callable: readonly Tool[],
    ownBelow: ReadonlySet<string> = savedNames,
  ): Tool[] => {
    const known = sourceReader.read();
    if (known !== sources) extended = new WeakMap();
    sources = known;
    const ofBelow = extended.get(below) ?? new WeakMap<readonly Tool[], Tool[]>();
    extended.set(below, ofBelow);
    const made = ofBelow.get(callable);
    if (made !== undefined) return made;
    const shown =
      mode === 'alongside' ? below : below.filter(({ name }) => ownBelow.has(name) || isPinned(name));
    const list = withScriptTool(shown, descriptions.of(catalogs.of(callable), known));
    ofBelow.set(callable, list);
    return list;
  };
  return {
    names: [scriptToolName],
    countAs: 'execute_tool_script',
    isOpenTo: (origin) => origin !== 'script',
    list: async (below, request, ask, ownBelow) => {
      if (listingFor(mode, request.caller.wishes) === 'plain') return below;
      return extend(below, await callableTools(request, ask), ownBelow);
    },
    shownFor: (tools) => extend(tools, tools),
    ...(mode === 'enforced' && {
      refuse: async (call, ask) => {
        if (isPinned(call.name)) return undefined;
        // A tool that this caller does not see is unknown, here as everywhere.
        const { tools } = catalogs.of(await callableTools(call, ask));
        const tool = tools.find(({ name }) => name === call.name);
        if (tool === undefined) return undefined;
        options.onRefusal?.();
        return { tool: tool.name, result: toRefusal(tool, call) };
      },
    }),
    call: (call, ask) =>
      callScript(call, {
        ask,
        limits,
        hooks: options,
        catalogOf: async (context) => catalogs.of(await callableTools(context, ask)),
      }),
  };
}

/** What all scripts of one configuration share. */
export interface Scripting {
  readonly limits: ScriptLimits;
  readonly catalogs: Catalogs;
}

export function scriptingOf(options: CodeModeOptions): Scripting {
  return { limits: limitsOf(options), catalogs: new Catalogs() };
}

/** The tools that a script of this caller may call: the list as a script's own request is shown it. */
export function callableTools({ caller, client, signal }: RequestContext, ask: Ask): Promise<Tool[]> {
  return ask({ origin: 'script', method: 'tools/list', caller, client, signal });
}

/** Tells the script to send instead: a model that reads it can go on. */
function toRefusal({ name, identifier }: CatalogTool, { params }: ToolCall): ToolResult {
  const args = params['arguments'];
  const line = scriptLine(name, identifier, isObject(args) ? args : {});
  const text =
    `${name} cannot be called directly: this server takes calls of tools from scripts alone ` +
    `(codeMode.mode: enforced). Call ${scriptToolName} with this script:\n${line}`;
  return { content: [{ type: 'text', text }], isError: true };
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
