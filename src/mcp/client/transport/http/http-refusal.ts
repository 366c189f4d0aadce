import { errorCodes, type ProtocolError } from '../../../../protocol/index.ts';
import { BackendError } from '../../../../gateway/index.ts';
import { isObject, parseJson, toProtocolError } from '../../../wire/jsonrpc.ts';
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
    const what = `refused the gateway's credentials (HTTP ${status})`;
    return new HttpRefusal(backend, status, `${what}: check its "headers" and "outgoingAuth"`);
  }
  const answer = rpcErrorIn(body);
  if (hadSession && isUnknownSession(status, body, answer)) return new SessionExpired(backend);
  return answer?.error ?? new HttpRefusal(backend, status, describe(head));
}

/** The words in which servers say that they know no such session, one that has been started anew included. */
const ofSessions = /session|not initiali[sz]ed/i;

/**
 * The specification asks for 404; some servers answer 400 or 410 and say so in words. An error that names its request
 * is the answer to it: the request was taken, may have run, and is never sent again.
 */
function isUnknownSession(status: number, body: string, answer: RpcAnswer | undefined): boolean {
  if (answer?.namesRequest === true || answer?.error.code === errorCodes.methodNotFound) return false;
  return status === 404 || ((status === 400 || status === 410) && ofSessions.test(body));
}

/** A JSON-RPC error as a body. */
interface RpcAnswer {
  readonly error: ProtocolError;
  /** Whether it says to which request of the gateway's, whose ids are numbers, it is the answer. */
  readonly namesRequest: boolean;
}

function rpcErrorIn(body: string): RpcAnswer | undefined {
  if (!body.trimStart().startsWith('{')) return undefined;
  let value: unknown;
  try {
    value = parseJson(body);
  } catch {
    return undefined;
  }
  if (!isObject(value) || value['jsonrpc'] !== '2.0' || !isObject(value['error'])) return undefined;
  const { code, message, data } = value['error'];
  if (typeof code !== 'number' || typeof message !== 'string') return undefined;
  const error = toProtocolError({ code, message, ...(data === undefined ? {} : { data }) });
  return { error, namesRequest: typeof value['id'] === 'number' };
}

function describe(head: HttpHead): string {
  const { status } = head;
  if (status === 429) {
    const after = head.header('retry-after');
    return `is rate limited (HTTP 429${after === undefined ? '' : `, retry after ${after.slice(0, 40)}`})`;
  }
  if (status === 407) {
    return 'cannot be reached: the proxy on the way to it asks for credentials (HTTP 407): put a name and a password into its URL';
  }
  if (status >= 300 && status < 400) {
    return `redirects elsewhere (HTTP ${status}), which is not followed: set its "url" to the final address`;
  }
  if (status === 404 || status === 405) {
    return `does not serve MCP at its "url" (HTTP ${status}): check the path, and whether "transport" should be "sse"`;
  }
  return `answered HTTP ${status}`;
}
