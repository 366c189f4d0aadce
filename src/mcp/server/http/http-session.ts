import type { ServerResponse } from 'node:http';
import type { Session } from '../sessions/session.ts';
import { SseStream, type StreamTarget } from './sse-stream.ts';

/** Streams of ended or cut-off requests that a session keeps for a client that may resume them. */
const maxLostStreams = 8;
const keptPerStream = { maxKept: 64, maxKeptBytes: 512 * 1024 };
/** The name of the stream that belongs to no request. */
const standaloneName = '0';

export interface HttpSessionOptions {
  readonly maxBufferedBytes: number;
  readonly name: string;
  readonly streamTag?: string | undefined;
}

/** A session over HTTP: the session itself, its streams, and when it was last used. */
export class HttpSession {
  readonly session: Session;
  /** What its client calls it. */
  readonly name: string;
  lastUsedMs: number;
  readonly #maxBufferedBytes: number;
  /** Ends the names of its streams, where other replicas must be able to tell whose they are; else empty. */
  readonly #tag: string;
  #streams: Map<string, SseStream> | undefined;
  #lastName = 0;

  constructor(session: Session, nowMs: number, { maxBufferedBytes, name, streamTag }: HttpSessionOptions) {
    this.session = session;
    this.name = name;
    this.#tag = streamTag === undefined ? '' : `-${streamTag}`;
    this.lastUsedMs = nowMs;
    this.#maxBufferedBytes = maxBufferedBytes;
  }

  /** True while something of it is under way, so that it does not count as unused. */
  get busy(): boolean {
    return this.session.running.size > 0 || (this.#streams?.get(standaloneName)?.attached ?? false);
  }

  /** A stream for one request's response. It can be resumed until it was delivered whole. */
  openStream(response: ServerResponse): SseStream {
    const name = `${++this.#lastName}${this.#tag}`;
    const stream = new SseStream(this.#maxBufferedBytes, { name, ...keptPerStream });
    this.#streams ??= new Map();
    this.#streams.set(name, stream);
    this.#boundStreams();
    response.once('finish', () => this.#streams?.delete(name));
    stream.attach(response, { prime: this.#primes });
    return stream;
  }

  /** Opens, or takes over, the stream for what belongs to no request. */
  listen(response: ServerResponse): void {
    this.#streams ??= new Map();
    let stream = this.#streams.get(standaloneName);
    if (stream === undefined) {
      stream = new SseStream(this.#maxBufferedBytes, {
        name: standaloneName + this.#tag,
        ...keptPerStream,
      });
      this.#streams.set(standaloneName, stream);
      this.session.outlet = { offer: (text) => stream?.offer(text), close: () => stream?.end() };
    }
    stream.attach(response, { prime: this.#primes });
  }

  /** Goes on with the stream that an event id belongs to; false when that cannot be resumed any more. */
  resume(lastEventId: string, response: StreamTarget): boolean {
    const [whole = '', at = ''] = lastEventId.split('.');
    const name = whole === standaloneName + this.#tag ? standaloneName : whole;
    const stream = this.#streams?.get(name);
    if (stream === undefined || !/^[0-9]{1,15}$/.test(at)) return false;
    if (name !== standaloneName) response.once('finish', () => this.#streams?.delete(name));
    stream.attach(response, { lastAt: Number(at) });
    return true;
  }

  /** Clients of older revisions take an event without data for a broken message. */
  get #primes(): boolean {
    return this.session.caller.revision === '2025-11-25';
  }

  /** True for an event of the stream that belongs to no request, whichever replica sent it. */
  static isStandalone(lastEventId: string): boolean {
    return lastEventId.startsWith(`${standaloneName}-`);
  }

  keepAlive(): void {
    if (this.#streams === undefined) return;
    for (const stream of this.#streams.values()) stream.keepAlive();
  }

  /** Forgets the oldest streams that nobody reads and nobody writes any more. */
  #boundStreams(): void {
    const streams = this.#streams;
    if (streams === undefined || streams.size <= maxLostStreams) return;
    let surplus = [...streams.values()].filter((stream) => stream.ended).length - maxLostStreams;
    for (const [name, stream] of streams) {
      if (surplus <= 0) return;
      if (!stream.ended) continue;
      streams.delete(name);
      surplus--;
    }
  }
}
