/** The metrics of the gateway itself. Those of a feature stand in its own declaration. */
import { secondsBounds, type Declaration, type HistogramDeclaration } from './kit/declaration.ts';

/**
 * The scope of every meter and tracer. It is ToolHive's, letter for letter, so that Go and TypeScript instances of one
 * fleet report the same things.
 */
export const instrumentationName = 'github.com/stacklok/toolhive/pkg/vmcp';

/** The tool that ran: the script tool, or any other. */
export const callMethods = ['execute_tool_script', 'tool_call'] as const;
export type CallMethod = (typeof callMethods)[number];

/** The outcome of a client's tool call. */
export const callStatuses = ['success', 'error'] as const;
export type CallStatus = (typeof callStatuses)[number];

/** How the code calls each instrument. */
type PlainKey =
  | 'toolCalls'
  | 'backendsDiscovered'
  | 'backendsUnavailable'
  | 'configRejected'
  | 'backendRequests'
  | 'backendErrors';
type HistogramKey = 'backendRequestsDuration' | 'clientOperationDuration' | 'serverOperationDuration';
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
  toolCalls: {
    name: 'toolhive_vmcp_tool_calls',
    kind: 'counter',
    description: 'Total number of tool calls asked for by clients, by the tool that ran and by outcome',
    attributes: { method: callMethods, status: callStatuses },
  },
  backendsDiscovered: {
    name: 'toolhive_vmcp_backends_discovered',
    kind: 'gauge',
    description: 'Number of backends discovered',
    attributes: {},
  },
  backendsUnavailable: {
    name: 'toolhive_vmcp_backends_unavailable',
    kind: 'gauge',
    description: 'Number of backends discovered that do not serve at present',
    attributes: {},
  },
  configRejected: {
    name: 'toolhive_vmcp_config_rejected',
    kind: 'gauge',
    description:
      'Whether the configuration was changed and refused, so that the one before it serves: 1 when it was, else 0',
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
