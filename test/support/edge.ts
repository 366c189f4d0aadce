import { after, beforeEach } from 'node:test';
import { createListener, probeRoutes } from '../../src/http/index.ts';
import { anonymous, type Occurrence } from '../../src/gateway/index.ts';
import type { ListenerTimeouts } from '../../src/http/index.ts';
import { createMcpEndpoint } from '../../src/mcp/server/index.ts';
import type { ChangedList, McpEndpoint, McpEndpointOptions, Operation } from '../../src/mcp/server/index.ts';
import { edgeTools } from '../fixtures/edge-tools.ts';
import { FakeGateway } from '../fixtures/fake-gateway.ts';
import type { FakeTool } from '../fixtures/fake-gateway.ts';

export interface EdgeOptions extends Partial<Omit<McpEndpointOptions, 'gateway'>> {
  readonly tools?: Record<string, FakeTool>;
  readonly timeouts?: Partial<ListenerTimeouts>;
}

/** The gateway's client side over HTTP, in front of a Gateway in memory. */
export interface Edge {
  /** The gateway in force at first. */
  readonly gateway: FakeGateway;
  /** Puts another gateway in force, as a reload does. */
  swap(next: FakeGateway, changed: readonly ChangedList[]): void;
  readonly endpoint: McpEndpoint;
  /** The MCP path. */
  readonly url: URL;
  readonly origin: string;
  readonly operations: Operation[];
  /** What it told of that passes no stage. */
  readonly occurrences: Occurrence[];
  /** Errors that no client was told of. A test that expects none should look. */
  readonly faults: unknown[];
  /** How many clients were gone before their answer's end, as far as the server has noticed. */
  brokenOff(): number;
  /** Idempotent. */
  close(): Promise<void>;
}

/** The edge that all tests of a file share: closed after the last, and what its gateway was told forgotten before each. */
export async function edgeOfFile(): Promise<Edge> {
  const edge = await startEdge({ tools: edgeTools, limits: { slowAnswerMs: 50 } });
  after(() => edge.close());
  beforeEach(() => {
    edge.gateway.calls.length = 0;
  });
  return edge;
}

/** Starts an edge on a free loopback port. The caller closes it, in a hook, so that a test that fails ends. */
export async function startEdge({ tools, timeouts, ...options }: EdgeOptions = {}): Promise<Edge> {
  const gateway = new FakeGateway(tools);
  let inForce = gateway;
  const operations: Operation[] = [];
  const occurrences: Occurrence[] = [];
  const faults: unknown[] = [];
  const endpoint = createMcpEndpoint({
    gateway: () => inForce,
    serverInfo: { name: 'edge', version: '1.0.0' },
    authenticator: () => ({
      authenticate: ({ headers }) => ({
        principal: { ...anonymous, subject: String(headers['x-subject'] ?? 'anonymous') },
      }),
      authenticateStdio: () => anonymous,
      statusRequiresAuth: false,
    }),
    onOperation: (operation) => void operations.push(operation),
    onOccurrence: (occurrence) => void occurrences.push(occurrence),
    onFault: (fault) => void faults.push(fault),
    ...options,
  });
  let brokenOff = 0;
  const handle: typeof endpoint.handle = (request, response) => {
    response.once('close', () => (brokenOff += response.writableFinished ? 0 : 1));
    endpoint.handle(request, response);
  };
  const probes = probeRoutes({
    ready: () => true,
    status: () => ({ status: 200, body: { name: 'edge' } }),
    title: 'edge',
  });
  const listener = await createListener({
    host: '127.0.0.1',
    port: 0,
    routes: [{ path: '/mcp', handler: handle }, ...probes],
    ...(timeouts === undefined ? {} : { timeouts }),
  });
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await endpoint.close();
    await listener.close();
  };
  return {
    gateway,
    swap: (next, changed) => {
      inForce = next;
      endpoint.gatewaySwapped(() => changed);
    },
    endpoint,
    url: new URL('/mcp', listener.url),
    origin: listener.url,
    operations,
    occurrences,
    faults,
    brokenOff: () => brokenOff,
    close: () => (closed ??= close()),
  };
}
