import type { Dispatcher } from 'undici';
import { joinChunks } from '../../../../lib/join-chunks.ts';

type Headers = Record<string, string | string[] | undefined>;

/** What is done with a response's body. */
export interface BodySink {
  push(chunk: Buffer): void;
  /** The body is complete. */
  end(): void;
  /** The connection broke, or the call was aborted, before the body was complete. */
  fail(error: Error): void;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Decides by status and headers what is done with the body. */
  onHead(head: HttpHead): BodySink;
  /** No response came. `sent` is false when no connection could be made, so nothing can have reached the backend. */
  onError(error: Error, sent: boolean): void;
}

export interface HttpHead {
  readonly status: number;
  /** Header names are lower-cased; of a repeated header the first value counts. */
  header(name: string): string | undefined;
}

/** True when the head says that what follows is of this type, in whatever case and with whatever parameters. */
export function isOfType(head: HttpHead, type: 'application/json' | 'text/event-stream'): boolean {
  const said = head.header('content-type') ?? '';
  return said.startsWith(type) || said.toLowerCase().startsWith(type);
}

/** A request under way. */
export interface HttpCall {
  /** Closes the connection that the request is on. Nothing happens once the response is complete. */
  abort(reason: Error): void;
}

/** Sends one HTTP request. Redirects are not followed. Never throws: everything is told to the request's callbacks. */
export function sendHttp(dispatcher: Dispatcher, request: HttpRequest): HttpCall {
  const handler = new ResponseHandler(request);
  const { method, path, headers, body } = request;
  try {
    dispatcher.dispatch({ method, path, headers, body: body ?? null }, handler);
  } catch (error) {
    handler.onResponseError(undefined, error as Error);
  }
  return handler;
}

class ResponseHandler implements Dispatcher.DispatchHandler, HttpCall {
  readonly #request: HttpRequest;
  #controller: Dispatcher.DispatchController | undefined;
  #sink: BodySink | undefined;
  #sent = false;
  #done = false;
  #aborted: Error | undefined;

  constructor(request: HttpRequest) {
    this.#request = request;
  }

  abort(reason: Error): void {
    if (this.#done) return;
    this.#aborted = reason;
    this.#controller?.abort(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#sent = true;
    if (this.#aborted !== undefined) controller.abort(this.#aborted);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    if (status < 200) return;
    this.#sink = this.#request.onHead({
      status,
      header: (name) => {
        const value = headers[name];
        return Array.isArray(value) ? value[0] : value;
      },
    });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#sink?.push(chunk);
  }

  onResponseEnd(): void {
    this.#done = true;
    this.#sink?.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    if (this.#done) return;
    this.#done = true;
    if (this.#sink !== undefined) this.#sink.fail(error);
    else this.#request.onError(error, this.#sent && !isConnectError(error));
  }
}

const connectErrors: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** True when the error can only come from before a connection stood. */
function isConnectError(error: Error): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return (
    code !== undefined && (connectErrors.has(code) || code.startsWith('ERR_TLS') || code.includes('CERT'))
  );
}

/** Reads a whole body of at most `maxBytes`. Exactly one of the callbacks is called, once. */
export function textSink(
  maxBytes: number,
  done: {
    onText(text: string): void;
    onTooLong(): void;
    onFail(error: Error): void;
  },
): BodySink {
  let parts: Buffer[] = [];
  let held = 0;
  let refused = false;
  return {
    push(chunk) {
      held += chunk.length;
      if (refused) return;
      if (held <= maxBytes) parts.push(chunk);
      else {
        refused = true;
        parts = [];
        done.onTooLong();
      }
    },
    end() {
      if (refused) return;
      const whole = joinChunks(parts);
      // This came with the head, and may be old by now to V8's collector.
      parts = [];
      done.onText(whole.toString('utf8'));
    },
    fail(error) {
      if (!refused) done.onFail(error);
    },
  };
}

/** Throws a body away, so that the connection can be used again. */
export const discardSink: BodySink = {
  push: () => undefined,
  end: () => undefined,
  fail: () => undefined,
};
