import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { Writable } from 'node:stream';
import type { Principal } from '../../../gateway/index.ts';
import { errorCodes, CancelledError, isObject } from '../../../protocol/index.ts';
import { contain, guarded, type OnDefect } from '../../../lib/guarded.ts';
import { pieceText, type TextPieces } from '../../../lib/text-pieces.ts';
import { StoreError, type MessageBody } from '../../../storage/index.ts';
import { errorText, isRequestId } from '../../wire/jsonrpc.ts';
import { sseHeaders } from '../../wire/sse.ts';
import type { Core } from '../exchange/core.ts';
import type { Reply } from '../exchange/reply.ts';
import type { StreamTarget } from './sse-stream.ts';
import type { HttpSession } from './http-session.ts';
import type { ModernServer, Retry, Running, UnservedRetry } from '../stateless/stateless-server.ts';
import type { SharedParts } from '../exchange/shared-parts.ts';
import type { SharedSessions } from './shared-sessions.ts';

/** How often a replica that waits for another looks whether that one lives. */
const lookMs = 1_000;
/** A replica that lives answers within this time that it takes a stream over. */
const beginMs = 3_000;
const parkScope = 'parked calls';

/** What comes back for a request or a stream that another replica serves. */
interface Arriving {
  readonly owner: string;
  hear(body: MessageBody): void;
  /** The owner is gone, or cannot be heard any more. */
  lost(): void;
}

/** What is being served here for a client of another replica. */
interface Departing {
  readonly to: string;
  gone(): void;
}

/**
 * Requests and streams that reach one replica and belong to another: the retry of a call that waits for its client's
 * input, and a stream that a client resumes. The owner serves them, and counts them; the receiver passes pieces on.
 */
export class Crossings {
  readonly #parts: SharedParts;
  readonly #core: Core;
  readonly #modern: ModernServer;
  readonly #sessions: SharedSessions;
  readonly #arriving = new Map<string, Arriving>();
  readonly #departing = new Map<string, Departing>();
  readonly #timer: NodeJS.Timeout;

  constructor(parts: SharedParts, core: Core, modern: ModernServer, sessions: SharedSessions) {
    this.#parts = parts;
    this.#core = core;
    this.#modern = modern;
    this.#sessions = sessions;
    const { replicas } = parts;
    replicas.on('piece', (body, from) => {
      const arriving = this.#arriving.get(String(body['to']));
      if (arriving?.owner === from) arriving.hear(body);
    });
    replicas.on('client-gone', (body, from) => {
      const departing = this.#departing.get(String(body['to']));
      if (departing?.to === from) departing.gone();
    });
    replicas.on('retry', (body, from) => this.#serveRetry(body, from));
    replicas.on('resume', (body, from) => this.#serveStream(body, from));
    const look = guarded('a crossing to another replica', core.onDefect, () => this.#look());
    this.#timer = setInterval(look, lookMs).unref();
  }

  /** Ends the name of a parked call, so that every replica can tell whose it is. */
  get parkTag(): string {
    return this.#parts.replicas.tag(parkScope);
  }

  /** Ends the name of a stream of this session. */
  streamTag(sessionId: string): string {
    return this.#parts.replicas.tag(streamScope(sessionId));
  }

  /** Has another replica go on with its parked call; undefined when no other replica parked it. */
  retry(
    token: string,
    principal: Principal,
    asked: Retry,
    reply: Reply,
    unserved: UnservedRetry,
  ): Running | undefined {
    const { replicas } = this.#parts;
    const owner = replicas.ownerOf(token.slice(token.lastIndexOf('.') + 1), parkScope);
    if (owner === undefined || owner === replicas.id) return undefined;
    let settled = false;
    const settle = (answer: () => void): void => {
      if (settled) return;
      settled = true;
      this.#arriving.delete(to);
      answer();
    };
    const fail = (): void =>
      settle(() => {
        const message =
          'the replica that held this call is gone, or cannot be reached: call again without "requestState"';
        reply.answer(errorText(asked.id, { code: errorCodes.internalError, message }), 503);
        unserved.lost();
      });
    const to = this.#expect(owner, {
      hear: ({ op, text, status }) => {
        if (op === 'offer') reply.offer(String(text));
        else if (op === 'send') reply.send(String(text));
        else if (op === 'drop') settle(() => reply.drop());
        else if (op === 'stale') settle(unserved.stale);
        else settle(() => reply.answer(String(text), Number(status)));
      },
      lost: fail,
    });
    const { issuer, subject } = principal;
    this.#send(owner, 'retry', { to, token, issuer, subject, ...asked }, fail);
    return {
      get settled() {
        return settled;
      },
      cancel: () => settle(() => this.#send(owner, 'client-gone', { to })),
    };
  }

  /**
   * Goes on with a stream of another replica's.
   * @returns false when it cannot be resumed any more
   */
  async resume({ session }: HttpSession, lastEventId: string, response: ServerResponse): Promise<boolean> {
    const { replicas } = this.#parts;
    const owner = replicas.ownerOf(tagIn(lastEventId), streamScope(session.caller.sessionId));
    if (owner === undefined || owner === replicas.id) return false;
    const begun = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => begun.resolve(false), beginMs);
    const to = this.#expect(owner, {
      hear: ({ op, text }) => {
        if (op === 'refused') return begun.resolve(false);
        if (op === 'begin') {
          if (!response.headersSent) response.writeHead(200, sseHeaders).flushHeaders();
          return begun.resolve(true);
        }
        if (op === 'end') response.end();
        else response.write(String(text));
      },
      lost: () => (begun.resolve(false), response.end()),
    });
    const onClose = guarded('a crossing to another replica', this.#core.onDefect, () => {
      if (this.#arriving.delete(to)) this.#send(owner, 'client-gone', { to });
    });
    response.once('close', onClose);
    this.#send(owner, 'resume', this.#sessions.bodyFor(session, { to, lastEventId }), () =>
      begun.resolve(false),
    );
    const isResumed = await begun.promise;
    clearTimeout(timer);
    if (!isResumed) {
      this.#arriving.delete(to);
      response.off('close', onClose);
    }
    return isResumed;
  }

  close(): void {
    clearInterval(this.#timer);
    for (const { lost } of this.#arriving.values()) lost();
  }

  #expect(owner: string, arriving: Omit<Arriving, 'owner'>): string {
    const to = randomBytes(9).toString('base64url');
    this.#arriving.set(to, { owner, ...arriving });
    return to;
  }

  /** A retry that reached another replica. The token works once, for its principal and its request alone. */
  #serveRetry({ to, token, issuer, subject, id, method, params }: MessageBody, from: string): void {
    if (!isRequestId(id) || !isObject(params)) return;
    const name = String(to);
    const reply = new DistantReply(
      (body) => this.#send(from, 'piece', { to: name, ...body }),
      () => this.#departing.delete(name),
    );
    const principal = { issuer: String(issuer), subject: String(subject) };
    const call: { running?: Running | undefined } = {};
    const gone = (): void => {
      this.#departing.delete(name);
      call.running?.cancel(new CancelledError());
    };
    // Before the call goes on: it may be answered at once.
    this.#departing.set(name, { to: from, gone });
    const asked = { id, method: String(method), params };
    call.running = this.#modern.resumeParked(String(token), principal, asked, reply);
    if (call.running !== undefined) return;
    this.#departing.delete(name);
    this.#send(from, 'piece', { to: name, op: 'stale' });
  }

  /** A stream that a client resumes at another replica. */
  #serveStream(body: MessageBody, from: string): void {
    const to = String(body['to']);
    const held = this.#sessions.heldBy(body);
    const target = new DistantTarget(
      (piece) => this.#parts.replicas.send(from, 'piece', { to, ...piece }),
      this.#core.onDefect,
    );
    const onClose = guarded('a crossing to another replica', this.#core.onDefect, () =>
      this.#departing.delete(to),
    );
    target.once('close', onClose);
    this.#departing.set(to, { to: from, gone: () => target.destroy() });
    if (held?.resume(String(body['lastEventId']), target) === true) return;
    this.#send(from, 'piece', { to, op: 'refused' });
    target.destroy();
  }

  /** A replica that is gone answers nothing any more. */
  #look(): void {
    const owners = new Set([...this.#arriving.values()].map(({ owner }) => owner));
    for (const owner of owners)
      contain('a crossing to another replica', this.#core.onDefect, async () => {
        const lives = await this.#parts.replicas.isAlive(owner).catch(() => false);
        if (lives) return;
        for (const [to, arriving] of this.#arriving) {
          if (arriving.owner !== owner) continue;
          this.#arriving.delete(to);
          arriving.lost();
        }
      });
    const readers = new Set([...this.#departing.values()].map(({ to }) => to));
    for (const reader of readers)
      contain('a crossing to another replica', this.#core.onDefect, async () => {
        const lives = await this.#parts.replicas.isAlive(reader).catch(() => true);
        if (lives) return;
        for (const departing of [...this.#departing.values()]) if (departing.to === reader) departing.gone();
      });
  }

  #send(to: string, kind: string, body: MessageBody, onFailure: () => void = () => undefined): void {
    contain('a crossing to another replica', this.#core.onDefect, async () => {
      try {
        if (!(await this.#parts.replicas.send(to, kind, body))) onFailure();
      } catch (error) {
        onFailure();
        if (!(error instanceof StoreError)) throw error;
      }
    });
  }
}

/** The way back to a client of another replica. */
class DistantReply implements Reply {
  readonly #send: (body: MessageBody) => void;
  readonly #onOver: () => void;

  constructor(send: (body: MessageBody) => void, onOver: () => void) {
    this.#send = send;
    this.#onOver = onOver;
  }

  send(text: string): void {
    this.#send({ op: 'send', text });
  }

  offer(text: string): void {
    this.#send({ op: 'offer', text });
  }

  answer(text: TextPieces, status: number): void {
    this.#onOver();
    this.#send({ op: 'answer', text: pieceText(text), status });
  }

  drop(): void {
    this.#onOver();
    this.#send({ op: 'drop' });
  }
}

/** A response at another replica, for a stream to be written into. */
class DistantTarget extends Writable implements StreamTarget {
  headersSent = false;
  readonly #send: (body: MessageBody) => Promise<boolean>;
  readonly #onDefect: OnDefect;

  constructor(send: (body: MessageBody) => Promise<boolean>, onDefect: OnDefect) {
    super({ decodeStrings: false });
    this.#send = send;
    this.#onDefect = onDefect;
    // That its reader is gone is no fault of ours; what depends on it hears of it by 'close'.
    this.on('error', () => {});
  }

  writeHead(): void {
    this.headersSent = true;
    contain('a crossing to another replica', this.#onDefect, () =>
      this.#pass({ op: 'begin' }, () => undefined),
    );
  }

  flushHeaders(): void {}

  override _write(chunk: string | Uint8Array, _encoding: string, done: (error?: Error) => void): void {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    contain('a crossing to another replica', this.#onDefect, () => this.#pass({ op: 'data', text }, done));
  }

  override _final(done: (error?: Error) => void): void {
    contain('a crossing to another replica', this.#onDefect, () => this.#pass({ op: 'end' }, done));
  }

  async #pass(body: MessageBody, done: (error?: Error) => void): Promise<void> {
    try {
      done((await this.#send(body)) ? undefined : new Error('the replica of the client is gone'));
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      done(error);
    }
  }
}

/** Event ids are `COUNT-TAG.AT`. */
function tagIn(eventId: string): string {
  const name = eventId.slice(0, eventId.lastIndexOf('.'));
  return name.slice(name.indexOf('-') + 1);
}

function streamScope(sessionId: string): string {
  return `streams of ${sessionId}`;
}
