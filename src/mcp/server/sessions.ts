import type { ServerResponse } from 'node:http';
import type { EndpointLimits } from './options.ts';
import type { Session } from './session.ts';
import { SseStream } from './sse-stream.ts';

/** Streams of ended or cut-off requests that a session keeps for a client that may resume them. */
const maxLostStreams = 8;
const keptPerStream = { maxKept: 64, maxKeptChars: 512 * 1024 };
/** The name of the stream that belongs to no request. */
const standaloneName = '0';

/** A session over HTTP: the session itself, its streams, and when it was last used. */
export class HttpSession {
  readonly session: Session;
  lastUsedMs: number;
  readonly #maxBufferedBytes: number;
  #streams: Map<string, SseStream> | undefined;
  #lastName = 0;

  constructor(session: Session, nowMs: number, maxBufferedBytes: number) {
    this.session = session;
    this.lastUsedMs = nowMs;
    this.#maxBufferedBytes = maxBufferedBytes;
  }

  /** True while something of it is under way, so that it does not count as unused. */
  get busy(): boolean {
    return this.session.running.size > 0 || (this.#streams?.get(standaloneName)?.attached ?? false);
  }

  /** A stream for one request's response. It can be resumed until it was delivered whole. */
  openStream(response: ServerResponse): SseStream {
    const name = String(++this.#lastName);
    const stream = new SseStream(this.#maxBufferedBytes, { name, ...keptPerStream });
    this.#streams ??= new Map();
    this.#streams.set(name, stream);
    this.#boundStreams();
    response.once('finish', () => this.#streams?.delete(name));
    stream.attach(response);
    return stream;
  }

  /** Opens, or takes over, the stream for what belongs to no request. */
  listen(response: ServerResponse): void {
    this.#streams ??= new Map();
    let stream = this.#streams.get(standaloneName);
    if (stream === undefined) {
      stream = new SseStream(this.#maxBufferedBytes, { name: standaloneName, ...keptPerStream });
      this.#streams.set(standaloneName, stream);
      this.session.outlet = { offer: (text) => stream?.offer(text), close: () => stream?.end() };
    }
    stream.attach(response, { prime: this.session.caller.revision !== '2025-06-18' });
  }

  /** Goes on with the stream that an event id belongs to; false when that cannot be resumed any more. */
  resume(lastEventId: string, response: ServerResponse): boolean {
    const [name = '', at = ''] = lastEventId.split('.');
    const stream = this.#streams?.get(name);
    if (stream === undefined || !/^[0-9]{1,15}$/.test(at)) return false;
    if (name !== standaloneName) response.once('finish', () => this.#streams?.delete(name));
    stream.attach(response, { lastAt: Number(at) });
    return true;
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

/** A session that was used this recently is not given up for a new one. */
const evictableAfterMs = 60_000;

/** The legacy sessions over HTTP: how many, how long, and whose. */
export class Sessions {
  readonly #byId = new Map<string, HttpSession>();
  readonly #limits: EndpointLimits;
  readonly #onEnd: (session: Session) => void;

  /** `onEnd` is called once for each session that was added, when it is over. */
  constructor(limits: EndpointLimits, onEnd: (session: Session) => void) {
    this.#limits = limits;
    this.#onEnd = onEnd;
  }

  get size(): number {
    return this.#byId.size;
  }

  values(): IterableIterator<HttpSession> {
    return this.#byId.values();
  }

  /** Adds a session; undefined when there are too many and none of them can be given up. */
  add(session: Session, nowMs: number): HttpSession | undefined {
    if (this.#byId.size >= this.#limits.maxSessions && !this.#evictOne(nowMs)) return undefined;
    const added = new HttpSession(session, nowMs, this.#limits.maxBufferedBytes);
    this.#byId.set(session.caller.sessionId, added);
    return added;
  }

  /** The live session with this id, if it belongs to this principal. Marks it used. */
  find(id: string, subject: string, nowMs: number): HttpSession | undefined {
    const found = this.#byId.get(id);
    if (found === undefined || found.session.caller.subject !== subject) return undefined;
    if (!found.busy && found.lastUsedMs + this.#limits.sessionTtlMs <= nowMs) {
      this.end(found);
      return undefined;
    }
    found.lastUsedMs = nowMs;
    return found;
  }

  end(ended: HttpSession): void {
    if (!this.#byId.delete(ended.session.caller.sessionId)) return;
    ended.session.end();
    this.#onEnd(ended.session);
  }

  /** Ends what nobody used for too long. */
  sweep(nowMs: number): void {
    for (const candidate of this.#byId.values()) {
      if (candidate.busy) candidate.lastUsedMs = nowMs;
      else if (candidate.lastUsedMs + this.#limits.sessionTtlMs <= nowMs) this.end(candidate);
    }
  }

  close(): void {
    for (const session of this.#byId.values()) this.end(session);
  }

  /** Gives up the session that was unused longest. */
  #evictOne(nowMs: number): boolean {
    let oldest: HttpSession | undefined;
    for (const candidate of this.#byId.values()) {
      if (candidate.busy || candidate.lastUsedMs + evictableAfterMs > nowMs) continue;
      if (oldest === undefined || candidate.lastUsedMs < oldest.lastUsedMs) oldest = candidate;
    }
    if (oldest === undefined) return false;
    this.end(oldest);
    return true;
  }
}
