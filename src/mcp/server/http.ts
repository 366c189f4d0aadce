import type { IncomingMessage, ServerResponse } from 'node:http';
import { CancelledError, errorCodes } from '../../gateway/index.ts';
import type { JsonObject } from '../../gateway/index.ts';
import type { ParsedMessage, RequestId } from '../wire/jsonrpc.ts';
import { WireError, errorText, parseMessage, toErrorBody } from '../wire/jsonrpc.ts';
import { headerNames, isLegacyRevision, modernRevision, servedRevisions } from '../wire/revisions.ts';
import type { BodyFault } from './body.ts';
import { readBody } from './body.ts';
import type { Core } from './core.ts';
import {
  accepts,
  assertSameVersionAndMethod,
  assertStandardHeaders,
  claimsModern,
  isJsonContent,
} from './http-checks.ts';
import { HttpReply, sendJson } from './http-reply.ts';
import type { Arrival, IncomingRequest, LegacyServer } from './legacy.ts';
import type { ModernServer, Running } from './modern.ts';
import { ParamChecks, assertParamHeaders } from './param-checks.ts';
import type { HttpSession, Sessions } from './sessions.ts';
import { SseStream } from './sse-stream.ts';

/** The JSON-RPC code of refusals that JSON-RPC has no code for. */
const refused = -32000;

/** Serves MCP over Streamable HTTP, all revisions on one path. */
export class HttpTransport {
  readonly #core: Core;
  readonly #sessions: Sessions;
  readonly #legacy: LegacyServer;
  readonly #modern: ModernServer;
  readonly #modernRunning = new Map<ServerResponse, Running>();
  readonly #paramChecks = new ParamChecks();
  readonly #modernStreams = new Set<SseStream>();
  readonly #noHeaders: Readonly<Record<string, string>> = {};

  constructor(core: Core, parts: { sessions: Sessions; legacy: LegacyServer; modern: ModernServer }) {
    this.#core = core;
    this.#sessions = parts.sessions;
    this.#legacy = parts.legacy;
    this.#modern = parts.modern;
  }

  /** Serves one HTTP request to its end. Never throws. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    this.#serve(request, response).catch((error: unknown) => {
      sendJson(response, 500, errorText(null, this.#core.errorBody(error)));
    });
  }

  /** Writes a comment into each quiet stream of 2026-07-28 clients; those of sessions are kept by their sessions. */
  keepAlive(): void {
    for (const stream of this.#modernStreams) stream.keepAlive();
  }

  /** To be called when tools changed. */
  toolsChanged(): void {
    this.#paramChecks.forget();
  }

  /** Stops what 2026-07-28 clients still wait for. */
  close(): void {
    for (const running of this.#modernRunning.values())
      running.cancel(new CancelledError('the gateway stops'));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? '';
    if (method !== 'POST' && method !== 'GET' && method !== 'DELETE') return refuseMethod(response);
    const asked = this.#core.options.authenticate(request);
    const who = asked instanceof Promise ? await asked : asked;
    if ('refusal' in who) {
      const { status, message, headers } = who.refusal;
      return refuse(response, status, refused, message, headers);
    }
    if (method === 'POST') return this.#post(request, response, who.subject);
    if (request.headers[headerNames.protocolVersion] === modernRevision) return refuseMethod(response);
    const found = this.#findSession(request, response, who.subject);
    if (found === undefined) return;
    if (method === 'GET') return this.#listen(found, request, response);
    this.#sessions.end(found);
    response.writeHead(204).end();
  }

  async #post(request: IncomingMessage, response: ServerResponse, subject: string): Promise<void> {
    if (!isJsonContent(request)) {
      return refuse(response, 415, refused, 'expected the header Content-Type: application/json');
    }
    if (!accepts(request, 'application/json') || !accepts(request, 'text/event-stream')) {
      return refuse(
        response,
        406,
        refused,
        'expected the header Accept: application/json, text/event-stream',
      );
    }
    const body = await readBody(request, this.#core.limits.maxBodyBytes);
    if ('fault' in body) return this.#refuseBody(response, body.fault);
    let parsed: ParsedMessage;
    try {
      parsed = parseMessage(body.text);
    } catch (error) {
      const id = error instanceof WireError ? (error.id ?? null) : null;
      return sendJson(response, 400, errorText(id, toErrorBody(error)));
    }
    if (parsed.kind === 'request') return this.#request(parsed, request, response, subject);
    this.#accept(parsed, request, response, subject);
  }

  #request(incoming: IncomingRequest, request: IncomingMessage, response: ServerResponse, subject: string) {
    const { message } = incoming;
    if (this.#core.running >= this.#core.limits.maxRunning) {
      return refuse(response, 503, refused, 'too many requests are under way; try again', {
        'retry-after': '1',
      });
    }
    if (claimsModern(message, request.headers))
      return this.#modernRequest(incoming, request, response, subject);
    if (message.method === 'initialize') return this.#initialize(incoming, request, response, subject);
    const found = this.#findSession(request, response, subject, message.id);
    if (found === undefined) return undefined;
    const { session } = found;
    if (session.running.has(message.id)) {
      return refuse(
        response,
        400,
        errorCodes.invalidRequest,
        'a request with this "id" is under way',
        {},
        message.id,
      );
    }
    if (session.running.size >= this.#core.limits.maxRunningPerSession) {
      const text = 'too many requests of this session are under way';
      return refuse(response, 429, refused, text, { 'retry-after': '1' }, message.id);
    }
    const reply = new HttpReply(response, () => found.openStream(response));
    return this.#legacy.request(session, incoming, reply, this.#arrivalOf(request));
  }

  async #modernRequest(
    incoming: IncomingRequest,
    request: IncomingMessage,
    response: ServerResponse,
    subject: string,
  ): Promise<void> {
    const { message } = incoming;
    const arrival = this.#arrivalOf(request);
    try {
      assertSameVersionAndMethod(message, request.headers);
      const caller = this.#modern.callerOf(message.params, { subject }, arrival);
      assertStandardHeaders(message, request.headers);
      if (message.method === 'tools/call') {
        const mirrored = this.#paramChecks.of(this.#core.gateway, caller, message.params?.['name']);
        assertParamHeaders(
          mirrored instanceof Promise ? await mirrored : mirrored,
          message.params,
          request.headers,
        );
      }
      const reply = new HttpReply(response, () => this.#openStream(response));
      const running = this.#modern.serve(caller, incoming, reply, arrival);
      this.#modernRunning.set(response, running);
      response.once('close', () => {
        this.#modernRunning.delete(response);
        if (!response.writableEnded) running.cancel(new CancelledError());
      });
    } catch (error) {
      sendJson(response, 400, errorText(message.id, toErrorBody(error)));
    }
  }

  #openStream(response: ServerResponse): SseStream {
    const stream = new SseStream(this.#core.limits.maxBufferedBytes);
    this.#modernStreams.add(stream);
    response.once('close', () => this.#modernStreams.delete(stream));
    stream.attach(response);
    return stream;
  }

  async #initialize(
    { message, fault }: IncomingRequest,
    request: IncomingMessage,
    response: ServerResponse,
    subject: string,
  ): Promise<void> {
    const { id, params = {} } = message;
    if (request.headers[headerNames.protocolVersion] === modernRevision) {
      const text = `initialize is no method of revision ${modernRevision}, which the header MCP-Protocol-Version names`;
      return refuse(response, 400, errorCodes.headerMismatch, text, {}, id);
    }
    if (fault !== undefined || typeof params['protocolVersion'] !== 'string') {
      const text = fault ?? 'expected "protocolVersion" to be a string';
      return refuse(response, 200, errorCodes.invalidParams, text, {}, id);
    }
    const arrival = this.#arrivalOf(request);
    const session = this.#legacy.open(params, subject, arrival);
    const added = this.#sessions.add(session, this.#core.now());
    if (added === undefined) {
      return refuse(response, 503, refused, 'too many sessions are open', { 'retry-after': '60' }, id);
    }
    await this.#core.track('initialize', session.caller.revision, 'http', async () => {
      try {
        const result: JsonObject = await this.#legacy.initializeResult(session);
        const text = JSON.stringify({ jsonrpc: '2.0', id, result });
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

  /** Takes what has no answer: a notification, or a legacy client's answer to a question. */
  #accept(
    parsed: Exclude<ParsedMessage, { kind: 'request' }>,
    request: IncomingMessage,
    response: ServerResponse,
    subject: string,
  ): void {
    if (request.headers[headerNames.protocolVersion] === modernRevision) {
      if (parsed.kind === 'notification') return void response.writeHead(202).end();
      return refuse(
        response,
        400,
        errorCodes.invalidRequest,
        `revision ${modernRevision} has no answers to post`,
      );
    }
    const found = this.#findSession(request, response, subject);
    if (found === undefined) return;
    if (parsed.kind === 'notification') this.#legacy.notification(found.session, parsed.message);
    else found.session.asks.settle(parsed.message);
    response.writeHead(202).end();
  }

  #listen(found: HttpSession, request: IncomingMessage, response: ServerResponse): void {
    if (!accepts(request, 'text/event-stream')) {
      return refuse(response, 406, refused, 'expected the header Accept: text/event-stream');
    }
    const lastEventId = request.headers[headerNames.lastEventId];
    if (typeof lastEventId === 'string' && found.resume(lastEventId, response)) return;
    found.listen(response);
  }

  /** The session that the request names; when there is none, refuses the request. */
  #findSession(
    request: IncomingMessage,
    response: ServerResponse,
    subject: string,
    id: RequestId | null = null,
  ): HttpSession | undefined {
    const version = request.headers[headerNames.protocolVersion];
    if (version !== undefined && !isLegacyRevision(version)) {
      const text = `MCP-Protocol-Version is not supported; expected one of ${servedRevisions.join(', ')}`;
      const data = { supported: [...servedRevisions], requested: String(version) };
      sendJson(
        response,
        400,
        errorText(id, { code: errorCodes.unsupportedProtocolVersion, message: text, data }),
      );
      return undefined;
    }
    const sessionId = request.headers[headerNames.sessionId];
    if (typeof sessionId !== 'string') {
      refuse(
        response,
        400,
        refused,
        'expected the header Mcp-Session-Id, as "initialize" returned it',
        {},
        id,
      );
      return undefined;
    }
    const found = this.#sessions.find(sessionId, subject, this.#core.now());
    if (found === undefined) refuse(response, 404, refused, 'session not found; initialize again', {}, id);
    return found;
  }

  #arrivalOf(request: IncomingMessage): Arrival {
    return { transport: 'http', headers: request.headers, forwardedHeaders: this.#forwardedHeaders(request) };
  }

  #forwardedHeaders(request: IncomingMessage): Readonly<Record<string, string>> {
    const names = this.#core.options.forwardedHeaders;
    if (names === undefined || names.length === 0) return this.#noHeaders;
    const forwarded: Record<string, string> = {};
    for (const name of names) {
      const value = request.headers[name.toLowerCase()];
      if (value !== undefined)
        forwarded[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
    }
    return forwarded;
  }

  #refuseBody(response: ServerResponse, fault: BodyFault): void {
    switch (fault) {
      case 'too-large': {
        const text = `expected a body of at most ${this.#core.limits.maxBodyBytes} bytes`;
        return refuse(response, 413, refused, text, { connection: 'close' });
      }
      case 'not-utf8':
        return refuse(response, 400, errorCodes.parseError, 'expected a body in UTF-8');
      case 'cut-off':
        response.destroy();
    }
  }
}

function refuseMethod(response: ServerResponse): void {
  refuse(response, 405, refused, 'expected POST, or GET or DELETE within a session', {
    allow: 'POST, GET, DELETE',
  });
}

function refuse(
  response: ServerResponse,
  status: number,
  code: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
  id: RequestId | null = null,
): void {
  sendJson(response, status, errorText(id, { code, message }), headers);
}
