import type { ServerResponse } from 'node:http';
import type { Reply } from './reply.ts';
import type { SseStream } from './sse-stream.ts';

/** Sends one JSON text as a whole response, unless the client is gone. */
export function sendJson(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  const length = Buffer.byteLength(text);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': length, ...headers });
  response.end(text);
}

/**
 * The way back over one POST: a plain JSON answer, or, as soon as something has to be sent before the answer, a stream
 * that carries both.
 */
export class HttpReply implements Reply {
  readonly #response: ServerResponse;
  readonly #openStream: () => SseStream;
  #stream: SseStream | undefined;

  /** `openStream` is called at most once, and attaches what it returns to the response. */
  constructor(response: ServerResponse, openStream: () => SseStream) {
    this.#response = response;
    this.#openStream = openStream;
  }

  send(text: string): void {
    this.#upgraded().send(text);
  }

  offer(text: string): void {
    this.#upgraded().offer(text);
  }

  answer(text: string, status: number): void {
    if (this.#stream === undefined) return sendJson(this.#response, status, text);
    this.#stream.send(text);
    this.#stream.end();
  }

  /** An empty stream is how a response ends that has no answer in it. */
  drop(): void {
    this.#upgraded().end();
  }

  #upgraded(): SseStream {
    return (this.#stream ??= this.#openStream());
  }
}
