import {
  createMcpHandler,
  isLegacyRequest,
  type EventStore,
  type JSONRPCMessage,
  type McpServer,
  type ServerNotifier,
} from '@modelcontextprotocol/server';
import {
  localhostHostValidation,
  localhostOriginValidation,
  NodeStreamableHTTPServerTransport,
  toNodeHandler,
  toWebRequest,
  type NodeIncomingMessageLike,
} from '@modelcontextprotocol/node';
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Remembers what each stream carried, so that a client whose stream was closed can ask for the rest. */
class StreamMemory implements EventStore {
  readonly #events: { id: string; streamId: string; message: JSONRPCMessage }[] = [];

  storeEvent(streamId: string, message: JSONRPCMessage): Promise<string> {
    const id = `${streamId}_${this.#events.length}`;
    this.#events.push({ id, streamId, message });
    return Promise.resolve(id);
  }

  async replayEventsAfter(
    lastEventId: string,
    { send }: { send: (eventId: string, message: JSONRPCMessage) => Promise<void> },
  ): Promise<string> {
    const last = this.#events.findIndex(({ id }) => id === lastEventId);
    const streamId = this.#events[last]?.streamId ?? '';
    for (const event of this.#events.slice(last + 1)) {
      if (event.streamId === streamId) await send(event.id, event.message);
    }
    return streamId;
  }
}

/** An MCP server of the official SDK on a port of its own. */
export interface HttpBackend {
  readonly url: string;
  /** Tells every listener of 2026-07-28 that a list has changed. */
  readonly notifier: ServerNotifier;
  /** The server objects of live sessions (revisions with `initialize`). */
  readonly sessionServers: ReadonlySet<McpServer>;
  close(): Promise<void>;
}

export interface HttpBackendOptions {
  /** 0 picks a free one, and is the default. */
  readonly port?: number;
  /** Refuses clients of the other kind; serves both unless given. */
  readonly only?: 'sessions' | '2026-07-28';
  /** Stands before everything: answers a request itself, or lets it through. */
  readonly gate?: (req: IncomingMessage, res: ServerResponse, next: () => Promise<void>) => Promise<void>;
}

/** Listens on loopback: a session each for revisions with `initialize`, a server object per request for 2026-07-28. */
export async function serveHttp(
  createMcpServer: () => McpServer,
  options: HttpBackendOptions = {},
): Promise<HttpBackend> {
  const modern = createMcpHandler(createMcpServer, { legacy: 'reject' });
  const handleModern = toNodeHandler(modern);
  const sessions = new Sessions(createMcpServer);
  const hostIsFine = localhostHostValidation();
  const originIsFine = localhostOriginValidation();

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    if (!hostIsFine(req, res) || !originIsFine(req, res)) return;
    const body = req.method === 'POST' ? parse(await readBody(req)) : undefined;
    const message = req as NodeIncomingMessageLike; // Node types what may be missing as `| undefined`, the SDK as optional
    const legacy =
      options.only === 'sessions' || (await isLegacyRequest(await toWebRequest(message, body), body));
    if (legacy && options.only !== '2026-07-28') return sessions.handle(req, res, body);
    return handleModern(message, res, body);
  }

  const { gate = (_req, _res, next) => next() } = options;
  const listener = createServer((req, res) => {
    gate(req, res, () => handle(req, res)).catch((error: unknown) => res.destroy(error as Error));
  });
  await new Promise<void>((resolve) => listener.listen(options.port ?? 0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}/mcp`,
    notifier: modern.notify,
    sessionServers: sessions.servers,
    async close() {
      await modern.close();
      await sessions.close();
      listener.closeAllConnections();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

/** Streamable HTTP with `Mcp-Session-Id`: one transport and one server object for each client. */
class Sessions {
  readonly servers: Set<McpServer> = new Set();
  readonly #transports = new Map<string, NodeStreamableHTTPServerTransport>();
  readonly #createMcpServer: () => McpServer;

  constructor(createMcpServer: () => McpServer) {
    this.#createMcpServer = createMcpServer;
  }

  async handle(req: IncomingMessage, res: ServerResponse, body: unknown): Promise<void> {
    const id = req.headers['mcp-session-id'];
    const known = this.#transports.get(String(id));
    if (known) return known.handleRequest(req, res, body);
    if (id !== undefined) return void res.writeHead(404).end();
    await (await this.#open()).handleRequest(req, res, body);
  }

  async close(): Promise<void> {
    for (const transport of this.#transports.values()) await transport.close();
  }

  async #open(): Promise<NodeStreamableHTTPServerTransport> {
    const server = this.#createMcpServer();
    const transport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      eventStore: new StreamMemory(),
      retryInterval: 50,
      onsessioninitialized: (id) => {
        this.#transports.set(id, transport);
        this.servers.add(server);
      },
      onsessionclosed: (id) => {
        this.#transports.delete(id);
        this.servers.delete(server);
      },
    });
    await server.connect(transport);
    return transport;
  }
}

async function readBody(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // the SDK's own answer to a body that is no JSON
  }
}
