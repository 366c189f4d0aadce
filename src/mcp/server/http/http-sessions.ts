import type { ServerResponse } from 'node:http';
import { errorCodes } from '../../../protocol/index.ts';
import type { ParsedMessage, RequestId, RpcNotification } from '../../wire/jsonrpc.ts';
import { WireError, errorText, parseBatch, resultText } from '../../wire/jsonrpc.ts';
import {
  hasBatches,
  headerNames,
  isLegacyRevision,
  modernRevision,
  servedRevisions,
} from '../../wire/revisions.ts';
import type { HttpContext, IncomingRequest } from '../exchange/arrival.ts';
import { httpArrival } from '../exchange/arrival.ts';
import type { Core } from '../exchange/core.ts';
import { accepts } from './http-checks.ts';
import { HttpReply, JsonReply, sendJson } from './http-reply.ts';
import type { WaitingReplies } from './waiting-replies.ts';
import { HttpSession } from './http-session.ts';
import type { LegacyServer } from '../sessions/session-server.ts';
import { contain } from '../../../lib/guarded.ts';
import type { Reply } from '../exchange/reply.ts';
import { refuse, refuseBusy } from './refusals.ts';
import type { Sessions } from './sessions.ts';
import { StoreError } from '../../../storage/index.ts';
import type { Crossings } from './crossings.ts';
import type { SharedSessions } from './shared-sessions.ts';
import type { Session } from '../sessions/session.ts';

export interface LegacyHttpParts {
  readonly legacy: LegacyServer;
  readonly sessions: Sessions;
  /** Absent where this process is alone. */
  readonly shared: SharedSessions | undefined;
  readonly crossings: Crossings | undefined;
}

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
  readonly #shared: SharedSessions | undefined;
  readonly #crossings: Crossings | undefined;

  constructor(core: Core, parts: LegacyHttpParts, waiting: WaitingReplies) {
    const { legacy, sessions, shared, crossings } = parts;
    this.#shared = shared;
    this.#crossings = crossings;
    this.#core = core;
    this.#server = legacy;
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
    const name = this.#shared === undefined ? session.caller.sessionId : this.#shared.seal(session);
    if (name === undefined) {
      const message = 'expected "capabilities" and "clientInfo" to take less than 2,500 bytes together';
      return refuse(response, { status: 200, code: errorCodes.invalidParams, message, id });
    }
    const added = this.#sessions.add(session, this.#core.now(), name);
    if (added === undefined) return refuseBusy(response, 'too many sessions are open', 60, id);
    const { caller } = session;
    await this.#core.track({ method: 'initialize', caller, arrival }, async () => {
      try {
        const [result] = await Promise.all([
          this.#server.initializeResult(session),
          this.#shared?.opened(session),
        ]);
        sendJson(response, 200, resultText(id, result), { [headerNames.sessionId]: name });
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
    const finding = this.#find(http, id);
    const found = finding instanceof Promise ? await finding : finding;
    if (found === undefined) return;
    if (found.session.running.size >= this.#core.limits.maxRunningPerSession) {
      return refuseBusy(response, 'too many requests of this session are under way', 1, id);
    }
    const reply = this.#replyFor(found, http);
    const arrival = httpArrival(http, this.#core.options.forwardedHeaders);
    await this.#server.request(found.session, incoming, reply, arrival);
  }

  /** One who takes no streams is told over the session's own what comes before an answer. */
  #replyFor(found: HttpSession, { request, response }: HttpContext): Reply {
    if (!accepts(request, 'text/event-stream')) return new JsonReply(response, found.session);
    const reply = new HttpReply(response, () => found.openStream(response), this.#waiting);
    if (!accepts(request, 'application/json')) reply.stream();
    return reply;
  }

  /** Serves several messages that came as one, each as if it had come alone. Their answers go over one stream. */
  async batch(text: string, fault: WireError, http: HttpContext): Promise<void> {
    const { response } = http;
    const found = await this.#find(http);
    if (found === undefined) return;
    if (!hasBatches(found.session.caller.revision))
      return sendJson(response, 400, errorText(null, this.#core.errorBody(fault)));
    const { maxRunningPerSession } = this.#core.limits;
    let messages: ReturnType<typeof parseBatch>;
    try {
      messages = parseBatch(text, maxRunningPerSession);
    } catch (error) {
      return sendJson(response, 400, errorText(null, this.#core.errorBody(error)));
    }
    const asking = messages.filter((each) => each instanceof WireError || each.kind === 'request');
    if (found.session.running.size + asking.length > maxRunningPerSession)
      return refuseBusy(response, 'too many requests of this session are under way', 1);
    let waiting = asking.length;
    const stream = waiting === 0 ? undefined : found.openStream(response);
    const settled = (): void => {
      if (--waiting === 0) stream?.end();
    };
    const reply: Reply = {
      send: (sent) => stream?.send(sent),
      offer: (sent) => stream?.offer(sent),
      answer: (sent) => (stream?.send(sent), settled()),
      drop: settled,
    };
    const arrival = httpArrival(http, this.#core.options.forwardedHeaders);
    for (const each of messages) {
      if (each instanceof WireError)
        reply.answer(errorText(each.id ?? null, this.#core.errorBody(each)), 200);
      else if (each.kind === 'request')
        contain('the answer to a request', this.#core.onDefect, () =>
          this.#server.request(found.session, each, reply, arrival),
        );
      else if (each.kind === 'notification') this.#notify(found.session, each.message, http);
      else found.session.asks.settle(each.message);
    }
    if (stream === undefined) response.writeHead(202).end();
  }

  /** Takes what has no answer: a notification, or an answer to a question of the gateway's. */
  async accept(parsed: Exclude<ParsedMessage, { kind: 'request' }>, http: HttpContext): Promise<void> {
    const { response } = http;
    const found = await this.#find(http);
    if (found === undefined) return;
    const { session } = found;
    const isWanted = this.#isWantedElsewhere(session, parsed);
    if (parsed.kind === 'notification') this.#notify(session, parsed.message, http);
    else session.asks.settle(parsed.message);
    if (this.#shared !== undefined && isWanted) {
      try {
        if (!(await this.#shared.passOn(session, parsed))) {
          const message = 'the replica that asked this is gone, and its question with it';
          return refuse(response, { status: 400, message });
        }
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        const { message } = this.#core.errorBody(error);
        return refuse(response, { status: 503, message, headers: { 'retry-after': '1' } });
      }
    }
    response.writeHead(202).end();
  }

  /** Whether another replica may have to hear of a message. */
  #isWantedElsewhere(session: Session, parsed: Exclude<ParsedMessage, { kind: 'request' }>): boolean {
    const { message } = parsed;
    if (!('method' in message)) return !session.asks.isPending(message.id);
    const { method, params = {} } = message;
    if (method === 'notifications/progress') return !session.asks.isPending(params['progressToken']);
    return method === 'notifications/cancelled' || method === 'notifications/roots/list_changed';
  }

  #notify(session: Session, message: RpcNotification, http: HttpContext): void {
    const arrival = httpArrival(http, this.#core.options.forwardedHeaders);
    this.#server.notification(session, message, arrival);
  }

  /** Opens the stream for what belongs to no request, or goes on with a stream that broke. */
  async listen(http: HttpContext): Promise<void> {
    const { request, response } = http;
    const found = await this.#find(http);
    if (found === undefined) return;
    if (!accepts(request, 'text/event-stream')) {
      return refuse(response, { status: 406, message: 'expected the header Accept: text/event-stream' });
    }
    const lastEventId = request.headers[headerNames.lastEventId];
    const stop = this.#core.whenExpired(http.principal, () => response.end());
    response.once('close', stop);
    if (lastEventId === undefined) return this.#listen(found, response);
    const at = String(lastEventId);
    if (found.resume(at, response)) return;
    if ((await this.#crossings?.resume(found, at, response)) === true || response.destroyed) return;
    // The replica that had it is gone; what belongs to no request goes on from here.
    if (this.#crossings !== undefined && HttpSession.isStandalone(at)) return this.#listen(found, response);
    refuse(response, {
      status: 400,
      message: 'the stream that Last-Event-ID names cannot be resumed any more',
    });
  }

  #listen(found: HttpSession, response: ServerResponse): void {
    found.listen(response);
    this.#shared?.listening(found.session);
  }

  /** Ends a session at its client's wish. */
  async end(http: HttpContext): Promise<void> {
    const found = await this.#find(http);
    if (found === undefined) return;
    if (this.#shared === undefined) this.#sessions.end(found);
    else await this.#shared.end(found);
    http.response.writeHead(204).end();
  }

  /**
   * The session that a request names; its revision is the one that was negotiated, whichever older one a header says.
   * When there is none for this principal, the request is refused.
   */
  #find(
    { request, response, principal }: HttpContext,
    id?: RequestId,
  ): HttpSession | undefined | Promise<HttpSession | undefined> {
    const about = id === undefined ? {} : { id };
    const version = request.headers[headerNames.protocolVersion];
    if (version !== undefined && !isLegacyRevision(version))
      return refuseVersion(response, String(version), id);
    const sessionId = request.headers[headerNames.sessionId];
    if (typeof sessionId !== 'string') {
      const message = 'expected the header Mcp-Session-Id, as the answer to "initialize" gave it';
      refuse(response, { status: 400, message, ...about });
      return undefined;
    }
    const notFound = { status: 404, message: 'session not found; initialize again', ...about };
    const found = this.#sessions.find(sessionId, principal, this.#core.now());
    if (found !== undefined && found.session.endsAtMs > this.#core.wallClock()) {
      this.#shared?.touch(found);
      return found;
    }
    if (found !== undefined) this.#sessions.end(found);
    const adopting = this.#shared?.adopt(sessionId, principal);
    if (adopting === undefined) {
      refuse(response, notFound);
      return undefined;
    }
    return adopting.then((adopted) => {
      if (adopted === undefined) refuse(response, notFound);
      return adopted;
    });
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
