import { declarations } from './declarations.ts';
import { CounterSeries, HistogramSeries, type SeriesAttributes, SeriesTable } from './series.ts';

/** What the client towards the backends reports of one request, when it is over. */
export interface BackendRequest {
  /** The backend's name in the configuration. */
  readonly backend: string;
  readonly transport: 'stdio' | 'streamable-http' | 'sse';
  /** The JSON-RPC method. */
  readonly method: string;
  /** For `tools/call` only: the name the backend itself has for its tool. Never a name that only a client has said. */
  readonly toolName?: string;
  readonly durationMs: number;
  /** Present when there was no result. A tool's `isError` is a result. */
  readonly error?: 'cancelled' | 'timeout' | 'unreachable' | 'protocol';
}

/** One request of a client, as the edge sees it. */
export interface ServerOperation {
  readonly method: string;
  /** For `tools/call` only, and only the name of a tool that exists. */
  readonly toolName?: string | undefined;
  readonly durationMs: number;
  /** Present when it failed: see `toErrorType`. */
  readonly errorType?: string | undefined;
}

/** Records requests to backends and operations of clients, per tool. A record costs some hundred nanoseconds. */
export interface OperationSeries {
  recordBackendRequest(request: BackendRequest): void;
  recordServerOperation(operation: ServerOperation): void;
  readonly counters: readonly SeriesTable<CounterSeries>[];
  readonly histograms: readonly SeriesTable<HistogramSeries>[];
}

/** Methods that may stand in a label; any other becomes `_OTHER`. With ToolHive's name of the action where it has one. */
const actions: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'call_tool'],
  ['resources/read', 'read_resource'],
  ['prompts/get', 'get_prompt'],
  ['tools/list', 'list_capabilities'],
  ['resources/list', 'list_capabilities'],
  ['resources/templates/list', 'list_capabilities'],
  ['prompts/list', 'list_capabilities'],
  ['initialize', 'initialize'],
  ['server/discover', 'discover'],
  ['ping', 'ping'],
  ['completion/complete', 'complete'],
  ['logging/setLevel', 'set_level'],
  ['resources/subscribe', 'subscribe'],
  ['resources/unsubscribe', 'unsubscribe'],
  ['subscriptions/listen', 'listen'],
  ['tasks/get', 'get_task'],
  ['tasks/result', 'get_task_result'],
  ['tasks/list', 'list_tasks'],
  ['tasks/cancel', 'cancel_task'],
  ['tasks/update', 'update_task'],
]);

/** The series that one request to a backend touches; those of failures are made when there is one. */
interface BackendSeries {
  readonly requests: CounterSeries;
  readonly duration: HistogramSeries;
  errors?: CounterSeries;
  readonly operations: Map<string | undefined, HistogramSeries>;
}

export function createOperationSeries(): OperationSeries {
  const requests = new SeriesTable<CounterSeries>(declarations.backendRequests);
  const errors = new SeriesTable<CounterSeries>(declarations.backendErrors);
  const durations = new SeriesTable<HistogramSeries>(declarations.backendRequestsDuration);
  const clientOperations = new SeriesTable<HistogramSeries>(declarations.clientOperationDuration);
  const serverOperations = new SeriesTable<HistogramSeries>(declarations.serverOperationDuration);
  // Nested by what tells series apart: looking up three short names is cheaper than making one long key of them.
  const backendSeries: Nested<string, BackendSeries> = new Map();
  const serverSeries: Nested<string | undefined, HistogramSeries> = new Map();

  function createBackendSeries(request: BackendRequest): BackendSeries {
    const attributes = toBackendAttributes(request);
    return {
      requests: requests.add(new CounterSeries(attributes)),
      duration: durations.add(new HistogramSeries(attributes, declarations.backendRequestsDuration.bounds)),
      operations: new Map(),
    };
  }

  function createClientSeries(request: BackendRequest): HistogramSeries {
    const { bounds } = declarations.clientOperationDuration;
    return clientOperations.add(new HistogramSeries(toClientAttributes(request), bounds));
  }

  function createServerSeries(operation: ServerOperation): HistogramSeries {
    const { bounds } = declarations.serverOperationDuration;
    return serverOperations.add(new HistogramSeries(toOperationAttributes(operation), bounds));
  }

  return {
    counters: [requests, errors],
    histograms: [durations, clientOperations, serverOperations],
    recordBackendRequest(request) {
      const { backend, method, toolName = '', error } = request;
      const ofBackend = backendSeries.get(backend) ?? add(backendSeries, backend, new Map());
      const ofMethod = ofBackend.get(boundMethod(method)) ?? add(ofBackend, boundMethod(method), new Map());
      const series = ofMethod.get(toolName) ?? add(ofMethod, toolName, createBackendSeries(request));
      const seconds = request.durationMs / 1000;
      series.requests.value++;
      series.duration.record(seconds);
      if (error !== undefined) {
        series.errors ??= errors.add(new CounterSeries(series.requests.attributes));
        series.errors.value++;
      }
      const operation =
        series.operations.get(error) ?? add(series.operations, error, createClientSeries(request));
      operation.record(seconds);
    },
    recordServerOperation(operation) {
      const { method, toolName, errorType } = operation;
      const ofMethod =
        serverSeries.get(boundMethod(method)) ?? add(serverSeries, boundMethod(method), new Map());
      const ofTool = ofMethod.get(toolName) ?? add(ofMethod, toolName, new Map());
      const series = ofTool.get(errorType) ?? add(ofTool, errorType, createServerSeries(operation));
      series.record(operation.durationMs / 1000);
    },
  };
}

function toBackendAttributes({ backend, transport, method, toolName }: BackendRequest): SeriesAttributes {
  return {
    'target.workload_name': backend,
    'target.transport_type': transport,
    action: actions.get(method) ?? '_OTHER',
    'mcp.method.name': boundMethod(method),
    ...(toolName !== undefined && { tool_name: toolName }),
  };
}

function toClientAttributes(request: BackendRequest): SeriesAttributes {
  return {
    ...toOperationAttributes({
      ...request,
      ...(request.error !== undefined && { errorType: request.error }),
    }),
    'target.workload_name': request.backend,
    'network.transport': request.transport === 'stdio' ? 'pipe' : 'tcp',
  };
}

function toOperationAttributes({
  method,
  toolName,
  errorType,
}: Omit<ServerOperation, 'durationMs'>): SeriesAttributes {
  return {
    'mcp.method.name': boundMethod(method),
    ...(method === 'tools/call' && { 'gen_ai.operation.name': 'execute_tool' }),
    ...(toolName !== undefined && { 'gen_ai.tool.name': toolName }),
    ...(errorType !== undefined && { 'error.type': errorType }),
  };
}

function boundMethod(method: string): string {
  return actions.has(method) ? method : '_OTHER';
}

type Nested<K, V> = Map<string, Map<K, Map<K, V>>>;

function add<K, V>(map: Map<K, V>, key: K, value: V): V {
  map.set(key, value);
  return value;
}
