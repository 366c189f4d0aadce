import { parseMessage } from '../../../wire/jsonrpc.ts';
import type { BodySink, HttpCall, HttpHead, HttpLane } from './http-call.ts';
import { guarded, type OnDefect } from '../../../../lib/guarded.ts';
import { discardSink, isOfType, sendHttp } from './http-call.ts';
import { SseReader } from './sse-reader.ts';
import type { Answer, Inbound } from '../transport.ts';

const firstRetryMs = 1_000;
const maxRetryMs = 60_000;

export interface StandingStreamOptions {
  readonly lane: HttpLane;
  /** Asked anew for each attempt. */
  path(): string;
  headers(): Readonly<Record<string, string>>;
  readonly maxMessageBytes: number;
  onMessage(message: Inbound): void;
  /** An answer, as a backend may give it here when the stream of its request was closed. */
  onAnswer(answer: Answer): void;
  /** Something on the stream was no message, or the stream was refused for good. */
  onFault(what: string): void;
  readonly onDefect: OnDefect;
}

/**
 * The stream that a legacy backend sends on outside any request, opened with GET and opened again when it ends. A
 * backend that answers 405, or anything else that is no stream, does not offer one, and is not asked again.
 * https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#listening-for-messages-from-the-server
 */
export class StandingStream {
  /** Resolves when the backend has answered the first attempt, whatever it said. */
  readonly answered: Promise<void>;
  readonly #options: StandingStreamOptions;
  #call: HttpCall | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  #lastEventId: string | undefined;
  #retryMs = firstRetryMs;
  #failures = 0;
  readonly #first = Promise.withResolvers<void>();

  constructor(options: StandingStreamOptions) {
    this.#options = options;
    this.answered = this.#first.promise;
    this.#connect();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#call?.abort(new Error('the gateway closed the stream'));
  }

  #connect(): void {
    const { lane, path, headers, onDefect } = this.#options;
    const resume = this.#lastEventId === undefined ? {} : { 'last-event-id': this.#lastEventId };
    this.#call = sendHttp(lane, {
      method: 'GET',
      path: path(),
      headers: { ...headers(), accept: 'text/event-stream', ...resume },
      onHead: (head) => {
        this.#first.resolve();
        return this.#onHead(head);
      },
      onError: () => {
        this.#first.resolve();
        this.#again();
      },
      onDefect,
    });
  }

  #onHead(head: HttpHead): BodySink {
    if (head.status === 200 && isOfType(head, 'text/event-stream')) return this.#read();
    if (head.status >= 500 || head.status === 429 || head.status === 409) {
      return { ...discardSink, end: () => this.#again(), fail: () => this.#again() };
    }
    return discardSink;
  }

  #read(): BodySink {
    this.#failures = 0;
    const reader = new SseReader(this.#options.maxMessageBytes, {
      onEvent: ({ type, data }) => {
        if (type === 'message' && data !== '' && !this.#closed) this.#receive(data);
      },
      onId: (id) => (this.#lastEventId = id),
      onRetry: (retryMs) => (this.#retryMs = retryMs),
      onTooLong: () => {
        this.#options.onFault('sent a message that is too large on its stream');
        this.#call?.abort(new Error('the message is too large'));
      },
    });
    return { push: (chunk) => reader.push(chunk), end: () => this.#again(), fail: () => this.#again() };
  }

  #receive(data: string): void {
    try {
      const parsed = parseMessage(data);
      if (parsed.kind === 'request' || parsed.kind === 'notification') this.#options.onMessage(parsed);
      else this.#options.onAnswer(parsed);
    } catch {
      this.#options.onFault('sent something on its stream that is no MCP message');
    }
  }

  #again(): void {
    if (this.#closed) return;
    const waitMs = Math.min(this.#retryMs * 2 ** this.#failures, maxRetryMs);
    this.#failures = Math.min(this.#failures + 1, 16);
    const connect = guarded('the stream outside of requests', this.#options.onDefect, () => this.#connect());
    this.#timer = setTimeout(connect, waitMs).unref();
  }
}
