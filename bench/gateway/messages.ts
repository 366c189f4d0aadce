/** The requests that the bench sends and the answers of its backend, in both revisions of the protocol. */
export type BenchRevision = '2025-11-25' | '2026-07-28';

const modernMeta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** A JSON-RPC request as text. */
export function requestText(revision: BenchRevision, method: string, params: object): string {
  const meta = revision === '2026-07-28' ? { _meta: modernMeta } : {};
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, ...meta } });
}

export const initializeText: string = JSON.stringify({
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'bench', version: '1' },
  },
});

export const initializedText: string = '{"jsonrpc":"2.0","method":"notifications/initialized"}';

/** The headers of a request; `session` for revisions that have one. */
export function requestHeaders(
  revision: BenchRevision,
  method: string,
  name: string | undefined,
  session: string | undefined,
): Record<string, string> {
  return {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': revision,
    ...(revision === '2026-07-28' ? { 'mcp-method': method, ...(name ? { 'mcp-name': name } : {}) } : {}),
    ...(session ? { 'mcp-session-id': session } : {}),
  };
}

/** The result of a method as the bench's backend gives it; undefined where it knows no such method. */
export function resultOf(
  { method, params }: { method: string; params?: { protocolVersion?: string } },
  toolNames: readonly string[],
): object | undefined {
  const about = { capabilities: { tools: {} }, serverInfo: { name: 'bench-backend', version: '1' } };
  switch (method) {
    case 'initialize':
      return { protocolVersion: params?.protocolVersion, ...about }; // whatever the client speaks
    case 'server/discover':
      return {
        resultType: 'complete',
        supportedVersions: ['2026-07-28'],
        ttlMs: 60_000,
        cacheScope: 'public',
        ...about,
      };
    case 'ping':
      return {};
    case 'tools/list':
      return { resultType: 'complete', ttlMs: 60_000, cacheScope: 'public', tools: toolNames.map(toTool) };
    case 'tools/call':
      return { resultType: 'complete', content: [{ type: 'text', text: 'pong' }] };
    default:
      return undefined;
  }
}

function toTool(name: string): object {
  return {
    name,
    description: `Answers at once. This one is ${name}.`,
    inputSchema: {
      type: 'object',
      properties: { text: { type: 'string', description: 'Any text' }, limit: { type: 'integer' } },
      required: ['text'],
    },
  };
}
