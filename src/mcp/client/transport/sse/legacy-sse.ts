import type { CallContext } from '../../../../gateway/index.ts';
import { BackendError } from '../../../../gateway/index.ts';
import type { ParsedMessage } from '../../../wire/jsonrpc.ts';
import { parseMessage, requestText } from '../../../wire/jsonrpc.ts';
import type { BodySink, HttpCall, HttpHead } from '../http/http-call.ts';
import { discardSink, isOfType, sendHttp, textSink } from '../http/http-call.ts';
import type { HttpTarget, Origin } from '../http/http-origin.ts';
import { HttpRefusal, toRefusal } from '../http/http-refusal.ts';
import { PendingAnswers } from '../pending-answers.ts';
import { toSendFailure } from '../http/send-failure.ts';
import { SseReader } from '../http/sse-reader.ts';
import { StrayAnswers } from '../stray-answers.ts';
import { guarded, type OnDefect } from '../../../../lib/guarded.ts';
import { messageOf, toError } from '../../../../lib/thrown.ts';
import type {
  Exchange,
  OnLog,
  PendingExchange,
  Transport,
  TransportEvents,
  WireLimits,
} from '../transport.ts';

const maxErrorBodyBytes = 64 * 1024;

export interface LegacySseOptions {
  readonly backend: string;
  readonly target: HttpTarget;
  readonly origin: Origin;
  readonly limits: WireLimits;
  readonly onLog: OnLog;
  readonly onDefect: OnDefect;
}

/**
 * HTTP+SSE of 2024-11-05: one stream on which everything comes, whose first event names the place to which everything is
 * posted. That place must be on the stream's own origin, or a backend could have the gateway post elsewhere.
 * https://modelcontextprotocol.io/specification/2024-11-05/basic/transports#http-with-sse
 */
export class LegacySseTransport implements Transport {
  readonly isDuplex = true;
  readonly hasSession = false;
  readonly #options: LegacySseOptions;
  readonly #pending = new PendingAnswers();
  readonly #stray: StrayAnswers;
  readonly #ready = Promise.withResolvers<void>();
  #events: TransportEvents | undefined;
  #stream: HttpCall | undefined;
  #postPath: string | undefined;
  #ended: BackendError | undefined;
  #closing = false;

  constructor(options: LegacySseOptions) {
    this.#options = options;
    this.#stray = new StrayAnswers({ ...options, pending: this.#pending });
    // Whoever opens waits for it; a loss before that is told there.
    this.#ready.promise.catch(() => undefined);
  }

  async open(events: TransportEvents, signal: AbortSignal): Promise<void> {
    this.#events = events;
    const { origin, target, onDefect } = this.#options;
    this.#stream = sendHttp(origin.streams, {
      method: 'GET',
      path: target.url.pathname + target.url.search,
      headers: { accept: 'text/event-stream', 'cache-control': 'no-store' },
      onHead: (head) => this.#onHead(head),
      onError: (error, sent) => this.#fail(toSendFailure(this.#options.backend, error, sent)),
      onDefect,
    });
    const onAbort = guarded('the limit of opening a stream', onDefect, () =>
      this.#lost('did not open its stream in time', false),
    );
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await this.#ready.promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  exchange(exchange: Exchange): PendingExchange {
    const pending = this.#pending.add(exchange.id);
    if (this.#ended !== undefined) pending.abort(this.#ended);
    else {
      const text = requestText(exchange.id, exchange.method, exchange.params);
      this.#post(text, exchange.headers, exchange.context).catch((error: unknown) =>
        this.#pending.fail(exchange.id, toError(error)),
      );
    }
    return pending;
  }

  send(text: string): Promise<void> {
    return this.#post(text);
  }

  negotiated(): void {
    // The stream is there from the start.
  }

  openStandingStream(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#closing = true;
    this.#lost('was closed by the gateway', true);
    return Promise.resolve();
  }

  #onHead(head: HttpHead): BodySink {
    const { backend } = this.#options;
    if (head.status === 200 && isOfType(head, 'text/event-stream')) return this.#read();
    if (head.status === 200) {
      this.#fail(
        new BackendError('bad-answer', backend, 'answered with no event stream', { mayHaveRun: false }),
      );
      return discardSink;
    }
    const refuse = (body: string): void => {
      const error = toRefusal(backend, head, body, false);
      this.#fail(
        error instanceof BackendError
          ? error
          : new HttpRefusal(backend, head.status, `answered HTTP ${head.status}`),
      );
    };
    return textSink(maxErrorBodyBytes, {
      onText: refuse,
      onTooLong: () => refuse(''),
      onFail: () => refuse(''),
    });
  }

  #read(): BodySink {
    const { maxMessageBytes } = this.#options.limits;
    const reader = new SseReader(maxMessageBytes, {
      onEvent: ({ type, data }) => {
        if (type === 'endpoint') this.#onEndpoint(data);
        else if (type === 'message') this.#receive(data);
      },
      onTooLong: () => this.#tooLong(),
    });
    return {
      push: (chunk) => reader.push(chunk),
      end: () => this.#lost('ended its stream', true),
      fail: () => this.#lost('broke its stream', true),
    };
  }

  #onEndpoint(data: string): void {
    if (this.#postPath !== undefined) return;
    const { url } = this.#options.target;
    const endpoint = URL.parse(data, url.href);
    if (endpoint?.origin !== url.origin) {
      this.#lost('names a place on another host to send messages to, which is refused', false);
      return;
    }
    this.#postPath = endpoint.pathname + endpoint.search;
    this.#ready.resolve();
  }

  #receive(data: string): void {
    let parsed: ParsedMessage;
    try {
      parsed = parseMessage(data);
    } catch (error) {
      const why = messageOf(error);
      this.#stray.refuseText(data, `sent something on its stream that is no MCP message: ${why}`);
      return;
    }
    if (parsed.kind === 'request' || parsed.kind === 'notification') this.#events?.onMessage(parsed);
    else if (!this.#pending.settle(parsed)) this.#stray.refuseId(parsed.message.id);
  }

  /** Which request it answers cannot be told without reading it, so the stream is of no more use. */
  #tooLong(): void {
    const { backend, limits } = this.#options;
    const error = new BackendError(
      'too-large',
      backend,
      `sent an answer over ${limits.maxMessageBytes} bytes`,
    );
    this.#pending.failOnly(error);
    this.#lost(`sent a message over ${limits.maxMessageBytes} bytes`, true);
  }

  #post(text: string, headers?: Readonly<Record<string, string>>, context?: CallContext): Promise<void> {
    const { backend, origin, onDefect } = this.#options;
    const path = this.#postPath;
    if (path === undefined || this.#ended !== undefined) {
      return Promise.reject(
        this.#ended ?? new BackendError('unreachable', backend, 'has no open stream', { mayHaveRun: false }),
      );
    }
    return new Promise((resolve, reject) => {
      sendHttp(origin.calls, {
        method: 'POST',
        path,
        headers: { ...headers, 'content-type': 'application/json' },
        body: text,
        context,
        onHead: (head) => {
          if (head.status < 300) resolve();
          else reject(toRefusal(backend, head, '', false));
          return discardSink;
        },
        onError: (cause, sent) => reject(toSendFailure(backend, cause, sent)),
        onDefect,
      });
    });
  }

  #lost(what: string, mayHaveRun: boolean): void {
    this.#fail(
      new BackendError(mayHaveRun ? 'disconnected' : 'unreachable', this.#options.backend, what, {
        mayHaveRun,
      }),
    );
  }

  #fail(error: BackendError): void {
    if (this.#ended !== undefined) return;
    this.#ended = error;
    this.#pending.failAll(error);
    this.#ready.reject(error);
    this.#stream?.abort(error);
    if (!this.#closing) this.#events?.onClose(error);
  }
}
