/** What code mode measures, and how a script's outcome becomes figures. */
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
}

/** Records one script in all four script instruments. */
export function recordScript(instruments: CodeModeInstruments, run: ScriptFigures): void {
  const { status, durationMs, toolCalls, parallelBranches } = run;
  instruments.scriptExecutions.add(1, { status });
  instruments.scriptDuration.record(durationMs / 1000, { status });
  instruments.scriptToolCalls.record(toolCalls);
  instruments.scriptParallelGoroutines.add(parallelBranches);
}

/** Has the gauge read whether code mode is enabled on the server that the configuration now in force names. */
export function observeCodeMode(
  { codeModeEnabled }: CodeModeInstruments,
  inForce: () => { readonly serverName: string; readonly enabled: boolean },
): void {
  codeModeEnabled.observe(() => {
    const { serverName, enabled } = inForce();
    return [{ value: enabled ? 1 : 0, attributes: { vmcp_server_name: serverName } }];
  });
}
