import type { IncomingMessage, ServerResponse } from 'node:http';
import { WishError, wishesOf, type Wishes } from '../../../gateway/index.ts';
import { errorCodes } from '../../../protocol/index.ts';
import type { ParsedMessage } from '../../wire/jsonrpc.ts';
import { WireError, errorText, parseMessage } from '../../wire/jsonrpc.ts';
import { headerNames, modernRevision } from '../../wire/revisions.ts';
import type { HttpContext, IncomingRequest } from '../exchange/arrival.ts';
import { contain } from '../../../lib/guarded.ts';
import { readBody } from './body.ts';
import type { Core } from '../exchange/core.ts';
import { acceptsAnswers, claimsModern, encodingFault, isJsonContent } from './http-checks.ts';
import { LegacyHttp, type LegacyHttpParts } from './http-sessions.ts';
import { ModernHttp } from './http-stateless.ts';
import { sendJson } from './http-reply.ts';
import type { ModernServer } from '../stateless/stateless-server.ts';
import { answerPreflight, isPreflight, showToPage } from './pages.ts';
import { refuse, refuseBody, refuseBusy, refuseMethod } from './refusals.ts';
import { WaitingReplies } from './waiting-replies.ts';

/** What is known of an HTTP request when it has been served. */
interface Served {
  http?: HttpContext;
  preflight?: true;
}

/**
 * Serves MCP over Streamable HTTP, all revisions on one path. Each request is served under the revision that it names
 * itself; one that names none belongs to a session.
 */
export class HttpTransport {
  readonly #core: Core;
  readonly #legacy: LegacyHttp;
  readonly #modern: ModernHttp;
  readonly #waiting: readonly WaitingReplies[];

  constructor(core: Core, parts: LegacyHttpParts & { readonly modern: ModernServer }) {
    this.#core = core;
    const { slowAnswerMs, slowModernAnswerMs } = core.limits;
    const legacyWaiting = new WaitingReplies(slowAnswerMs, core);
    const modernWaiting = new WaitingReplies(slowModernAnswerMs, core);
    this.#waiting = [legacyWaiting, modernWaiting];
    this.#legacy = new LegacyHttp(core, parts, legacyWaiting);
    this.#modern = new ModernHttp(core, parts.modern, modernWaiting);
  }

  /** Serves one HTTP request to its end. Never throws. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    // A client that is gone is no fault of ours; what depends on it hears of it by 'close'.
    response.on('error', () => {});
    const startedMs = this.#core.now();
    const served: Served = {};
    this.#serve(request, response, served)
      .catch((error: unknown) => {
        contain('the answer to a request', this.#core.onDefect, () => this.#fail(response, error));
      })
      .finally(() => this.#tell(request, response, served, this.#core.now() - startedMs));
  }

  /** Writes a comment into each quiet stream of 2026-07-28 clients; those of sessions are kept by their sessions. */
  keepAlive(): void {
    this.#modern.keepAlive();
  }

  /** To be called when tools changed. */
  toolsChanged(): void {
    this.#modern.toolsChanged();
  }

  /** Stops what 2026-07-28 clients still wait for. */
  close(): void {
    this.#modern.close();
    for (const waiting of this.#waiting) waiting.close();
  }

  #fail(response: ServerResponse, error: unknown): void {
    const body = this.#core.errorBody(error);
    // A response that has begun can only be cut off.
    if (response.headersSent) response.destroy();
    else sendJson(response, 500, errorText(null, body));
  }

  /** Tells of what became no request of the protocol: a refusal, a stream, a preflight. Never throws. */
  #tell(
    request: IncomingMessage,
    response: ServerResponse,
    { http, preflight }: Served,
    durationMs: number,
  ): void {
    if (http?.taken === true || preflight === true) return;
    const { headers, socket } = request;
    const { remoteAddress } = socket;
    this.#core.occurred({
      kind: 'http',
      httpMethod: request.method ?? '',
      status: response.statusCode,
      sender: { transport: 'http', headers, remoteAddress },
      ...(http !== undefined && { principal: http.principal }),
      durationMs,
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse, served: Served): Promise<void> {
    const method = request.method ?? '';
    showToPage(request, response);
    if (isPreflight(request)) {
      served.preflight = true;
      return answerPreflight(request, response);
    }
    if (method !== 'POST' && method !== 'GET' && method !== 'DELETE') return refuseMethod(response);
    const asked = this.#core.options.authenticator().authenticate(request);
    const who = asked instanceof Promise ? await asked : asked;
    if ('refusal' in who) return refuse(response, who.refusal);
    const wishes = this.#wishesOf(request);
    if (wishes instanceof WishError) return refuse(response, { status: 400, message: wishes.message });
    const http: HttpContext = { request, response, principal: who.principal, wishes };
    served.http = http;
    if (method === 'POST') return await this.#post(http);
    if (request.headers[headerNames.protocolVersion] === modernRevision) return refuseMethod(response);
    if (method === 'GET') await this.#legacy.listen(http);
    else await this.#legacy.end(http);
  }

  #wishesOf(request: IncomingMessage): Wishes | WishError {
    try {
      return wishesOf(request, this.#core.options.wishes ?? []);
    } catch (error) {
      if (error instanceof WishError) return error;
      throw error;
    }
  }

  async #post(http: HttpContext): Promise<void> {
    const { request, response } = http;
    if (!isJsonContent(request)) {
      return refuse(response, { status: 415, message: 'expected the header Content-Type: application/json' });
    }
    const unreadable = encodingFault(request);
    if (unreadable !== undefined) return refuse(response, { status: 415, message: unreadable });
    if (!acceptsAnswers(request)) {
      const message = 'expected the header Accept: application/json, text/event-stream';
      return refuse(response, { status: 406, message });
    }
    const { maxBodyBytes } = this.#core.limits;
    const body = await readBody(request, maxBodyBytes);
    if ('fault' in body) return refuseBody(response, body.fault, maxBodyBytes);
    let parsed: ParsedMessage;
    try {
      parsed = parseMessage(body.text);
    } catch (error) {
      const { [headerNames.sessionId]: session, [headerNames.protocolVersion]: version } = request.headers;
      const mayBatch = session !== undefined && version !== modernRevision;
      if (error instanceof WireError && error.fault === 'batch' && mayBatch)
        return await this.#legacy.batch(body.text, error, http);
      const id = error instanceof WireError ? (error.id ?? null) : null;
      return sendJson(response, 400, errorText(id, this.#core.errorBody(error)));
    }
    if (parsed.kind === 'request') return await this.#request(parsed, http);
    await this.#accept(parsed, http);
  }

  #request(incoming: IncomingRequest, http: HttpContext): Promise<void> | void {
    const { message } = incoming;
    if (this.#core.running >= this.#core.limits.maxRunning) {
      return refuseBusy(http.response, 'too many requests are under way', 1, message.id);
    }
    if (claimsModern(message, http.request.headers)) {
      return this.#modern.request(incoming, http);
    }
    if (message.method === 'initialize') {
      return this.#legacy.initialize(incoming, http);
    }
    return this.#legacy.request(incoming, http);
  }

  /** 2026-07-28 has no message over HTTP that is no request, but a notification does no harm. */
  #accept(parsed: Exclude<ParsedMessage, { kind: 'request' }>, http: HttpContext): Promise<void> | void {
    const { request, response } = http;
    if (request.headers[headerNames.protocolVersion] !== modernRevision) {
      return this.#legacy.accept(parsed, http);
    }
    if (parsed.kind === 'notification') return void response.writeHead(202).end();
    const message = `revision ${modernRevision} has no answers to post`;
    refuse(response, { status: 400, code: errorCodes.invalidRequest, message });
  }
}
