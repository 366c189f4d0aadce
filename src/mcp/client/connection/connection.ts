import type { BackendClientEvent, BackendInfo, BackendRequest } from '../../../gateway/index.ts';
import type { JsonObject } from '../../../protocol/index.ts';
import { BackendError, waitFor } from '../../../gateway/index.ts';
import { notificationText } from '../../wire/jsonrpc.ts';
import { metaKeys, metaOf, modernRevision } from '../../wire/revisions.ts';
import type { FieldLog } from '../../wire/field-log.ts';
import type { ActiveCall } from '../calls/active-call.ts';
import { AskRelay } from '../calls/ask-relay.ts';
import { CallRunner } from '../calls/call-runner.ts';
import { resolveInputs } from '../calls/input-required.ts';
import { contain, type OnDefect } from '../../../lib/guarded.ts';
import { messageOf } from '../../../lib/thrown.ts';
import type { Ask } from './negotiate.ts';
import { discover, initialize } from './negotiate.ts';
import { NotificationRelay } from '../calls/notification-relay.ts';
import type { RequestEnvelope } from './request-meta.ts';
import { requestHeaders, withMeta } from './request-meta.ts';
import type { Listening } from '../transport/http/listen-stream.ts';
import { toUrlQuestions, withoutAnswers } from '../calls/url-elicitation.ts';
import type { Inbound, OnLog, Transport } from '../transport/transport.ts';

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
  readonly fields: FieldLog;
  readonly onLog: OnLog;
  readonly onDefect: OnDefect;
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
  readonly #runner: CallRunner;
  readonly #asks: AskRelay;
  readonly #notifications: NotificationRelay;
  #info: BackendInfo | undefined;
  #closed = false;
  #isRetired = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { backend, transport, sessionId, fields, onLog, onDefect, onEvent } = options;
    this.#runner = new CallRunner({
      backend,
      transport,
      onLog,
      onDefect,
      onMessage: (message, call) => this.#receive(message, call),
      onIdle: () => this.#closeIfRetired(),
    });
    const { calls } = this.#runner;
    this.#asks = new AskRelay({
      backend,
      calls,
      isShared: sessionId === undefined,
      fields,
      onLog,
      onDefect,
      send: (text) => transport.send(text),
    });
    this.#notifications = new NotificationRelay({
      backend,
      calls,
      sessionId,
      fields,
      onEvent,
      asks: this.#asks,
      onGivenUp: (id) => this.#runner.endListening(id),
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
    transport.negotiated(info.revision);
    if (info.revision === modernRevision) return info;
    await this.#sayInitialized(limit);
    if (standingStream) await transport.openStandingStream();
    return info;
  }

  /** Over HTTP a backend may leave this unanswered too, as any request. */
  #sayInitialized(signal: AbortSignal): Promise<void> {
    const { backend, transport, handshakeTimeoutMs: timeoutMs } = this.#options;
    const timeout = (): BackendError =>
      new BackendError('timeout', backend, `did not take notifications/initialized within ${timeoutMs} ms`, {
        mayHaveRun: false,
      });
    return waitFor(transport.send(notificationText('notifications/initialized')), {
      signal,
      timeoutMs,
      timeout,
    });
  }

  /** Passes one caller's request on, with everything that happens before its answer. */
  request(request: BackendRequest, outgoing: OutgoingOptions): Promise<JsonObject> {
    const isModern = this.info.revision === modernRevision;
    return isModern ? this.#requestModern(request, outgoing) : this.#requestLegacy(request, outgoing);
  }

  async #requestModern(request: BackendRequest, outgoing: OutgoingOptions): Promise<JsonObject> {
    const first = this.#sound(request, await this.#send(request, request.params, outgoing));
    if (first['resultType'] !== 'input_required') return first;
    return resolveInputs(first, {
      backend: this.#options.backend,
      request,
      fields: this.#options.fields,
      retry: async (params) => this.#sound(request, await this.#send(request, params, outgoing)),
    });
  }

  async #requestLegacy(request: BackendRequest, outgoing: OutgoingOptions): Promise<JsonObject> {
    try {
      return this.#sound(request, await this.#send(request, withoutAnswers(request.params), outgoing));
    } catch (error) {
      const questions = toUrlQuestions(error, request);
      if (questions === undefined) throw error;
      return questions;
    }
  }

  /** The result as clients can take it: one odd field in it costs itself alone. */
  #sound({ method, params }: BackendRequest, result: JsonObject): JsonObject {
    const { fields, backend } = this.#options;
    const said = (): string => `answered ${method}${subjectOf(method, params)} with`;
    const sound = fields.repair('server-result', method, result, said, params);
    if (sound !== undefined) return sound;
    throw new BackendError('bad-answer', backend, `answered ${method} with a result of no use; see the log`);
  }

  /** Sends a request of the gateway itself. */
  own(request: OwnRequest): Promise<JsonObject> {
    const { method, params, signal, timeoutMs } = request;
    return this.#ask(method, params, { revision: this.info.revision, signal, timeoutMs });
  }

  /** Opens a `subscriptions/listen` stream; what comes on it is told as events. */
  listen(filter: JsonObject): Listening {
    const { revision } = this.info;
    return this.#runner.listen(withMeta({ notifications: filter }, this.#ownEnvelope(revision)), revision);
  }

  notify(method: string, params: JsonObject): Promise<void> {
    return this.#options.transport.send(notificationText(method, params));
  }

  /** Closes as soon as no request is under way. */
  retire(): void {
    this.#isRetired = true;
    this.#closeIfRetired();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#options.transport.close();
  }

  async #negotiate(signal: AbortSignal, era: 'modern' | 'legacy' | undefined): Promise<BackendInfo> {
    const { backend, clientInfo, capabilities, probeTimeoutMs, fields } = this.#options;
    const handshake = { backend, clientInfo, capabilities, probeTimeoutMs, fields };
    const ask: Ask = (method, params, { revision, timeoutMs }) =>
      this.#ask(method, params, {
        revision,
        signal,
        timeoutMs: timeoutMs ?? this.#options.handshakeTimeoutMs,
      });
    if (era === 'legacy') return initialize(ask, handshake);
    const modern = await discover(ask, {}, handshake);
    if (modern !== undefined) return modern;
    try {
      return await initialize(ask, handshake);
    } catch (error) {
      // Over stdio a modern backend that was still starting let the question pass in silence; it can answer now.
      const isRefused = error instanceof BackendError && error.code === 'handshake';
      const late = isRefused && probeTimeoutMs !== undefined && (await discover(ask, {}, handshake));
      if (late) return late;
      throw error;
    }
  }

  /** A request on nobody's behalf: no progress, no questions. */
  #ask(
    method: string,
    params: JsonObject,
    options: { revision: string | undefined; signal: AbortSignal; timeoutMs: number },
  ): Promise<JsonObject> {
    const { revision } = options;
    const whole = revision === undefined ? params : withMeta(params, this.#ownEnvelope(revision));
    return this.#runner.run({ ...options, method, params: () => whole });
  }

  #ownEnvelope(revision: string): RequestEnvelope {
    const { clientInfo, capabilities } = this.#options;
    return {
      revision,
      clientInfo,
      capabilities,
      progressToken: undefined,
      logLevel: undefined,
      trace: undefined,
    };
  }

  #send(request: BackendRequest, params: JsonObject, outgoing: OutgoingOptions): Promise<JsonObject> {
    const { caller, trace, signal, timeoutMs, method } = request;
    const { revision } = this.info;
    const { clientInfo } = this.#options;
    const { capabilities } = caller;
    const { logLevel, paramHeaders } = outgoing;
    const wantsProgress = metaOf(params)?.[metaKeys.progressToken] !== undefined;
    const common = requestHeaders(caller, trace);
    const headers = paramHeaders === undefined ? common : { ...common, ...paramHeaders };
    return this.#runner.run({
      method,
      params: (id) => {
        const progressToken = wantsProgress ? id : undefined;
        return withMeta(params, { revision, clientInfo, capabilities, progressToken, logLevel, trace });
      },
      revision,
      signal,
      timeoutMs,
      request,
      headers,
    });
  }

  #closeIfRetired(): void {
    if (!this.#isRetired || this.#runner.calls.size > 0) return;
    const { backend, onLog } = this.#options;
    this.close().catch((error: unknown) => {
      onLog({ level: 'debug', backend, message: `could not be closed: ${messageOf(error)}` });
    });
  }

  /** Never throws: the transport would take it for a fault of what it reads. */
  #receive(message: Inbound, call: ActiveCall | undefined): void {
    contain('what a backend says unasked', this.#options.onDefect, () => {
      if (message.kind === 'request') this.#asks.receive(message.message, call);
      else this.#notifications.receive(message.message, call);
    });
  }

  #lost(error: BackendError): void {
    if (this.#closed) return;
    this.#closed = true;
    contain('the loss of a connection', this.#options.onDefect, () => this.#options.onClose(error));
  }
}

/** What a request names, where the names are few: a place can be any. */
function subjectOf(method: string, { name }: JsonObject): string {
  const isNamed = (method === 'tools/call' || method === 'prompts/get') && typeof name === 'string';
  return isNamed ? ` of ${JSON.stringify(name)}` : '';
}
