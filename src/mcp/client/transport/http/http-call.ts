import type { Dispatcher } from 'undici';
import type { CredentialHeaders, CallContext } from '../../../../gateway/index.ts';
import { joinChunks } from '../../../../lib/join-chunks.ts';
import { contain, type OnDefect, report } from '../../../../lib/guarded.ts';
import { codeOf, toError } from '../../../../lib/thrown.ts';

type Headers = Record<string, string | string[] | undefined>;

/** What is done with a response's body. */
export interface BodySink {
  push(chunk: Buffer): void;
  /** The body is complete. */
  end(): void;
  /** The connection broke, or the call was aborted, before the body was complete. */
  fail(error: Error): void;
}

/** Where requests to one backend go out, and who they say that they come from. */
export interface HttpLane {
  readonly dispatcher: Dispatcher;
  /** Headers that identify a request; they win over its own. See `OutgoingCredential`. */
  headersFor(context: CallContext | undefined): CredentialHeaders | Promise<CredentialHeaders>;
  /** See `OutgoingCredential.refused`. */
  refused?(context: CallContext | undefined, headers: CredentialHeaders): boolean;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The caller's request that this one carries; absent for the gateway's own. */
  readonly context?: CallContext | undefined;
  /** Decides by status and headers what is done with the body. */
  onHead(head: HttpHead): BodySink;
  /**
   * No response came. `sent` is false when there was no credential or no connection, so that nothing can have reached the
   * backend.
   */
  onError(error: Error, sent: boolean): void;
  /** One of the callbacks here, or of the sink, threw. The call ends then as if its connection had broken. */
  readonly onDefect: OnDefect;
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

/**
 * Sends one HTTP request, with what identifies it, and once more with something else where a 401 says that this was not taken
 * and there is something else. Redirects are not followed, so that no header comes to another origin. Never throws: everything is told to the request's callbacks, any of
 * which may throw.
 */
export function sendHttp(lane: HttpLane, request: HttpRequest): HttpCall {
  const { method, path, headers, body, context } = request;
  let aborted: Error | undefined;
  let current: ResponseHandler;
  const attempt = (isLast: boolean): void => {
    let identity: CredentialHeaders = {};
    const handler = new ResponseHandler(request, () => {
      if (isLast || lane.refused?.(context, identity) !== true) return undefined;
      return () => attempt(true);
    });
    current = handler;
    const dispatch = (found: CredentialHeaders): void => {
      if (aborted !== undefined) return handler.onResponseError(undefined, aborted);
      identity = found;
      lane.dispatcher.dispatch(
        { method, path, headers: { ...headers, ...identity }, body: body ?? null },
        handler,
      );
    };
    const failed = (error: unknown): void => handler.onResponseError(undefined, error);
    try {
      const found = lane.headersFor(context);
      if (found instanceof Promise) found.then(dispatch).catch(failed);
      else dispatch(found);
    } catch (error) {
      failed(error);
    }
  };
  attempt(false);
  return {
    abort: (reason) => {
      aborted ??= reason;
      current.abort(reason);
    },
  };
}

/** Says what to do instead of telling of a 401; undefined where it is to be told. */
type OnUnauthorized = () => (() => void) | undefined;

class ResponseHandler implements Dispatcher.DispatchHandler, HttpCall {
  readonly #request: HttpRequest;
  #controller: Dispatcher.DispatchController | undefined;
  #sink: BodySink | undefined;
  #sent = false;
  #done = false;
  #aborted: Error | undefined;
  readonly #onUnauthorized: OnUnauthorized;

  constructor(request: HttpRequest, onUnauthorized: OnUnauthorized) {
    this.#request = request;
    this.#onUnauthorized = onUnauthorized;
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
    if (status < 200 || this.#done) return;
    this.#contain('the head of a response', () => {
      const instead = status === 401 ? this.#onUnauthorized() : undefined;
      if (instead !== undefined) {
        // The refusal is read to its end, which leaves the connection to the next request.
        this.#sink = { push: () => undefined, end: instead, fail: instead };
        return;
      }
      this.#sink = this.#request.onHead({
        status,
        header: (name) => {
          const value = headers[name];
          return Array.isArray(value) ? value[0] : value;
        },
      });
    });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#done) this.#contain('the body of a response', () => this.#sink?.push(chunk));
  }

  onResponseEnd(): void {
    if (this.#done) return;
    this.#contain('the end of a response', () => this.#sink?.end());
    this.#done = true;
  }

  /** @param reason anything: what a call is aborted with comes back here */
  onResponseError(_controller: Dispatcher.DispatchController | undefined, reason: unknown): void {
    if (this.#done) return;
    this.#done = true;
    const error = toError(reason);
    contain('the failure of a response', this.#request.onDefect, () => {
      if (this.#sink !== undefined) this.#sink.fail(error);
      else this.#request.onError(error, this.#sent && !isConnectError(reason));
    });
  }

  /** undici does not expect its handlers to throw: some of what they throw it hands to no one but the process. */
  #contain(where: string, work: () => void): void {
    try {
      work();
    } catch (thrown) {
      report(where, this.#request.onDefect, thrown);
      this.onResponseError(undefined, thrown);
      this.#controller?.abort(toError(thrown));
    }
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

/**
 * True when the error can only come from before a connection stood. With TLS 1.3 a server that is not content with the
 * client's certificate says so after the request was sent, without having read it.
 */
function isConnectError(reason: unknown): boolean {
  const code = codeOf(reason);
  return code !== undefined && (connectErrors.has(code) || /^ERR_TLS|CERT|ALERT_UNKNOWN_CA/.test(code));
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
