import type { IncomingMessage, ServerResponse } from 'node:http';
import { CancelledError } from '../../../protocol/index.ts';
import type { Caller } from '../../../gateway/index.ts';
import { TransientSet } from '../../../lib/transient-set.ts';
import { errorText } from '../../wire/jsonrpc.ts';
import type { HttpContext, IncomingRequest } from '../exchange/arrival.ts';
import { httpArrival } from '../exchange/arrival.ts';
import type { Core } from '../exchange/core.ts';
import { guarded } from '../../../lib/guarded.ts';
import { assertSameVersionAndMethod, assertStandardHeaders } from './http-checks.ts';
import { HttpReply, sendJson } from './http-reply.ts';
import type { WaitingReplies } from './waiting-replies.ts';
import type { ModernServer, Running } from '../stateless/stateless-server.ts';
import { ParamChecks, assertParamHeaders } from './param-checks.ts';
import { SseStream } from './sse-stream.ts';

/** 2026-07-28 over HTTP: one POST a request, no session, and a response that the client closes is a cancellation. */
export class ModernHttp {
  readonly #core: Core;
  readonly #server: ModernServer;
  readonly #waiting: WaitingReplies;
  readonly #running = new TransientSet<Running>();
  readonly #streams = new TransientSet<SseStream>();
  readonly #paramChecks = new ParamChecks();

  constructor(core: Core, server: ModernServer, waiting: WaitingReplies) {
    this.#core = core;
    this.#server = server;
    this.#waiting = waiting;
  }

  /** Serves one request. Never rejects: what is wrong with it is answered with status 400. */
  async request(incoming: IncomingRequest, http: HttpContext): Promise<void> {
    const { request, response } = http;
    const { message } = incoming;
    const arrival = httpArrival(http, this.#core.options.forwardedHeaders);
    try {
      assertSameVersionAndMethod(message, request.headers);
      const caller = this.#server.callerOf(message.params, arrival);
      assertStandardHeaders(message, request.headers);
      if (message.method === 'tools/call') {
        const checked = this.#checkParams(caller, incoming, request);
        if (checked !== undefined) await checked;
      }
      const reply = new HttpReply(response, () => this.#openStream(response), this.#waiting);
      this.#watch(this.#server.serve(caller, incoming, reply, arrival), response);
    } catch (error) {
      sendJson(response, 400, errorText(message.id, this.#core.errorBody(error)));
    }
  }

  /** Writes a comment into each quiet stream. */
  keepAlive(): void {
    for (const stream of this.#streams) stream.keepAlive();
  }

  /** To be called when tools changed. */
  toolsChanged(): void {
    this.#paramChecks.forget();
  }

  /** Stops what clients still wait for. */
  close(): void {
    for (const running of this.#running) running.cancel(new CancelledError('the gateway stops'));
  }

  /** Throws, or rejects, with a header mismatch. Has nothing to wait for unless the tool was never called before. */
  #checkParams(
    caller: Caller,
    { message }: IncomingRequest,
    request: IncomingMessage,
  ): Promise<void> | undefined {
    const { params } = message;
    const mirrored = this.#paramChecks.of(this.#core.gateway, caller, params?.['name']);
    if (mirrored instanceof Promise) {
      return mirrored.then((learnt) => assertParamHeaders(learnt, params, request.headers));
    }
    assertParamHeaders(mirrored, params, request.headers);
    return undefined;
  }

  /** Closing the response is how the client cancels. */
  #watch(running: Running, response: ServerResponse): void {
    const membership = this.#running.add(running);
    const onClose = guarded('the close of an answer', this.#core.onDefect, () => {
      this.#running.delete(membership);
      if (!response.writableEnded) running.cancel(new CancelledError());
    });
    if (response.closed) onClose();
    else response.once('close', onClose);
  }

  #openStream(response: ServerResponse): SseStream {
    const stream = new SseStream(this.#core.limits.maxBufferedBytes);
    const membership = this.#streams.add(stream);
    response.once('close', () => this.#streams.delete(membership));
    stream.attach(response);
    return stream;
  }
}
