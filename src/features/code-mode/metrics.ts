/** What code mode measures, and how a script's outcome becomes figures. */
import type { Tool } from '../../gateway/index.ts';
import { codeModes, type CodeModeName } from './modes.ts';
import { secondsBounds, type InstrumentsOf, type Metrics } from '../../telemetry/kit/index.ts';

/** The outcome of one script; `timeout` is `scriptTimeout` alone. */
export const scriptStatuses = [
  'success',
  'error',
  'timeout',
  'step_limit',
  'memory_limit',
  'cancelled',
] as const;
export type ScriptStatus = (typeof scriptStatuses)[number];

export const codeModeMetrics = {
  codeModeEnabled: {
    name: 'toolhive_vmcp_code_mode_enabled',
    kind: 'gauge',
    description: 'Whether code mode is enabled on this virtual MCP server: 1 when it is, else 0',
    attributes: { vmcp_server_name: 'configured' },
  },
  codeModeInfo: {
    name: 'toolhive_vmcp_code_mode_info',
    kind: 'gauge',
    description: 'Which mode of code mode is in force: 1 with its name, or with off',
    attributes: { mode: ['off', ...codeModes] },
  },
  codeModeRefusals: {
    name: 'toolhive_vmcp_code_mode_refusals',
    kind: 'counter',
    description: 'Total number of direct tool calls refused because code mode is enforced',
    attributes: {},
  },
  toolListBytes: {
    name: 'toolhive_vmcp_tool_list_bytes',
    kind: 'gauge',
    description: 'UTF-8 bytes of the shared tool list, of all tools and as shown to a client in code mode',
    attributes: { view: ['all', 'code_mode'] },
  },
  scriptExecutions: {
    name: 'toolhive_vmcp_script_executions',
    kind: 'counter',
    description: 'Total number of client calls of execute_tool_script, by how the script ended',
    attributes: { status: scriptStatuses },
  },
  scriptDuration: {
    name: 'toolhive_vmcp_script_duration',
    kind: 'histogram',
    unit: 's',
    description: 'Wall time of a script in seconds',
    attributes: { status: scriptStatuses },
    bounds: secondsBounds,
  },
  scriptToolCalls: {
    name: 'toolhive_vmcp_script_tool_calls',
    kind: 'histogram',
    description: 'Number of inner tool calls made by one script',
    attributes: {},
    bounds: [0, 1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000],
  },
  scriptToolCallDuration: {
    name: 'toolhive_vmcp_script_tool_call_duration',
    kind: 'histogram',
    unit: 's',
    description: 'Wall time of one inner tool call of a script in seconds',
    attributes: {},
    bounds: secondsBounds,
  },
  scriptResultBytes: {
    name: 'toolhive_vmcp_script_result_bytes',
    kind: 'counter',
    description: 'Total UTF-8 bytes that scripts received from tools, and that scripts answered to clients',
    attributes: { direction: ['tool', 'client'] },
  },
  savedScriptExecutions: {
    name: 'toolhive_vmcp_saved_script_executions',
    kind: 'counter',
    description: 'Total number of runs of tools that are saved scripts, by tool and by how the script ended',
    attributes: { tool_name: 'configured', status: scriptStatuses },
  },
  scriptParallelGoroutines: {
    name: 'toolhive_vmcp_script_parallel_goroutines',
    kind: 'counter',
    description: 'Total number of branches started by parallel()',
    attributes: {},
  },
} as const satisfies Metrics;

export type CodeModeInstruments = InstrumentsOf<typeof codeModeMetrics>;

/** What is recorded of one script, when its outcome is known. */
export interface ScriptFigures {
  readonly status: ScriptStatus;
  /** Wall time from the call to its outcome. */
  readonly durationMs: number;
  /** Inner tool calls handed to the funnel. */
  readonly toolCalls: number;
  /** Branches started by `parallel()`. */
  readonly parallelBranches: number;
  /** UTF-8 bytes of what tools answered and the script received. */
  readonly toolBytes: number;
  /** UTF-8 bytes of the text that the client was answered. */
  readonly clientBytes: number;
}

/** Records one script in every script instrument but that of single calls. */
export function recordScript(instruments: CodeModeInstruments, run: ScriptFigures): void {
  const { status, durationMs, toolCalls, parallelBranches, toolBytes, clientBytes } = run;
  instruments.scriptExecutions.add(1, { status });
  instruments.scriptDuration.record(durationMs / 1000, { status });
  instruments.scriptToolCalls.record(toolCalls);
  instruments.scriptParallelGoroutines.add(parallelBranches);
  instruments.scriptResultBytes.add(toolBytes, { direction: 'tool' });
  instruments.scriptResultBytes.add(clientBytes, { direction: 'client' });
}

/** What the gauges read of the configuration now in force. */
export interface CodeModeInForce {
  readonly serverName: string;
  /** `off` where code mode is not enabled. */
  readonly mode: CodeModeName | 'off';
  /** The shared list of all tools, and as a client in code mode sees it; the latter only while code mode is enabled. */
  toolLists(): { readonly all: readonly Tool[]; readonly codeMode?: readonly Tool[] };
}

/** Has the gauges read the configuration now in force. */
export function observeCodeMode(
  { codeModeEnabled, codeModeInfo, toolListBytes }: CodeModeInstruments,
  inForce: () => CodeModeInForce,
): void {
  codeModeEnabled.observe(() => {
    const { serverName, mode } = inForce();
    return [{ value: mode === 'off' ? 0 : 1, attributes: { vmcp_server_name: serverName } }];
  });
  codeModeInfo.observe(() => [{ value: 1, attributes: { mode: inForce().mode } }]);
  const sizes = new ListSizes();
  toolListBytes.observe(() => {
    const { all, codeMode } = inForce().toolLists();
    return [
      { value: sizes.of(all), attributes: { view: 'all' } },
      ...(codeMode === undefined ? [] : [{ value: sizes.of(codeMode), attributes: { view: 'code_mode' } }]),
    ];
  });
}

/** How long the JSON of lists is. A tool and a list are measured once: neither is ever changed in place. */
class ListSizes {
  readonly #ofTools = new WeakMap<Tool, number>();
  readonly #ofLists = new WeakMap<readonly Tool[], number>();

  /** UTF-8 bytes of `{"tools":[…]}`, unpaged. */
  of(tools: readonly Tool[]): number {
    let bytes = this.#ofLists.get(tools);
    if (bytes === undefined) {
      const commas = Math.max(0, tools.length - 1);
      bytes = tools.reduce((sum, tool) => sum + this.#ofTool(tool), '{"tools":[]}'.length + commas);
      this.#ofLists.set(tools, bytes);
    }
    return bytes;
  }

  #ofTool(tool: Tool): number {
    let bytes = this.#ofTools.get(tool);
    if (bytes === undefined) {
      bytes = Buffer.byteLength(JSON.stringify(tool));
      this.#ofTools.set(tool, bytes);
    }
    return bytes;
  }
}
