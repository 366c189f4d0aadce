/**
 * Every metric of the server, declared once. Instruments are created from this table, `/metrics` takes its HELP and TYPE
 * from it, and a test holds every metric and label named in a rule, a dashboard or the docs against it.
 *
 * Names are those of OTLP. `/metrics` appends `_seconds` where the unit is `s` and `_total` to counters.
 */

/**
 * The scope of every meter and tracer. It is ToolHive's, letter for letter, so that Go and TypeScript instances of one
 * fleet report the same things.
 */
export const instrumentationName = 'github.com/stacklok/toolhive/pkg/vmcp';

/** Upper bounds of duration histograms, in seconds: those of OpenTelemetry's MCP conventions. */
const secondsBounds: readonly number[] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];

/** The tool that ran: the script tool, or any other. */
export const callMethods = ['execute_tool_script', 'tool_call'] as const;
export type CallMethod = (typeof callMethods)[number];

/** The outcome of a client's tool call. */
export const callStatuses = ['success', 'error'] as const;
export type CallStatus = (typeof callStatuses)[number];

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

/** What a label may hold: one of a closed list, or a name that the configuration or a backend gives. Never a client's. */
type LabelValues = readonly string[] | 'configured';

/** One instrument. */
export interface Declaration {
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly description: string;
  readonly unit?: 's';
  /** Attribute keys as in OTLP, with what they may hold. Empty when the instrument has one series. */
  readonly attributes: Readonly<Record<string, LabelValues>>;
}

export interface HistogramDeclaration extends Declaration {
  readonly kind: 'histogram';
  /** Upper bounds of the buckets, ascending, without the infinite one. */
  readonly bounds: readonly number[];
}

/** How the code calls each instrument. */
type PlainKey =
  | 'codeModeEnabled'
  | 'toolCalls'
  | 'scriptExecutions'
  | 'scriptParallelGoroutines'
  | 'backendsDiscovered'
  | 'backendRequests'
  | 'backendErrors';
type HistogramKey =
  | 'scriptDuration'
  | 'scriptToolCalls'
  | 'backendRequestsDuration'
  | 'clientOperationDuration'
  | 'serverOperationDuration';
type Declarations = Readonly<Record<PlainKey, Declaration> & Record<HistogramKey, HistogramDeclaration>>;

const backendAttributes = {
  'target.workload_name': 'configured',
  'target.transport_type': 'configured',
  action: 'configured',
  'mcp.method.name': 'configured',
  tool_name: 'configured',
} as const;

const operationAttributes = {
  'mcp.method.name': 'configured',
  'gen_ai.operation.name': ['execute_tool'],
  'gen_ai.tool.name': 'configured',
  'error.type': 'configured',
} as const;

/** The table; `name` is what the world sees. */
export const declarations: Declarations = {
  codeModeEnabled: {
    name: 'toolhive_vmcp_code_mode_enabled',
    kind: 'gauge',
    description: 'Whether code mode is enabled on this virtual MCP server: 1 when it is, else 0',
    attributes: { vmcp_server_name: 'configured' },
  },
  toolCalls: {
    name: 'toolhive_vmcp_tool_calls',
    kind: 'counter',
    description: 'Total number of tool calls asked for by clients, by the tool that ran and by outcome',
    attributes: { method: callMethods, status: callStatuses },
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
  backendsDiscovered: {
    name: 'toolhive_vmcp_backends_discovered',
    kind: 'gauge',
    description: 'Number of backends discovered',
    attributes: {},
  },
  backendRequests: {
    name: 'toolhive_vmcp_backend_requests',
    kind: 'counter',
    description: 'Total number of requests per backend',
    attributes: backendAttributes,
  },
  backendErrors: {
    name: 'toolhive_vmcp_backend_errors',
    kind: 'counter',
    description: 'Total number of errors per backend',
    attributes: backendAttributes,
  },
  backendRequestsDuration: {
    name: 'toolhive_vmcp_backend_requests_duration',
    kind: 'histogram',
    unit: 's',
    description: 'Duration of requests in seconds per backend',
    attributes: backendAttributes,
    bounds: secondsBounds,
  },
  clientOperationDuration: {
    name: 'mcp.client.operation.duration',
    kind: 'histogram',
    unit: 's',
    description: 'Duration of MCP client operations',
    attributes: {
      ...operationAttributes,
      'target.workload_name': 'configured',
      'network.transport': ['pipe', 'tcp'],
    },
    bounds: secondsBounds,
  },
  serverOperationDuration: {
    name: 'mcp.server.operation.duration',
    kind: 'histogram',
    unit: 's',
    description: 'Duration of MCP server operations',
    attributes: operationAttributes,
    bounds: secondsBounds,
  },
};
