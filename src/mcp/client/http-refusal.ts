import type { ProtocolError } from '../../gateway/index.ts';
import { BackendError } from '../../gateway/index.ts';
import { isObject, toProtocolError } from '../wire/jsonrpc.ts';
import type { HttpHead } from './http-call.ts';

/** An HTTP status that tells of no answer. */
export class HttpRefusal extends BackendError {
  readonly status: number;
  constructor(backend: string, status: number, message: string) {
    const code = status === 401 || status === 403 ? 'unauthorized' : 'http-status';
    super(code, backend, message, { mayHaveRun: status >= 500 && status !== 503 });
    this.name = 'HttpRefusal';
    this.status = status;
  }
}

/** The backend no longer knows the session: it must be opened anew, and the request certainly did not run. */
export class SessionExpired extends BackendError {
  constructor(backend: string) {
    super('disconnected', backend, 'no longer knows the session', { mayHaveRun: false });
    this.name = 'SessionExpired';
  }
}

/**
 * What an HTTP error status means. A JSON-RPC error in the body is the backend's own and passes through, but for the
 * statuses that speak of the way to the backend.
 */
export function toRefusal(
  backend: string,
  head: HttpHead,
  body: string,
  hadSession: boolean,
): BackendError | ProtocolError {
  const { status } = head;
  if (status === 401 || status === 403) {
    return new HttpRefusal(backend, status, `refused the gateway's credentials (HTTP ${status})`);
  }
  if (hadSession && isUnknownSession(status, body)) return new SessionExpired(backend);
  return rpcErrorIn(body) ?? new HttpRefusal(backend, status, describe(head));
}

/** The specification asks for 404; some servers answer 400 and say so in words. */
function isUnknownSession(status: number, body: string): boolean {
  return status === 404 || (status === 400 && /\bsession\b/i.test(body));
}

function rpcErrorIn(body: string): ProtocolError | undefined {
  if (!body.trimStart().startsWith('{')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  const error = isObject(value) && value['jsonrpc'] === '2.0' ? value['error'] : undefined;
  if (!isObject(error)) return undefined;
  const { code, message, data } = error;
  if (typeof code !== 'number' || typeof message !== 'string') return undefined;
  return toProtocolError({ code, message, ...(data === undefined ? {} : { data }) });
}

function describe(head: HttpHead): string {
  const { status } = head;
  if (status === 429) {
    const after = head.header('retry-after');
    return `is rate limited (HTTP 429${after === undefined ? '' : `, retry after ${after.slice(0, 40)}`})`;
  }
  if (status >= 300 && status < 400) {
    return `redirects elsewhere (HTTP ${status}), which is not followed: set its "url" to the final address`;
  }
  if (status === 404 || status === 405) {
    return `does not serve MCP at its "url" (HTTP ${status}): check the path, and whether "transport" should be "sse"`;
  }
  return `answered HTTP ${status}`;
}
