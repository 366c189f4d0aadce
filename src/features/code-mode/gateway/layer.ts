/** The layer that adds `execute_tool_script` to any Gateway. */
import { passOn, type Caller, type Gateway, type Layer, type Tool } from '../../../gateway/index.ts';
import { type JsonObject } from '../../../protocol/index.ts';
import { Catalogs } from '../shared/catalog.ts';
import type { Catalog } from '../shared/catalog.ts';
import { scriptToolName } from '../shared/names.ts';
import { defaultDescriptionLength, defaultLimits } from './options.ts';
import type { CodeModeOptions } from './options.ts';
import type { ScriptLimits } from '../shared/protocol.ts';
import { callScript } from './script-call.ts';

/**
 * Code mode: callers who may run scripts see one more tool, whose description lists exactly the tools that they see
 * beside it. A script's own calls go to `inner`, like any call of that caller's. Everything else is handed on untouched.
 */
export function codeMode(options: CodeModeOptions): Layer {
  return (inner) => withScripts(inner, options);
}

function withScripts(inner: Gateway, options: CodeModeOptions): Gateway {
  const limits = limitsOf(options);
  const catalogs = new Catalogs({
    ...limits,
    maxDescriptionLength: options.maxDescriptionLength ?? defaultDescriptionLength,
  });
  const told = new WeakSet<Catalog>();
  // One list for each that is shown without scripts, so that whoever keeps what it made of a list knows it again.
  const extended = new WeakMap<readonly Tool[], Tool[]>();
  const mayRun = async (caller: Caller): Promise<boolean> => (await options.mayRun?.(caller)) ?? true;
  const catalogFor = (tools: readonly Tool[]): Catalog => {
    const catalog = catalogs.of(tools);
    if (catalog.refusedTool && !told.has(catalog)) {
      told.add(catalog);
      options.onRefusedTool?.(scriptToolName);
    }
    return catalog;
  };
  const extend = (tools: readonly Tool[]): Tool[] => {
    let list = extended.get(tools);
    if (list === undefined)
      extended.set(tools, (list = withScriptTool(tools, catalogFor(tools).description)));
    return list;
  };
  return {
    ...passOn(inner),
    listTools: async (caller) => {
      if (!(await mayRun(caller))) return await inner.listTools(caller);
      const tools = await inner.listTools(caller);
      return extend(tools);
    },
    callTool: async (call) => {
      if (call.name !== scriptToolName || !(await mayRun(call.caller))) return await inner.callTool(call);
      return await callScript(call, {
        inner,
        limits,
        hooks: options,
        catalogOf: async ({ caller }) => catalogFor(await inner.listTools(caller)),
      });
    },
    capabilities: async (caller) => {
      const capabilities = await inner.capabilities(caller);
      if (capabilities['tools'] !== undefined || !(await mayRun(caller))) return capabilities;
      return { ...capabilities, tools: { listChanged: true } };
    },
  };
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

/** A backend's tool of that name is left out: a client could not tell which of the two would answer. */
function withScriptTool(tools: readonly Tool[], description: string): Tool[] {
  const others = tools.filter((tool) => tool.name !== scriptToolName);
  const position = others.findIndex((tool) => tool.name > scriptToolName);
  return others.toSpliced(position === -1 ? others.length : position, 0, scriptTool(description));
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
