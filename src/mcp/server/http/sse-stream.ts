import type { OutgoingHttpHeaders } from 'node:http';
import type { Writable } from 'node:stream';
import { byteLengthOf, writePieces, type TextPieces } from '../../../lib/text-pieces.ts';
import { sseEvent, sseHeaders, sseKeepAlive, ssePrimer } from '../../wire/sse.ts';

/** How a stream lets its client resume; absent where it cannot (2026-07-28). */
export interface Resumption {
  /** First part of this stream's event ids, unique in its session. */
  readonly name: string;
  /** Events kept for a client that lost its connection: how many, and how long together. */
  readonly maxKept: number;
  readonly maxKeptBytes: number;
}

/** What a stream is written into: a response, here or at another replica. */
export interface StreamTarget extends Writable {
  readonly headersSent: boolean;
  writeHead(status: number, headers: OutgoingHttpHeaders): unknown;
  flushHeaders(): void;
}

/** After this a client that lost a stream should try again. */
const retryMs = 1_000;

/**
 * A stream of messages to one client, over one response or, when the client resumes, several. Writes never wait: what
 * may be dropped is dropped while more than `maxBufferedBytes` wait for the client to read, and a client for which
 * even that is not enough is cut off.
 */
export class SseStream {
  readonly #resumption: Resumption | undefined;
  readonly #maxBufferedBytes: number;
  readonly #kept: { readonly at: number; readonly frame: TextPieces; readonly bytes: number }[] = [];
  #keptBytes = 0;
  #response: StreamTarget | undefined;
  #at = 0;
  #ended = false;

  constructor(maxBufferedBytes: number, resumption?: Resumption) {
    this.#maxBufferedBytes = maxBufferedBytes;
    this.#resumption = resumption;
  }

  /** True while a client is connected. */
  get attached(): boolean {
    return this.#response !== undefined;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Begins to stream into a response; what was kept after event `lastAt` goes first. Replaces a former response. */
  attach(response: StreamTarget, options: { lastAt?: number; prime?: boolean } = {}): void {
    this.#response?.end();
    this.#response = undefined;
    if (response.destroyed) return;
    this.#response = response;
    response.once('close', () => this.#detach(response));
    if (!response.headersSent) response.writeHead(200, sseHeaders);
    if (options.prime && this.#resumption !== undefined)
      response.write(ssePrimer(this.#id(this.#at), retryMs));
    for (const { at, frame } of this.#kept) {
      if (options.lastAt !== undefined && at > options.lastAt) writePieces(response, frame);
    }
    if (this.#ended) response.end();
    else response.flushHeaders();
  }

  /** Sends a message that must arrive if the client still reads. */
  send(text: TextPieces): void {
    if (this.#ended) return;
    this.#at++;
    const frame = sseEvent(text, this.#resumption === undefined ? undefined : this.#id(this.#at));
    this.#keep(frame);
    const response = this.#response;
    if (response === undefined || response.destroyed) return;
    if (response.writableLength > 4 * this.#maxBufferedBytes) response.destroy();
    else writePieces(response, frame);
  }

  /** Sends a message that is dropped when the client reads too slowly. */
  offer(text: string): void {
    if ((this.#response?.writableLength ?? 0) > this.#maxBufferedBytes) return;
    this.send(text);
  }

  /** A comment, so that a quiet stream stays open. */
  keepAlive(): void {
    const response = this.#response;
    if (response !== undefined && !response.destroyed && response.writableLength === 0)
      response.write(sseKeepAlive);
  }

  end(): void {
    this.#ended = true;
    this.#response?.end();
  }

  #detach(response: StreamTarget): void {
    if (this.#response === response) this.#response = undefined;
  }

  #id(at: number): string {
    return `${this.#resumption?.name}.${at}`;
  }

  #keep(frame: TextPieces): void {
    const resumption = this.#resumption;
    if (resumption === undefined) return;
    const bytes = byteLengthOf(frame);
    this.#kept.push({ at: this.#at, frame, bytes });
    this.#keptBytes += bytes;
    while (this.#kept.length > resumption.maxKept || this.#keptBytes > resumption.maxKeptBytes) {
      const dropped = this.#kept.shift();
      if (dropped === undefined) return;
      this.#keptBytes -= dropped.bytes;
    }
  }
}
