/** Requests by hand, for what no well-behaved client does: hanging up, staying silent, ending a session in mid-call. */
import type { ClientRevision } from './clients.ts';

const modernMeta = (capabilities: object): object => ({
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': capabilities,
});

export interface RawRequest {
  readonly method: string;
  readonly params?: object;
  readonly session?: string | undefined;
  readonly capabilities?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Posts one JSON-RPC request, well-formed for its revision. Aborting the signal closes the connection. */
export function rawRequest(url: URL, revision: ClientRevision, request: RawRequest): Promise<Response> {
  const { method, params = {}, session, capabilities = {}, headers, signal } = request;
  const modern = revision === '2026-07-28';
  const name = (params as { name?: string }).name;
  const body = JSON.stringify({
    jsonrpc: '2.0',
    ...(method.startsWith('notifications/') ? {} : { id: 1 }),
    method,
    params: modern ? { ...params, _meta: modernMeta(capabilities) } : params,
  });
  return fetch(url, {
    method: 'POST',
    body,
    ...(signal ? { signal } : {}),
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': revision,
      ...(modern ? { 'mcp-method': method, ...(name === undefined ? {} : { 'mcp-name': name }) } : {}),
      ...(session === undefined ? {} : { 'mcp-session-id': session }),
      ...headers,
    },
  });
}

/** Opens a 2025-11-25 session and returns its id. */
export async function openRawSession(url: URL): Promise<string> {
  const clientInfo = { name: 'raw', version: '1' };
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
  const response = await rawRequest(url, '2025-11-25', { method: 'initialize', params });
  const session = response.headers.get('mcp-session-id');
  await response.text();
  if (session === null) throw new Error(`initialize was answered ${response.status} without a session`);
  const ready = await rawRequest(url, '2025-11-25', { method: 'notifications/initialized', session });
  await ready.text();
  return session;
}

/** Ends a session as its client does. */
export async function endRawSession(url: URL, session: string): Promise<void> {
  const response = await fetch(url, { method: 'DELETE', headers: { 'mcp-session-id': session } });
  await response.text();
}
