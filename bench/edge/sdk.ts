/** The official SDK's server with the same tool, as its own documentation sets it up. Prints the port it listens on. */
import { toNodeHandler } from '@modelcontextprotocol/node';
import { McpServer, createMcpHandler } from '@modelcontextprotocol/server';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';

const handler = createMcpHandler(() => {
  const server = new McpServer({ name: 'bench', version: '1' });
  server.registerTool('ping', { description: 'Answers at once' }, () => ({
    content: [{ type: 'text', text: 'pong' }],
  }));
  return server;
});
// Its type leaves out that Node's own properties may be undefined.
const serve = toNodeHandler(handler) as (request: IncomingMessage, response: ServerResponse) => Promise<void>;
const server = createServer((request, response) => void serve(request, response));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : address}\n`);
});
