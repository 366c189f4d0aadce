import { randomBytes } from 'node:crypto';
import {
  noClient,
  type Caller,
  type PassedRequest,
  type RequestContext,
  type Sender,
  type TraceContext,
} from '../../../gateway/index.ts';
import {
  DeniedError,
  errorCodes,
  isServedIn,
  type JsonObject,
  ProtocolError,
} from '../../../protocol/index.ts';
import type { TextPieces } from '../../../lib/text-pieces.ts';
import type { RpcNotification } from '../../wire/jsonrpc.ts';
import { answerText, errorText, isRequestId, resultText } from '../../wire/jsonrpc.ts';
import { isLegacyRevision, legacyRevisions, metaOf } from '../../wire/revisions.ts';
import type { Arrival, IncomingRequest } from '../exchange/arrival.ts';
import type { Core } from '../exchange/core.ts';
import { dispatch, toDescribe, unknownMethod } from '../exchange/dispatch.ts';
import { LegacyExchange } from './session-exchange.ts';
import { LegacyToolLists, toLegacyToolResult } from './session-results.ts';
import { ListPage } from '../exchange/lists.ts';
import { isLogLevel } from '../../wire/log-levels.ts';
import type { Reply } from '../exchange/reply.ts';
import { contain } from '../../../lib/guarded.ts';
import { StoreError } from '../../../storage/index.ts';
import { Session } from './session.ts';
import { traceOf } from '../exchange/trace.ts';

/** How long the gateway may take over what no client waits for. */
const tellMs = 30_000;

/** URIs that one session may watch. */
const maxSubscribedUris = 1_000;

/** What is told on a session's behalf, and is none of its requests. */
interface Told {
  readonly method: 'resources/subscribe' | 'logging/setLevel' | 'notifications/roots/list_changed';
  readonly params: JsonObject;
}

/** Serves the revisions that open a session with `initialize`. Knows no transport. */
export class LegacyServer {
  readonly #core: Core;
  readonly #toolLists = new LegacyToolLists();

  constructor(core: Core) {
    this.#core = core;
  }

  /** A new session for what `initialize` says. An unknown revision is answered with the newest we know. */
  open(params: JsonObject, arrival: Arrival): Session {
    const asked = params['protocolVersion'];
    const revision = isLegacyRevision(asked) ? asked : legacyRevisions[0];
    const caller: Caller = {
      sessionId: randomBytes(18).toString('base64url'),
      hasSession: true,
      principal: arrival.principal,
      revision,
      ...this.#core.declarationOf(params['capabilities'], params['clientInfo'], 'initialize'),
      forwardedHeaders: arrival.forwardedHeaders,
      wishes: arrival.wishes,
    };
    return new Session(caller, this.#core.now(), this.#core.onDefect);
  }

  /** The result of `initialize`. */
  async initializeResult(session: Session): Promise<JsonObject> {
    const { gateway, options } = this.#core;
    const { caller } = session;
    const { capabilities, instructions } = await gateway.ask(toDescribe(caller));
    session.openedMs = this.#core.now();
    const result = { protocolVersion: caller.revision, capabilities, serverInfo: options.serverInfo };
    return instructions === undefined ? result : { ...result, instructions };
  }

  /** Serves one request of a session to its end. Rejects only when its answer cannot be sent. */
  async request(session: Session, request: IncomingRequest, reply: Reply, arrival: Arrival): Promise<void> {
    const { id, method } = request.message;
    const exchange = new LegacyExchange(session, id, method, reply);
    const membership = session.running.add(exchange);
    const { caller } = session;
    await this.#core.track({ method, caller, arrival, exchange }, async () => {
      try {
        const result = await this.#resultOf(session, request, exchange, arrival);
        exchange.answer(this.#answerText(id, method, result), 200);
        return undefined;
      } catch (error) {
        const body = this.#core.errorBody(error);
        exchange.answer(errorText(id, body), statusOf(error));
        return body.code;
      } finally {
        session.running.delete(membership);
      }
    });
  }

  /** Takes a notification of the client. Unknown ones are ignored, as the specification has it. */
  notification(session: Session, message: RpcNotification, arrival: Arrival): void {
    const { method } = message;
    if (arrival.http !== undefined) arrival.http.taken = true;
    this.#core.occurred({
      kind: 'notification',
      method,
      caller: callerOf(session, arrival),
      sender: arrival,
    });
    this.heard(session, message);
  }

  /** Acts on a notification, here or at the replica that it is for. */
  heard(session: Session, { method, params = {} }: RpcNotification): void {
    const { requestId, reason } = params;
    if (method === 'notifications/cancelled' && isRequestId(requestId)) {
      session.cancel(requestId, typeof reason === 'string' ? reason : undefined);
    }
    if (method === 'notifications/progress') session.asks.progress(params);
    if (method === 'notifications/roots/list_changed') this.#tell(session, [{ method, params }]);
  }

  /** Tells the gateway now in force what this session had asked of the one before. */
  restore(session: Session): void {
    const uris = [...session.subscribedUris];
    const asked: Told[] = uris.map((uri) => ({ method: 'resources/subscribe', params: { uri } }));
    const level = session.logLevel;
    if (level !== undefined) asked.push({ method: 'logging/setLevel', params: { level } });
    this.#tell(session, asked);
  }

  /** Tells the gateway something that no client waits for: what comes of it (a resource is gone) makes no difference. */
  #tell(session: Session, told: readonly Told[]): void {
    const signal = AbortSignal.timeout(tellMs);
    const context: RequestContext = { origin: 'client', caller: session.caller, client: noClient, signal };
    for (const each of told) {
      const request: PassedRequest = { ...context, ...each };
      contain('what a session asked for', this.#core.onDefect, () =>
        this.#core.gateway.ask(request).catch((error: unknown) => {
          // What is no longer permitted to read is no longer told of either.
          if (error instanceof DeniedError) session.subscribedUris.delete(String(each.params['uri']));
          if (!(error instanceof ProtocolError) && !signal.aborted) throw error;
        }),
      );
    }
  }

  async #resultOf(
    session: Session,
    { message, fault }: IncomingRequest,
    client: LegacyExchange,
    arrival: Arrival,
  ): Promise<JsonObject | ListPage> {
    const { method, params = {} } = message;
    const caller = callerOf(session, arrival);
    const context = contextOf(caller, client, traceOf(metaOf(params), arrival.headers), arrival);
    const onAsk = (): void => void (client.asked = true);
    const request = { method, params, fault, context, onAsk };
    if (method === 'tools/call') return dispatch(this.#core.gateway, request, this.#core.limits.pageSize);
    if (!isServedIn('sessions', method)) throw unknownMethod(method);
    switch (method) {
      case 'ping':
        return {};
      case 'logging/setLevel':
        return this.#setLevel(session, params, context, onAsk);
      case 'resources/subscribe':
      case 'resources/unsubscribe':
        return this.#subscribe(session, method, params, context, onAsk);
      default:
        return dispatch(this.#core.gateway, request, this.#core.limits.pageSize);
    }
  }

  /** The level filters at this edge; backends are told as well, and need not know the method. */
  async #setLevel(
    session: Session,
    params: JsonObject,
    context: RequestContext,
    onAsk: () => void,
  ): Promise<JsonObject> {
    const { level } = params;
    if (!isLogLevel(level)) {
      throw new ProtocolError(
        errorCodes.invalidParams,
        'expected "level" to be a syslog severity such as "info"',
      );
    }
    session.logLevel = level;
    onAsk();
    try {
      await this.#core.gateway.ask({ ...context, method: 'logging/setLevel', params });
    } catch (error) {
      if (!(error instanceof ProtocolError) || error.code !== errorCodes.methodNotFound) throw error;
    }
    await session.shared?.levelSet();
    return {};
  }

  async #subscribe(
    session: Session,
    method: 'resources/subscribe' | 'resources/unsubscribe',
    params: JsonObject,
    context: RequestContext,
    onAsk: () => void,
  ): Promise<JsonObject> {
    const { uri } = params;
    if (typeof uri !== 'string')
      throw new ProtocolError(errorCodes.invalidParams, 'expected "uri" to be a string');
    if (method === 'resources/subscribe' && session.subscribedUris.size >= maxSubscribedUris) {
      throw new ProtocolError(errorCodes.internalError, `a session may watch ${maxSubscribedUris} resources`);
    }
    onAsk();
    const result = await this.#core.gateway.ask({ ...context, method, params });
    if (method === 'resources/subscribe') session.subscribedUris.add(uri);
    else session.subscribedUris.delete(uri);
    await session.shared?.uriChanged(uri);
    return result;
  }

  #answerText(id: string | number, method: string, result: JsonObject | ListPage): TextPieces {
    if (result instanceof ListPage) return answerText(id, this.#core.lists.write(this.#pageOf(result), {}));
    return resultText(id, method === 'tools/call' ? toLegacyToolResult(result) : result);
  }

  #pageOf(page: ListPage): ListPage {
    if (page.field !== 'tools') return page;
    const tools = this.#toolLists.of(page.list);
    return tools === page.list ? page : new ListPage(page.field, tools, page.start, page.end);
  }
}

/**
 * Headers and the credential may differ from request to request (a renewed token), the rest of a caller may not: what it
 * wished when the session began holds.
 */
function callerOf(session: Session, arrival: Arrival): Caller {
  const { caller } = session;
  const { forwardedHeaders, principal } = arrival;
  if (forwardedHeaders === caller.forwardedHeaders && principal === caller.principal) return caller;
  return { ...caller, forwardedHeaders, principal };
}

function contextOf(
  caller: Caller,
  client: LegacyExchange,
  trace: TraceContext | undefined,
  sender: Sender,
): RequestContext {
  const { signal } = client;
  const context = { origin: 'client', caller, client, signal, sender } as const;
  return trace === undefined ? context : { ...context, trace };
}

/** The HTTP status of an answer that is an error. */
function statusOf(error: unknown): number {
  if (error instanceof DeniedError) return 403;
  return error instanceof StoreError ? 503 : 200;
}
