import { setTimeout as delay } from 'node:timers/promises';
import { BackendError } from '../../../../gateway/index.ts';
import { methodEntry } from '../../../../protocol/index.ts';
import { TransientMap } from '../../../../lib/transient-map.ts';
import { encodeHeaderValue } from '../../../wire/header-values.ts';
import { requestText } from '../../../wire/jsonrpc.ts';
import { headerNames, modernRevision } from '../../../wire/revisions.ts';
import { discardSink, type HttpCall, sendHttp } from './http-call.ts';
import { guarded, type OnDefect } from '../../../../lib/guarded.ts';
import { HttpExchange } from './http-exchange.ts';
import type { HttpTarget, Origin } from './http-origin.ts';
import { HttpRefusal } from './http-refusal.ts';
import { toSendFailure } from './send-failure.ts';
import { StandingStream } from './standing-stream.ts';
import type {
  Answer,
  Exchange,
  OnLog,
  PendingExchange,
  Transport,
  TransportEvents,
  WireLimits,
} from '../transport.ts';

export interface StreamableHttpOptions {
  readonly backend: string;
  readonly target: HttpTarget;
  readonly origin: Origin;
  readonly limits: WireLimits;
  readonly onLog: OnLog;
  readonly onDefect: OnDefect;
}

const streamWaitMs = 500;

const baseHeaders = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
} as const;

/** One session (legacy revisions) or no session (2026-07-28) over Streamable HTTP. */
export class StreamableHttpTransport implements Transport {
  readonly isDuplex = false;
  readonly #options: StreamableHttpOptions;
  #path: string;
  #events: TransportEvents | undefined;
  #revision: string | undefined;
  #sessionId: string | undefined;
  #stream: StandingStream | undefined;
  #closed = false;
  readonly #running = new TransientMap<number, HttpExchange>();
  /** Messages that have no answer, until the backend has taken them. */
  readonly #sending = new Set<HttpCall>();

  constructor(options: StreamableHttpOptions) {
    this.#options = options;
    this.#path = options.target.url.pathname + options.target.url.search;
  }

  get hasSession(): boolean {
    return this.#sessionId !== undefined;
  }

  open(events: TransportEvents): Promise<void> {
    this.#events = events;
    return Promise.resolve();
  }

  exchange(exchange: Exchange): PendingExchange {
    const { backend, origin, limits, target, onDefect } = this.#options;
    const headers = this.#headersFor(exchange);
    const isLegacy = exchange.revision !== modernRevision;
    const pending = new HttpExchange({
      backend,
      lane: exchange.method === 'subscriptions/listen' ? origin.streams : origin.calls,
      path: this.#path,
      origin: target.url.origin,
      headers,
      context: exchange.context,
      id: exchange.id,
      body: requestText(exchange.id, exchange.method, exchange.params),
      limits,
      resumeHeaders: isLegacy ? this.#sessionHeaders() : undefined,
      hadSession: this.#sessionId !== undefined,
      unreadTexts: exchange.unreadTexts ?? false,
      onMessage: exchange.onMessage,
      onSession: (sessionId) => {
        if (exchange.method === 'initialize' && !this.#closed) this.#sessionId = sessionId;
      },
      onMoved: (path) => (this.#path = path),
      onSettled: (id) => this.#running.delete(id),
      onDefect,
    });
    if (!pending.settled) this.#running.set(exchange.id, pending);
    return pending;
  }

  send(text: string): Promise<void> {
    const { backend, origin, onDefect } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const call = sendHttp(origin.calls, {
      method: 'POST',
      path: this.#path,
      headers: { ...baseHeaders, ...this.#sessionHeaders() },
      body: text,
      onHead: ({ status }) => {
        if (status < 300) resolve();
        else reject(new HttpRefusal(backend, status, `refused a message (HTTP ${status})`));
        return discardSink;
      },
      onError: (error, sent) => reject(toSendFailure(backend, error, sent)),
      onDefect,
    });
    this.#sending.add(call);
    return promise.finally(() => this.#sending.delete(call));
  }

  negotiated(revision: string): void {
    this.#revision = revision;
  }

  async openStandingStream(): Promise<void> {
    if (this.#closed) return;
    const { backend, origin, limits, onLog, onDefect } = this.#options;
    this.#stream = new StandingStream({
      lane: origin.streams,
      path: () => this.#path,
      headers: () => this.#sessionHeaders(),
      maxMessageBytes: limits.maxMessageBytes,
      onMessage: (message) => this.#events?.onMessage(message),
      onAnswer: (answer) => this.#settle(answer),
      onFault: (message) => onLog({ level: 'warn', backend, message }),
      onDefect,
    });
    // What a backend says on a stream that does not stand yet is lost, so a call should not come before it. Some backends
    // send no headers before their first event.
    await Promise.race([this.#stream.answered, delay(streamWaitMs, undefined, { ref: false })]);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stream?.close();
    const error = new BackendError('disconnected', this.#options.backend, 'was closed by the gateway');
    for (const pending of [...this.#running.values()]) pending.abort(error);
    for (const call of this.#sending) call.abort(error);
    if (this.#sessionId !== undefined) await this.#endSession();
  }

  /** Tells the backend that the session is over; a backend that does not answer in time has had its chance. */
  #endSession(): Promise<void> {
    const { origin, limits, onDefect } = this.#options;
    return new Promise((resolve) => {
      const call = sendHttp(origin.calls, {
        method: 'DELETE',
        path: this.#path,
        headers: this.#sessionHeaders(),
        onHead: () => ({ push: () => undefined, end: finish, fail: finish }),
        onError: finish,
        onDefect,
      });
      const giveUp = (): void => {
        finish();
        call.abort(new Error('the backend did not answer the end of the session'));
      };
      const timer = setTimeout(guarded('the farewell to a backend', onDefect, giveUp), limits.closeGraceMs);
      function finish(): void {
        clearTimeout(timer);
        resolve();
      }
    });
  }

  #settle(answer: Answer): void {
    const { id } = answer.message;
    if (typeof id === 'number') this.#running.get(id)?.settle(answer);
  }

  #headersFor(exchange: Exchange): Record<string, string> {
    const headers: Record<string, string> = { ...baseHeaders };
    if (exchange.revision !== undefined) headers[headerNames.protocolVersion] = exchange.revision;
    if (this.#sessionId !== undefined) headers[headerNames.sessionId] = this.#sessionId;
    if (exchange.revision === modernRevision) {
      headers[headerNames.method] = exchange.method;
      const field = methodEntry(exchange.method)?.nameField;
      const name = field === undefined ? undefined : exchange.params[field];
      if (typeof name === 'string') headers[headerNames.name] = encodeHeaderValue(name);
    }
    return exchange.headers === undefined ? headers : { ...exchange.headers, ...headers };
  }

  #sessionHeaders(): Record<string, string> {
    const headers: Record<string, string> = {};
    if (this.#revision !== undefined) headers[headerNames.protocolVersion] = this.#revision;
    if (this.#sessionId !== undefined) headers[headerNames.sessionId] = this.#sessionId;
    return headers;
  }
}
