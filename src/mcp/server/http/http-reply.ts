import type { ServerResponse } from 'node:http';
import { byteLengthOf, letGoOf, writePieces, type TextPieces } from '../../../lib/text-pieces.ts';
import { sseHeaders } from '../../wire/sse.ts';
import type { Membership } from '../../../lib/transient-set.ts';
import type { Reply } from '../exchange/reply.ts';
import type { SseStream } from './sse-stream.ts';
import type { WaitingReplies } from './waiting-replies.ts';

/** Sends one JSON text as a whole response, unless the client is gone. A response that it fails to write is cut off. */
export function sendJson(
  response: ServerResponse,
  status: number,
  text: TextPieces,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  const length = byteLengthOf(text);
  try {
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': length, ...headers });
    if (typeof text === 'string') return void response.end(text);
    writePieces(response, text, () => letGoOf(text));
    response.end();
  } catch (thrown) {
    response.destroy();
    throw thrown;
  }
}

/** The way back to a client that takes plain JSON alone, with what else there is on its session's own stream. */
export class JsonReply implements Reply {
  readonly #response: ServerResponse;
  readonly #session: { readonly outlet?: Pick<Reply, 'offer'> | undefined };

  constructor(response: ServerResponse, session: { readonly outlet?: Pick<Reply, 'offer'> | undefined }) {
    this.#response = response;
    this.#session = session;
  }

  send(text: string): void {
    this.#session.outlet?.offer(text);
  }

  offer(text: string): void {
    this.#session.outlet?.offer(text);
  }

  answer(text: TextPieces, status: number): void {
    sendJson(this.#response, status, text);
  }

  drop(): void {
    if (!this.#response.destroyed) this.#response.writeHead(202).end();
  }
}

/**
 * The way back over one POST: a plain JSON answer, or, as soon as something has to be sent before the answer or the
 * answer takes long, a stream that carries both.
 */
export class HttpReply implements Reply {
  readonly #response: ServerResponse;
  readonly #openStream: () => SseStream;
  readonly #waiting: WaitingReplies;
  readonly #wait: Membership;
  #stream: SseStream | undefined;

  /** `openStream` is called at most once, and attaches what it returns to the response. */
  constructor(response: ServerResponse, openStream: () => SseStream, waiting: WaitingReplies) {
    this.#response = response;
    this.#openStream = openStream;
    this.#waiting = waiting;
    this.#wait = waiting.add(this);
  }

  send(text: string): void {
    this.stream().send(text);
  }

  offer(text: string): void {
    this.stream().offer(text);
  }

  answer(text: TextPieces, status: number): void {
    if (this.#stream === undefined) {
      this.#waiting.delete(this.#wait);
      return sendJson(this.#response, status, text, status === 503 ? { 'retry-after': '1' } : {});
    }
    this.#stream.send(text);
    this.#stream.end();
  }

  /** An empty stream is how a response ends that has no answer in it. */
  drop(): void {
    this.#waiting.delete(this.#wait);
    if (this.#stream !== undefined) this.#stream.end();
    else if (!this.#response.destroyed) this.#response.writeHead(200, sseHeaders).end();
  }

  /** Makes the response a stream, so that headers and keep-alives go out, and what follows can be resumed. */
  stream(): SseStream {
    if (this.#stream === undefined) {
      this.#waiting.delete(this.#wait);
      this.#stream = this.#openStream();
    }
    return this.#stream;
  }
}
