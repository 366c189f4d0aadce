import type { BackendRequest, BackendRequestRecord, BackendTransport } from './backend.ts';
import { BackendError } from './backend.ts';
import { ProtocolError } from '../../protocol/index.ts';

/** What the metrics hear of one request that reached a backend. */
export function toOutcome(
  backend: { readonly name: string; readonly transport: BackendTransport },
  request: BackendRequest,
  durationMs: number,
  error?: unknown,
): BackendRequestRecord {
  const toolName = request.method === 'tools/call' ? request.params['name'] : undefined;
  const { name, transport } = backend;
  const { method } = request;
  const record = { backend: name, transport, method, durationMs };
  const named = typeof toolName === 'string' ? { ...record, toolName } : record;
  return error === undefined ? named : { ...named, error: kindOf(error) };
}

function kindOf(error: unknown): NonNullable<BackendRequestRecord['error']> {
  if (error instanceof ProtocolError) return 'protocol';
  if (!(error instanceof BackendError)) return 'cancelled';
  return error.code === 'timeout' ? 'timeout' : 'unreachable';
}
