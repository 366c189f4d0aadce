import type { BackendClientEvent, BackendInfo, BackendRequest, JsonObject } from '../../gateway/index.ts';
import { BackendError, CancelledError, ProtocolError } from '../../gateway/index.ts';
import { notificationText } from '../wire/jsonrpc.ts';
import { metaOf, modernRevision } from '../wire/revisions.ts';
import { ActiveCalls } from './active-calls.ts';
import { ActiveCall } from './active-call.ts';
import { AskRelay } from './ask-relay.ts';
import { resolveInputs } from './input-required.ts';
import type { Ask } from './negotiate.ts';
import { discover, initialize } from './negotiate.ts';
import { NotificationRelay } from './notification-relay.ts';
import { requestHeaders, withMeta } from './request-meta.ts';
import type { Listening } from './listen-stream.ts';
import { toUrlQuestions, withoutAnswers } from './url-elicitation.ts';
import type { Inbound, OnLog, PendingExchange, Transport } from './transport.ts';

export interface ConnectionOptions {
  readonly backend: string;
  readonly transport: Transport;
  readonly clientInfo: JsonObject;
  /** Declared in the handshake; a modern backend hears each caller's own with each request instead. */
  readonly capabilities: JsonObject;
  /** The client session that alone uses this connection; undefined when it is shared. */
  readonly sessionId?: string;
  /** Whether to open the stream for messages outside any request. */
  readonly standingStream: boolean;
  readonly probeTimeoutMs: number | undefined;
  readonly handshakeTimeoutMs: number;
  readonly onLog: OnLog;
  onEvent(event: BackendClientEvent): void;
  /** Gone, without having been closed. */
  onClose(error: BackendError): void;
}

/** A request of the gateway itself, on nobody's behalf. */
export interface OwnRequest {
  readonly method: string;
  readonly params: JsonObject;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** How one caller's request goes out. */
export interface OutgoingOptions {
  /** What a modern backend may log during the request. */
  readonly logLevel: string | undefined;
  /** `Mcp-Param-*` of 2026-07-28. */
  readonly paramHeaders?: Readonly<Record<string, string>>;
}

/** One conversation with one backend: its revision, the requests under way in it, and what the backend says meanwhile. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #calls = new ActiveCalls();
  readonly #asks: AskRelay;
  readonly #notifications: NotificationRelay;
  #info: BackendInfo | undefined;
  #nextId = 1;
  #closed = false;
  #isRetired = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { backend, transport, sessionId, onLog, onEvent } = options;
    this.#asks = new AskRelay({
      backend,
      calls: this.#calls,
      isShared: sessionId === undefined,
      onLog,
      send: (text) => transport.send(text),
    });
    this.#notifications = new NotificationRelay({
      backend,
      calls: this.#calls,
      sessionId,
      onLog,
      onEvent,
      asks: this.#asks,
    });
  }

  get info(): BackendInfo {
    if (this.#info === undefined) throw new Error('a connection has no info before it is open');
    return this.#info;
  }

  /** True when the backend keeps state for this connection, so that clients must not share it. */
  get hasSession(): boolean {
    return this.#options.transport.hasSession;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /**
   * Opens the way and negotiates.
   * @param era what an earlier connection to the same backend found, to spare the question.
   */
  async open(signal: AbortSignal, era: 'modern' | 'legacy' | undefined): Promise<BackendInfo> {
    const { transport, standingStream } = this.#options;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(this.#options.handshakeTimeoutMs)]);
    await transport.open(
      {
        onMessage: (message) => this.#receive(message, undefined),
        onClose: (error) => this.#lost(error),
      },
      limit,
    );
    const info = await this.#negotiate(limit, era);
    this.#info = info;
    transport.negotiated(info.revision, { standingStream: false });
    if (info.revision !== modernRevision) await transport.send(notificationText('notifications/initialized'));
    if (standingStream) transport.negotiated(info.revision, { standingStream });
    return info;
  }

  /** Passes one caller's request on, with everything that happens before its answer. */
  async request(request: BackendRequest, outgoing: OutgoingOptions): Promise<JsonObject> {
    if (this.info.revision !== modernRevision) return this.#requestLegacy(request, outgoing);
    const first = await this.#send(request, request.params, outgoing);
    if (first['resultType'] !== 'input_required') return first;
    return resolveInputs(first, {
      backend: this.#options.backend,
      request,
      retry: (params) => this.#send(request, params, outgoing),
    });
  }

  async #requestLegacy(request: BackendRequest, outgoing: OutgoingOptions): Promise<JsonObject> {
    try {
      return await this.#send(request, withoutAnswers(request.params), outgoing);
    } catch (error) {
      const questions = toUrlQuestions(error, request);
      if (questions === undefined) throw error;
      return questions;
    }
  }

  /** Sends a request of the gateway itself. */
  own(request: OwnRequest): Promise<JsonObject> {
    const { method, params, signal, timeoutMs } = request;
    return this.#ask(method, params, { revision: this.info.revision, signal, timeoutMs });
  }

  /** Opens a `subscriptions/listen` stream; what comes on it is told as events. */
  listen(filter: JsonObject): Listening {
    const { revision } = this.info;
    const id = this.#nextId++;
    const { clientInfo, capabilities, transport } = this.#options;
    const envelope = {
      revision,
      clientInfo,
      capabilities,
      progressToken: undefined,
      logLevel: undefined,
      trace: undefined,
    };
    const method = 'subscriptions/listen';
    const pending = transport.exchange({
      id,
      method,
      params: withMeta({ notifications: filter }, envelope),
      revision,
      onMessage: (message) => this.#receive(message, undefined),
    });
    return { ended: pending.answer, stop: () => this.#stopListening(id, pending) };
  }

  #stopListening(id: number, pending: PendingExchange): void {
    pending.abort(new CancelledError('the gateway stopped listening'));
    if (this.#options.transport.isDuplex && !this.#closed)
      this.#tellCancelled(id, 'the gateway stopped listening');
  }

  notify(method: string, params: JsonObject): Promise<void> {
    return this.#options.transport.send(notificationText(method, params));
  }

  /** Closes as soon as no request is under way. */
  retire(): void {
    this.#isRetired = true;
    this.#closeIfIdle();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#options.transport.close();
  }

  async #negotiate(signal: AbortSignal, era: 'modern' | 'legacy' | undefined): Promise<BackendInfo> {
    const { backend, clientInfo, capabilities, probeTimeoutMs } = this.#options;
    const handshake = { backend, clientInfo, capabilities, probeTimeoutMs };
    const ask: Ask = (method, params, { revision, timeoutMs }) =>
      this.#ask(method, params, {
        revision,
        signal,
        timeoutMs: timeoutMs ?? this.#options.handshakeTimeoutMs,
      });
    if (era !== 'legacy') {
      const modern = await discover(ask, {}, handshake);
      if (modern !== undefined) return modern;
    }
    return initialize(ask, handshake);
  }

  /** A request on nobody's behalf: no progress, no questions. */
  #ask(
    method: string,
    params: JsonObject,
    options: { revision: string | undefined; signal: AbortSignal; timeoutMs: number },
  ): Promise<JsonObject> {
    const { clientInfo, capabilities } = this.#options;
    const { revision, signal, timeoutMs } = options;
    const envelope = {
      clientInfo,
      capabilities,
      progressToken: undefined,
      logLevel: undefined,
      trace: undefined,
    };
    return this.#run({
      method,
      params: revision === undefined ? params : withMeta(params, { revision, ...envelope }),
      revision,
      signal,
      timeoutMs,
    });
  }

  #send(request: BackendRequest, params: JsonObject, outgoing: OutgoingOptions): Promise<JsonObject> {
    const { caller, trace, signal, timeoutMs, method } = request;
    const { revision } = this.info;
    const hasToken = metaOf(params)?.['progressToken'] !== undefined;
    const headers = requestHeaders(caller, trace);
    const extra = outgoing.paramHeaders === undefined ? headers : { ...headers, ...outgoing.paramHeaders };
    return this.#run({
      method,
      params: withMeta(params, {
        revision,
        clientInfo: this.#options.clientInfo,
        capabilities: caller.capabilities,
        progressToken: hasToken ? this.#nextId : undefined,
        logLevel: outgoing.logLevel,
        trace,
      }),
      revision,
      signal,
      timeoutMs,
      request,
      ...(extra === undefined ? {} : { headers: extra }),
    });
  }

  #run(outgoing: {
    method: string;
    params: JsonObject;
    revision: string | undefined;
    signal: AbortSignal;
    timeoutMs: number;
    headers?: Record<string, string>;
    request?: BackendRequest;
  }): Promise<JsonObject> {
    const { method, params, revision, signal, timeoutMs, headers, request } = outgoing;
    if (signal.aborted) return Promise.reject(reasonOf(signal));
    const id = this.#nextId++;
    const call = new ActiveCall({
      id,
      method,
      request,
      timeoutMs,
      onTimeout: () => this.#giveUp(call, revision),
    });
    this.#calls.add(call);
    const pending = this.#options.transport.exchange({
      id,
      method,
      params,
      revision,
      ...(headers === undefined ? {} : { headers }),
      onMessage: (message) => this.#receive(message, call),
    });
    call.start(pending, signal, () => this.#cancelled(call, revision, signal));
    return this.#outcome(call);
  }

  async #outcome(call: ActiveCall): Promise<JsonObject> {
    try {
      const result = await call.answer;
      if (call.refusedAsk !== undefined && result['isError'] === true) throw call.refusedAsk;
      return result;
    } catch (error) {
      throw call.refusedAsk !== undefined && error instanceof ProtocolError ? call.refusedAsk : error;
    } finally {
      call.end();
      this.#calls.delete(call);
      if (this.#isRetired) this.#closeIfIdle();
    }
  }

  #closeIfIdle(): void {
    if (this.#calls.size > 0) return;
    const { backend, onLog } = this.#options;
    this.close().catch((error: unknown) => {
      onLog({ level: 'debug', backend, message: `could not be closed: ${String(error)}` });
    });
  }

  #giveUp(call: ActiveCall, revision: string | undefined): void {
    const { backend } = this.#options;
    const error = new BackendError(
      'timeout',
      backend,
      `did not answer ${call.method} within ${call.timeoutMs} ms`,
    );
    this.#abandon(call, revision, error, 'the gateway gave up waiting');
  }

  #cancelled(call: ActiveCall, revision: string | undefined, signal: AbortSignal): void {
    this.#abandon(call, revision, reasonOf(signal), 'the client cancelled the request');
  }

  /** Over HTTP, 2026-07-28 hears of it by the closed response; everyone else by a notification. */
  #abandon(call: ActiveCall, revision: string | undefined, error: Error, reason: string): void {
    call.abort(error);
    if (revision === modernRevision && !this.#options.transport.isDuplex) return;
    if (call.method !== 'initialize') this.#tellCancelled(call.id, reason);
  }

  #tellCancelled(requestId: number, reason: string): void {
    const { transport, backend, onLog } = this.#options;
    const text = notificationText('notifications/cancelled', { requestId, reason });
    transport.send(text).catch((cause: unknown) => {
      onLog({
        level: 'debug',
        backend,
        message: `could not be told of a cancelled request: ${String(cause)}`,
      });
    });
  }

  #receive(message: Inbound, call: ActiveCall | undefined): void {
    if (message.kind === 'request') this.#asks.receive(message.message, call);
    else this.#notifications.receive(message.message, call);
  }

  #lost(error: BackendError): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.onClose(error);
  }
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new CancelledError();
}
