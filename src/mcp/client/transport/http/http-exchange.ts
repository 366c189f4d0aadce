import type { CallContext } from '../../../../gateway/index.ts';
import type { JsonObject } from '../../../../protocol/index.ts';
import { BackendError } from '../../../../gateway/index.ts';
import type { ParsedMessage } from '../../../wire/jsonrpc.ts';
import { classifyMessage, parseJson, parseMessage, toProtocolError } from '../../../wire/jsonrpc.ts';
import { parseMessageButTexts } from '../../../wire/unread-texts.ts';
import type { BodySink, HttpCall, HttpHead, HttpLane } from './http-call.ts';
import { guarded, type OnDefect } from '../../../../lib/guarded.ts';
import { discardSink, isOfType, sendHttp, textSink } from './http-call.ts';
import { toRefusal } from './http-refusal.ts';
import { toSendFailure } from './send-failure.ts';
import { SseReader } from './sse-reader.ts';
import type { Answer, Inbound, PendingExchange, WireLimits } from '../transport.ts';

const maxErrorBodyBytes = 64 * 1024;
/** After its answer a stream should end by itself, which saves the connection; one that does not is cut. */
const streamEndGraceMs = 500;
const defaultRetryMs = 1_000;
/** In a row: a backend that lets itself be polled may be for as long as the call may take. */
const maxFailedResumptions = 10;

export interface HttpExchangeOptions {
  readonly backend: string;
  readonly lane: HttpLane;
  readonly path: string;
  readonly origin: string;
  /** The caller's request that it carries; undefined for the gateway's own. */
  readonly context: CallContext | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly id: number;
  readonly body: string;
  readonly limits: WireLimits;
  /** Headers to take a broken stream up again with; undefined where the revision knows no such thing. */
  readonly resumeHeaders: Readonly<Record<string, string>> | undefined;
  readonly hadSession: boolean;
  /** Whether the long texts of a tool's result are left unread. */
  readonly unreadTexts: boolean;
  onMessage(message: Inbound): void;
  onSession(sessionId: string): void;
  /** A redirect within the origin was followed. */
  onMoved(path: string): void;
  /** The answer is there, or will not come. Called once, maybe before the constructor returns. */
  onSettled(id: number): void;
  readonly onDefect: OnDefect;
}

/** One request as one POST, answered by JSON or by a stream of events. */
export class HttpExchange implements PendingExchange {
  readonly answer: Promise<JsonObject>;
  readonly #options: HttpExchangeOptions;
  #resolve!: (result: JsonObject) => void;
  #reject!: (error: Error) => void;
  #settled = false;
  #call: HttpCall | undefined;
  #resumeTimer: NodeJS.Timeout | undefined;
  #lastEventId: string | undefined;
  #retryMs = defaultRetryMs;
  #failedResumptions = 0;
  #redirected = false;

  constructor(options: HttpExchangeOptions) {
    this.#options = options;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#post(options.path);
  }

  get settled(): boolean {
    return this.#settled;
  }

  abort(reason: Error): void {
    if (this.#settled) return;
    this.#fail(reason);
    clearTimeout(this.#resumeTimer);
    this.#call?.abort(reason);
  }

  /** Takes an answer that came by another way. */
  settle(answer: Answer): void {
    if (answer.kind === 'error') return this.#fail(toProtocolError(answer.message.error));
    if (this.#settled) return;
    this.#settled = true;
    this.#resolve(answer.message.result);
    clearTimeout(this.#resumeTimer);
    this.#options.onSettled(this.#options.id);
  }

  #post(path: string): void {
    const { lane, headers, body, context, onDefect } = this.#options;
    this.#call = sendHttp(lane, {
      method: 'POST',
      path,
      headers,
      body,
      context,
      onHead: (head) => this.#onHead(head),
      onError: (error, sent) => this.#broken(error, sent),
      onDefect,
    });
  }

  #onHead(head: HttpHead): BodySink {
    const sessionId = head.header('mcp-session-id');
    if (sessionId !== undefined) this.#options.onSession(sessionId);
    if (head.status === 307 || head.status === 308) {
      const path = this.#redirectPath(head.header('location'));
      if (path !== undefined) return this.#follow(path);
    }
    if (head.status !== 200) return this.#refused(head);
    if (isOfType(head, 'application/json')) return this.#json();
    if (isOfType(head, 'text/event-stream')) return this.#stream();
    const type = head.header('content-type') ?? '';
    return this.#unusable(`answered with content type "${type.slice(0, 60)}", not JSON or an event stream`);
  }

  #json(): BodySink {
    return textSink(this.#options.limits.maxMessageBytes, {
      onText: (text) => {
        this.#receive(text);
        if (!this.#settled) this.#unanswered();
      },
      onTooLong: () => this.#tooLong(),
      onFail: (error) => this.#broken(error, true),
    });
  }

  #stream(): BodySink {
    const reader = new SseReader(this.#options.limits.maxMessageBytes, {
      onEvent: ({ type, data }) => {
        if (!this.#settled && type === 'message' && data !== '') this.#receive(data);
        if (this.#settled) this.#cutLater();
      },
      onId: (id) => (this.#lastEventId = id),
      onRetry: (retryMs) => (this.#retryMs = retryMs),
      onTooLong: () => this.#tooLong(),
    });
    return {
      push: (chunk) => reader.push(chunk),
      end: () => this.#streamEnded(undefined),
      fail: (error) => this.#streamEnded(error),
    };
  }

  /** Without its answer, the stream is taken up again where the backend marked a place to do so. */
  #streamEnded(error: Error | undefined): void {
    if (this.#settled) return;
    const { resumeHeaders } = this.#options;
    const canResume = resumeHeaders !== undefined && this.#lastEventId !== undefined;
    if (!canResume || this.#failedResumptions >= maxFailedResumptions) {
      if (error === undefined) this.#unanswered();
      else this.#broken(error, true);
      return;
    }
    const resume = guarded('the resumption of a response', this.#options.onDefect, () =>
      this.#resume(resumeHeaders),
    );
    this.#resumeTimer = setTimeout(resume, this.#retryMs);
  }

  #resume(headers: Readonly<Record<string, string>>): void {
    this.#resumeTimer = undefined;
    const { lane, path, context, onDefect } = this.#options;
    this.#call = sendHttp(lane, {
      method: 'GET',
      path,
      context,
      headers: { ...headers, accept: 'text/event-stream', 'last-event-id': this.#lastEventId ?? '' },
      onHead: (head) => this.#onResumed(head),
      onError: (error) => this.#notResumed(error),
      onDefect,
    });
  }

  /** Whatever a refusal says, the request itself was taken: it may have run, and is not to be sent again. */
  #onResumed({ status }: HttpHead): BodySink {
    if (status === 200) {
      this.#failedResumptions = 0;
      return this.#stream();
    }
    const refusal = new Error(`the stream cannot be taken up again (HTTP ${status})`);
    const isForNow = status >= 500 || status === 429;
    const refused = (): void => (isForNow ? this.#notResumed(refusal) : this.#broken(refusal, true));
    return textSink(maxErrorBodyBytes, {
      onText: refused,
      onTooLong: () => (this.#cut(), refused()),
      onFail: refused,
    });
  }

  #notResumed(error: Error): void {
    this.#failedResumptions += 1;
    this.#streamEnded(error);
  }

  /** A message of this exchange; an array is a batch of 2025-03-26. */
  #receive(text: string): void {
    try {
      if (text.trimStart().startsWith('[')) {
        const batch = parseJson(text);
        for (const value of Array.isArray(batch) ? batch : []) this.#dispatch(classifyMessage(value));
      } else this.#dispatch(this.#options.unreadTexts ? parseMessageButTexts(text) : parseMessage(text));
    } catch (cause) {
      this.#fail(this.#error('bad-answer', 'answered with something that is no MCP message', cause));
    }
  }

  #dispatch(parsed: ParsedMessage): void {
    if (parsed.kind === 'request' || parsed.kind === 'notification') {
      if (!this.#settled) this.#options.onMessage(parsed);
      return;
    }
    if (this.#settled) return;
    if (parsed.message.id !== this.#options.id) {
      // An error need not name the request when the backend could not read it.
      const nameless = parsed.kind === 'error' && (parsed.message.id ?? null) === null;
      if (!nameless)
        return this.#fail(this.#error('bad-answer', 'answered another request than it was asked'));
    }
    this.settle(parsed);
  }

  #refused(head: HttpHead): BodySink {
    const { backend, hadSession } = this.#options;
    return textSink(maxErrorBodyBytes, {
      onText: (body) => this.#fail(toRefusal(backend, head, body, hadSession)),
      onTooLong: () => {
        this.#fail(toRefusal(backend, head, '', hadSession));
        this.#cut();
      },
      onFail: () => this.#fail(toRefusal(backend, head, '', hadSession)),
    });
  }

  #unusable(what: string): BodySink {
    this.#fail(this.#error('bad-answer', what));
    this.#cutLater();
    return discardSink;
  }

  #follow(path: string): BodySink {
    this.#redirected = true;
    this.#options.onMoved(path);
    return { push: () => undefined, end: () => this.#post(path), fail: () => this.#post(path) };
  }

  /** Where to go, when the redirect stays within the origin and is the first. */
  #redirectPath(location: string | undefined): string | undefined {
    if (location === undefined || this.#redirected) return undefined;
    const { origin, path } = this.#options;
    const target = URL.parse(location, `${origin}${path}`);
    return target?.origin === origin ? target.pathname + target.search : undefined;
  }

  #unanswered(): void {
    this.#fail(this.#error('disconnected', 'ended its response without an answer'));
  }

  #tooLong(): void {
    this.#fail(this.#error('too-large', `sent an answer over ${this.#options.limits.maxMessageBytes} bytes`));
    this.#cut();
  }

  #broken(cause: Error, sent: boolean): void {
    if (!this.#settled) this.#fail(toSendFailure(this.#options.backend, cause, sent));
  }

  #error(code: 'bad-answer' | 'disconnected' | 'too-large', message: string, cause?: unknown): BackendError {
    return new BackendError(code, this.#options.backend, message, { mayHaveRun: true, cause });
  }

  #fail(error: Error): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#reject(error);
    this.#options.onSettled(this.#options.id);
  }

  #cut(): void {
    this.#call?.abort(new Error('the gateway needs no more of this response'));
  }

  #cutLater(): void {
    if (this.#resumeTimer !== undefined) return;
    const cut = guarded('the end of a stream', this.#options.onDefect, () => this.#cut());
    this.#resumeTimer = setTimeout(cut, streamEndGraceMs).unref();
  }
}
