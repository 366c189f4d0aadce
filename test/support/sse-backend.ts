import type { JSONRPCMessage, McpServer, Transport } from '@modelcontextprotocol/server';
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** HTTP+SSE of 2024-11-05, which the SDK no longer serves: answers on one stream, requests posted beside it. */
class SseServerTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly sessionId: string = randomUUID();
  readonly #stream: ServerResponse;

  constructor(stream: ServerResponse) {
    this.#stream = stream;
    stream.on('close', () => this.onclose?.());
  }

  start(): Promise<void> {
    this.#stream.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    this.#stream.write(`event: endpoint\ndata: /message?session=${this.sessionId}\n\n`);
    return Promise.resolve();
  }

  send(message: JSONRPCMessage): Promise<void> {
    this.#stream.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#stream.end();
    return Promise.resolve();
  }
}

export interface SseBackend {
  readonly url: string;
  readonly sessionServers: ReadonlySet<McpServer>;
  close(): Promise<void>;
}

/** Serves HTTP+SSE on a free loopback port, a server object for each stream. */
export async function serveSse(createMcpServer: () => McpServer): Promise<SseBackend> {
  const transports = new Map<string, SseServerTransport>();
  const sessionServers = new Set<McpServer>();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(String(request.url), 'http://localhost');
    if (request.method === 'GET' && pathname === '/sse') {
      const transport = new SseServerTransport(response);
      const server = createMcpServer();
      await server.connect(transport);
      transports.set(transport.sessionId, transport);
      sessionServers.add(server);
      response.on('close', () => sessionServers.delete(server));
      return;
    }
    const transport = transports.get(String(searchParams.get('session')));
    if (request.method !== 'POST' || !transport) return void response.writeHead(404).end();
    const message = (await json(request)) as JSONRPCMessage;
    response.writeHead(202).end();
    transport.onmessage?.(message);
  }

  const listener = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}/sse`,
    sessionServers,
    async close() {
      listener.closeAllConnections();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}
