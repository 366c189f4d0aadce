/**
 * The client that the suite's client side starts: a vmcp in front of the suite's server, and an official client that
 * uses everything it finds there. `node client-through-vmcp.ts URL`; the scenario's name and data come by environment.
 * The client speaks 2025-11-25, so that whatever 2026-07-28 asks of a client is vmcp's own doing.
 */
import type { Client, Tool } from '@modelcontextprotocol/client';
import { connectHttp } from '../support/clients.ts';
import { startVmcp } from '../support/vmcp.ts';

interface ScenarioContext {
  readonly toolCalls?: readonly { readonly name: string; readonly arguments: Record<string, unknown> }[];
}

const url = String(process.argv.at(-1));
const context = JSON.parse(process.env['MCP_CONFORMANCE_CONTEXT'] ?? '{}') as ScenarioContext;

function argumentsFor(tool: Tool, tools: readonly Tool[]): Record<string, unknown> {
  const given = context.toolCalls?.find(({ name }) => name === tool.name);
  if (given) return given.arguments;
  const properties = Object.keys(tool.inputSchema.properties ?? {});
  if (properties.includes('schema'))
    return { schema: tools.find(({ name }) => name !== tool.name)?.inputSchema };
  if (properties.includes('region')) return { region: 'eu' };
  return properties.includes('a') ? { a: 2, b: 3 } : {};
}

/** Whether a single thing works is the suite's to judge; one that fails must not keep it from seeing the others. */
async function attempt(what: string, act: () => Promise<unknown>): Promise<void> {
  await act().catch((error: unknown) => process.stderr.write(`${what}: ${String(error)}\n`));
}

async function useEverything(client: Client): Promise<void> {
  const { tools } = await client.listTools();
  for (const tool of tools) {
    const args = argumentsFor(tool, tools);
    await attempt(tool.name, () => client.callTool({ name: tool.name, arguments: args }));
  }
  const { resources } = await client.listResources().catch(() => ({ resources: [] }));
  for (const { uri } of resources) await attempt(uri, () => client.readResource({ uri }));
  const { prompts } = await client.listPrompts().catch(() => ({ prompts: [] }));
  for (const { name } of prompts) await attempt(name, () => client.getPrompt({ name }));
}

const vmcp = await startVmcp({
  name: 'conformance-client',
  backends: [{ name: 'suite', url, transport: 'streamable-http' }],
  aggregation: { conflictResolution: 'priority', conflictResolutionConfig: { priorityOrder: ['suite'] } },
});
try {
  await vmcp.status(({ backends }) => backends.every(({ health }) => health === 'healthy'));
  const client = await connectHttp(vmcp.mcpUrl, '2025-11-25', {
    capabilities: { elicitation: { form: { applyDefaults: true } }, sampling: {}, roots: {} },
    onConnecting: (connecting) =>
      connecting.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: {} })),
  });
  await useEverything(client);
  await client.close();
} finally {
  await vmcp.stop();
}
