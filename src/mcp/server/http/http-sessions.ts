import type { ServerResponse } from 'node:http';
import { errorCodes } from '../../../protocol/index.ts';
import type { ParsedMessage, RequestId, RpcNotification } from '../../wire/jsonrpc.ts';
import { errorText, resultText } from '../../wire/jsonrpc.ts';
import { headerNames, isKnownLegacyRevision, modernRevision, servedRevisions } from '../../wire/revisions.ts';
import type { HttpContext, IncomingRequest } from '../exchange/arrival.ts';
import { httpArrival } from '../exchange/arrival.ts';
import type { Core } from '../exchange/core.ts';
import { accepts } from './http-checks.ts';
import { HttpReply, sendJson } from './http-reply.ts';
import type { WaitingReplies } from './waiting-replies.ts';
import type { HttpSession } from './http-session.ts';
import type { LegacyServer } from '../sessions/session-server.ts';
import { refuse, refuseBusy } from './refusals.ts';
import type { Session } from '../sessions/session.ts';
import type { Sessions } from './sessions.ts';

/**
 * The revisions before 2026-07-28 over HTTP: sessions named by `Mcp-Session-Id`, a GET stream for what belongs to no
 * request, and streams that a client resumes after it lost its connection, which cancels nothing.
 *
 * https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http
 */
export class LegacyHttp {
  readonly #core: Core;
  readonly #server: LegacyServer;
  readonly #sessions: Sessions;
  readonly #waiting: WaitingReplies;

  constructor(core: Core, server: LegacyServer, sessions: Sessions, waiting: WaitingReplies) {
    this.#core = core;
    this.#server = server;
    this.#sessions = sessions;
    this.#waiting = waiting;
  }

  /** Opens a session and answers `initialize`. Never rejects. */
  async initialize({ message, fault }: IncomingRequest, http: HttpContext): Promise<void> {
    const { request, response } = http;
    const { id, params = {} } = message;
    if (request.headers[headerNames.protocolVersion] === modernRevision) {
      const text = `initialize is no method of revision ${modernRevision}, which MCP-Protocol-Version names`;
      return refuse(response, { status: 400, code: errorCodes.headerMismatch, message: text, id });
    }
    if (fault !== undefined || typeof params['protocolVersion'] !== 'string') {
      const text = fault ?? 'expected "protocolVersion" to be a string';
      return refuse(response, { status: 200, code: errorCodes.invalidParams, message: text, id });
    }
    const arrival = httpArrival(http, this.#core.options.forwardedHeaders);
    const session = this.#server.open(params, arrival);
    const added = this.#sessions.add(session, this.#core.now());
    if (added === undefined) return refuseBusy(response, 'too many sessions are open', 60, id);
    const { caller } = session;
    await this.#core.track({ method: 'initialize', caller, arrival }, async () => {
      try {
        const text = resultText(id, await this.#server.initializeResult(session));
        sendJson(response, 200, text, { [headerNames.sessionId]: session.caller.sessionId });
        return undefined;
      } catch (error) {
        this.#sessions.end(added);
        const body = this.#core.errorBody(error);
        sendJson(response, 200, errorText(id, body));
        return body.code;
      }
    });
  }

  /** Serves one request of a session. Never rejects. */
  async request(incoming: IncomingRequest, http: HttpContext): Promise<void> {
    const { response } = http;
    const { id } = incoming.message;
    const found = this.#find(http, id);
    if (found === undefined) return;
    if (found.session.running.size >= this.#core.limits.maxRunningPerSession) {
      return refuseBusy(response, 'too many requests of this session are under way', 1, id);
    }
    const reply = new HttpReply(response, () => found.openStream(response), this.#waiting);
    const arrival = httpArrival(http, this.#core.options.forwardedHeaders);
    await this.#server.request(found.session, incoming, reply, arrival);
  }

  /** Takes what has no answer: a notification, or an answer to a question of the gateway's. */
  accept(parsed: Exclude<ParsedMessage, { kind: 'request' }>, http: HttpContext): void {
    const found = this.#find(http);
    if (found === undefined) return;
    if (parsed.kind === 'notification') this.#notify(found.session, parsed.message, http);
    else found.session.asks.settle(parsed.message);
    http.response.writeHead(202).end();
  }

  #notify(session: Session, message: RpcNotification, http: HttpContext): void {
    const arrival = httpArrival(http, this.#core.options.forwardedHeaders);
    this.#server.notification(session, message, arrival);
  }

  /** Opens the stream for what belongs to no request, or goes on with a stream that broke. */
  listen(http: HttpContext): void {
    const { request, response } = http;
    const found = this.#find(http);
    if (found === undefined) return;
    if (!accepts(request, 'text/event-stream')) {
      return refuse(response, { status: 406, message: 'expected the header Accept: text/event-stream' });
    }
    const lastEventId = request.headers[headerNames.lastEventId];
    const stop = this.#core.whenExpired(http.principal, () => response.end());
    response.once('close', stop);
    if (lastEventId === undefined) return found.listen(response);
    if (found.resume(String(lastEventId), response)) return;
    refuse(response, {
      status: 400,
      message: 'the stream that Last-Event-ID names cannot be resumed any more',
    });
  }

  /** Ends a session at its client's wish. */
  end(http: HttpContext): void {
    const found = this.#find(http);
    if (found === undefined) return;
    this.#sessions.end(found);
    http.response.writeHead(204).end();
  }

  /**
   * The session that a request names; its revision is the one that was negotiated, whichever older one a header says.
   * When there is none for this principal, the request is refused.
   */
  #find({ request, response, principal }: HttpContext, id?: RequestId): HttpSession | undefined {
    const about = id === undefined ? {} : { id };
    const version = request.headers[headerNames.protocolVersion];
    if (version !== undefined && !isKnownLegacyRevision(version))
      return refuseVersion(response, String(version), id);
    const sessionId = request.headers[headerNames.sessionId];
    if (typeof sessionId !== 'string') {
      const message = 'expected the header Mcp-Session-Id, as the answer to "initialize" gave it';
      refuse(response, { status: 400, message, ...about });
      return undefined;
    }
    const found = this.#sessions.find(sessionId, principal, this.#core.now());
    if (found === undefined) {
      refuse(response, { status: 404, message: 'session not found; initialize again', ...about });
    }
    return found;
  }
}

function refuseVersion(response: ServerResponse, requested: string, id: RequestId | undefined): undefined {
  const body = {
    code: errorCodes.unsupportedProtocolVersion,
    message: 'Unsupported protocol version',
    data: { supported: [...servedRevisions], requested },
  };
  sendJson(response, 400, errorText(id ?? null, body));
}
