import { randomUUID } from 'node:crypto';
import type { Caller, Principal, RequestContext } from '../../../gateway/index.ts';
import {
  DeniedError,
  errorCodes,
  isServedIn,
  type JsonObject,
  ProtocolError,
} from '../../../protocol/index.ts';
import type { TextPieces } from '../../../lib/text-pieces.ts';
import type { RequestId } from '../../wire/jsonrpc.ts';
import { answerText, errorText, isObject, resultText } from '../../wire/jsonrpc.ts';
import { metaKeys, metaOf, modernRevision, servedRevisions } from '../../wire/revisions.ts';
import type { Core } from '../exchange/core.ts';
import { dispatch, toDescribe, unknownMethod } from '../exchange/dispatch.ts';
import type { Arrival, IncomingRequest } from '../exchange/arrival.ts';
import { contain, type OnDefect } from '../../../lib/guarded.ts';
import { StoreError } from '../../../storage/index.ts';
import { Listens } from './listens.ts';
import { ListPage } from '../exchange/lists.ts';
import { ModernExchange } from './stateless-exchange.ts';
import type { ModernExchangeOwner } from './stateless-exchange.ts';
import { dressError, dressResult, noCaching, statusOf } from './stateless-results.ts';
import { Parks, isOwnRequestState, type PrincipalName } from './parks.ts';
import type { Reply } from '../exchange/reply.ts';
import { traceOf } from '../exchange/trace.ts';

/** A request that goes on with a parked call. */
export interface Retry {
  readonly id: RequestId;
  readonly method: string;
  readonly params: JsonObject;
}

/** What becomes of a retry that no other replica could go on with; the reply is still to be answered. */
export interface UnservedRetry {
  /** No such call waits there: the token was used, or is for another request. */
  readonly stale: () => void;
  /** The replica is gone, or cannot be reached. Called once its client has been answered. */
  readonly lost: () => void;
}

/** A request under way, as far as its client can end it. */
export interface Running {
  readonly settled: boolean;
  cancel(reason: Error): void;
}

/** Serves 2026-07-28, where each request says all there is to know about its client. Knows no transport. */
export class ModernServer implements ModernExchangeOwner {
  readonly parks: Parks;
  readonly listens: Listens;
  /** Has another replica go on with its parked call; undefined when none of them parked it. */
  elsewhere:
    | ((
        token: string,
        principal: Principal,
        asked: Retry,
        reply: Reply,
        unserved: UnservedRetry,
      ) => Running | undefined)
    | undefined;
  readonly #core: Core;
  readonly #aloneIn: string = randomUUID();
  #lastAlone = 0;

  /** `onListenOver` is told the session id of each `subscriptions/listen` stream when it is over. */
  constructor(core: Core, onListenOver: (sessionId: string) => void) {
    this.#core = core;
    this.listens = new Listens({
      max: core.limits.maxListens,
      serverInfo: () => core.options.serverInfo,
      onOver: onListenOver,
      errorBody: (error) => core.errorBody(error),
      onDefect: core.onDefect,
      now: core.now,
      eventFor: (event, caller) => core.gateway.eventFor(event, caller),
    });
    this.parks = new Parks(core.limits.maxParked, core.limits.parkTtlMs);
  }

  /**
   * The caller that a request's `_meta` describes.
   * @param sessionId under which its client's requests are known; absent on HTTP, where each stands alone
   * @throws {ProtocolError} invalid params or unsupported version; the transport answers with status 400.
   */
  callerOf(params: JsonObject | undefined, arrival: Arrival, sessionId?: string): Caller {
    const meta = metaOf(params) ?? {};
    const version = meta[metaKeys.protocolVersion];
    const capabilities = meta[metaKeys.clientCapabilities];
    if (typeof version !== 'string') throw malformed(metaKeys.protocolVersion);
    if (version !== modernRevision) throw unsupported(version);
    if (!isObject(capabilities)) throw malformed(metaKeys.clientCapabilities);
    return {
      sessionId: sessionId ?? this.#idOfItsOwn(),
      hasSession: sessionId !== undefined,
      principal: arrival.principal,
      revision: modernRevision,
      ...this.#core.declarationOf(capabilities, meta[metaKeys.clientInfo], '"_meta"'),
      forwardedHeaders: arrival.forwardedHeaders,
      wishes: arrival.wishes,
    };
  }

  /** For a request that stands alone. No client is ever told it, so it need only be unlike all others. */
  #idOfItsOwn(): string {
    this.#lastAlone += 1;
    return `${this.#aloneIn}-${this.#lastAlone}`;
  }

  /** Begins to serve a request. Returns what the client can cancel; never throws. */
  serve(caller: Caller, request: IncomingRequest, reply: Reply, arrival: Arrival): Running {
    const { id, method, params = {} } = request.message;
    if (method === 'subscriptions/listen') {
      if (arrival.http !== undefined) arrival.http.taken = true;
      this.#core.occurred({ kind: 'request', method, caller, sender: arrival, durationMs: 0 });
      const listen = this.listens.open(this.#core.gateway, caller, id, params, reply);
      const stop = this.#core.whenExpired(caller.principal, () => listen.end());
      listen.onOver(stop);
      return listen;
    }
    const state = params['requestState'];
    if (!isOwnRequestState(state)) return this.#begin(caller, request, reply, arrival);
    const asked = { id, method, params };
    const parked = this.parks.take(state, caller.principal, method, params, this.#core.now());
    if (parked === undefined) {
      const stale = (): Running => this.#begin(caller, { ...request, fault: staleState }, reply, arrival);
      const startedMs = this.#core.now();
      const lost = (): void =>
        this.#core.occurred({
          kind: 'request',
          method,
          caller,
          sender: arrival,
          durationMs: this.#core.now() - startedMs,
          errorCode: errorCodes.internalError,
        });
      const elsewhere = this.elsewhere?.(state, caller.principal, asked, reply, { stale, lost });
      if (elsewhere === undefined) return stale();
      // The replica that goes on with the call tells of it.
      if (arrival.http !== undefined) arrival.http.taken = true;
      return elsewhere;
    }
    if (arrival.http !== undefined) arrival.http.taken = true;
    parked.resume(id, params, reply);
    return parked;
  }

  /** Goes on with a parked call whose retry reached another replica. Undefined, and not answered, when it cannot be. */
  resumeParked(
    token: string,
    principal: PrincipalName,
    { id, method, params }: Retry,
    reply: Reply,
  ): Running | undefined {
    const parked = this.parks.take(token, principal, method, params, this.#core.now());
    parked?.resume(id, params, reply);
    return parked;
  }

  get onDefect(): OnDefect {
    return this.#core.onDefect;
  }

  park(exchange: ModernExchange): string {
    return this.parks.add(exchange, this.#core.now());
  }

  inputRequiredText(id: RequestId, inputRequests: JsonObject, requestState: string): TextPieces {
    const result = { resultType: 'input_required', inputRequests, requestState };
    return resultText(id, dressResult('', result, this.#core.options.serverInfo));
  }

  #begin(caller: Caller, request: IncomingRequest, reply: Reply, arrival: Arrival): ModernExchange {
    const { id, method, params = {} } = request.message;
    const exchange = new ModernExchange(this, caller, id, method, params, reply);
    contain('the answer to a request', this.#core.onDefect, () => this.#run(exchange, request, arrival));
    return exchange;
  }

  #run(exchange: ModernExchange, request: IncomingRequest, arrival: Arrival): Promise<void> {
    const { method } = exchange;
    const { caller } = exchange;
    return this.#core.track({ method, caller, arrival, exchange }, async () => {
      try {
        const result = await this.#resultOf(exchange, request, arrival);
        exchange.finish((id) => this.#answerText(id, method, result, exchange.caller.principal), 200);
        return undefined;
      } catch (error) {
        const body = dressError(this.#core.errorBody(error));
        const status = statusOfError(error) ?? statusOf(method, body.code);
        exchange.finish((id) => errorText(id, body), status);
        return body.code;
      }
    });
  }

  async #resultOf(
    client: ModernExchange,
    request: IncomingRequest,
    arrival: Arrival,
  ): Promise<JsonObject | ListPage> {
    const { method, params = {} } = request.message;
    const { caller, signal } = client;
    const fault = request.fault ?? client.metaFault;
    if (!isServedIn('stateless', method)) throw unknownMethod(method);
    if (method === 'server/discover') return this.#discover(caller);
    const trace = traceOf(metaOf(params), arrival.headers);
    const context: RequestContext =
      trace === undefined
        ? { origin: 'client', caller, client, signal, sender: arrival }
        : { origin: 'client', caller, client, signal, sender: arrival, trace };
    const onAsk = (): void => void (client.asked = true);
    return dispatch(
      this.#core.gateway,
      { method, params, fault, context, onAsk },
      this.#core.limits.pageSize,
    );
  }

  async #discover(caller: Caller): Promise<JsonObject> {
    const { gateway } = this.#core;
    const { capabilities, instructions } = await gateway.ask(toDescribe(caller));
    const result = { supportedVersions: [...servedRevisions], capabilities };
    return instructions === undefined ? result : { ...result, instructions };
  }

  #answerText(
    id: RequestId,
    method: string,
    result: JsonObject | ListPage,
    principal: Principal,
  ): TextPieces {
    const { serverInfo } = this.#core.options;
    if (!(result instanceof ListPage)) {
      return resultText(id, dressResult(method, result, serverInfo, principal));
    }
    const more = { resultType: 'complete', ...noCaching, _meta: { [metaKeys.serverInfo]: serverInfo } };
    return answerText(id, this.#core.lists.write(result, more));
  }
}

/** The HTTP status of errors that have one of their own. */
function statusOfError(error: unknown): number | undefined {
  if (error instanceof DeniedError) return 403;
  return error instanceof StoreError ? 503 : undefined;
}

const staleState =
  '"requestState" is unknown, used, expired, or belongs to another request: call again without it';

function malformed(key: string): ProtocolError {
  return new ProtocolError(
    errorCodes.invalidParams,
    `expected "_meta" to hold a valid "${key}", as every request of revision ${modernRevision} must`,
  );
}

function unsupported(requested: string): ProtocolError {
  return new ProtocolError(errorCodes.unsupportedProtocolVersion, 'Unsupported protocol version', {
    data: { supported: [...servedRevisions], requested },
  });
}
