/** The client side of vmcp in front of a Gateway that answers at once. Prints the port it listens on. */
import { anonymous } from '../../src/gateway/index.ts';
import { createListener } from '../../src/http/index.ts';
import { createMcpEndpoint } from '../../src/mcp/server/index.ts';
import { FakeGateway } from '../../test/fixtures/fake-gateway.ts';

const gateway = new FakeGateway({ ping: () => ({ content: [{ type: 'text', text: 'pong' }] }) });
// What it was asked is of no interest here, and would fill the heap.
gateway.calls.push = () => 0;
const count = Number(process.argv[2] ?? 0);
if (count > 0) {
  gateway.listed = Array.from({ length: count }, (_, index) => ({
    name: `backend_${index % 50}_tool_${index}`,
    description: `Does what tool number ${index} does, and says so in a sentence of an ordinary length.`,
    inputSchema: {
      type: 'object',
      properties: {
        text: { type: 'string', description: 'Any text' },
        limit: { type: 'integer', minimum: 1 },
      },
      required: ['text'],
    },
  }));
}
const endpoint = createMcpEndpoint({
  gateway: () => gateway,
  serverInfo: { name: 'bench', version: '1' },
  authenticator: () => ({
    authenticate: () => ({ principal: anonymous }),
    authenticateStdio: () => anonymous,
    statusRequiresAuth: false,
  }),
});
const { port } = await createListener({
  host: '127.0.0.1',
  port: 0,
  routes: [{ path: '/mcp', handler: endpoint.handle }],
});
process.stdout.write(`${port}\n`);
