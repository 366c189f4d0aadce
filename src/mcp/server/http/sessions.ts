import { isSamePrincipal, type Principal } from '../../../gateway/index.ts';
import { HttpSession } from './http-session.ts';
import type { EndpointLimits } from '../exchange/options.ts';
import type { Session } from '../sessions/session.ts';

/** A session that was used this recently is not given up for a new one. */
const evictableAfterMs = 60_000;

/** `ended` for good, here or at another replica, or `released` because this process has no more use for it. */
export type SessionEnd = 'ended' | 'ended elsewhere' | 'released';

/** The legacy sessions over HTTP: how many, how long, and whose. */
export class Sessions {
  readonly #byName = new Map<string, HttpSession>();
  readonly #limits: EndpointLimits;
  readonly #onEnd: (session: Session, why: SessionEnd) => void;
  readonly #bySessionId = new Map<string, HttpSession>();
  readonly #streamTag: ((sessionId: string) => string) | undefined;

  /**
   * `onEnd` is called once for each session that was added, when it is over here.
   * @param streamTag names streams so that other replicas can tell whose they are
   */
  constructor(
    limits: EndpointLimits,
    onEnd: (session: Session, why: SessionEnd) => void,
    streamTag?: (sessionId: string) => string,
  ) {
    this.#limits = limits;
    this.#streamTag = streamTag;
    this.#onEnd = onEnd;
  }

  get size(): number {
    return this.#byName.size;
  }

  values(): IterableIterator<HttpSession> {
    return this.#byName.values();
  }

  /** The session with this id, which is its name to the gateway, and to a client where no other replica shares it. */
  bySessionId(sessionId: string): HttpSession | undefined {
    return this.#bySessionId.get(sessionId);
  }

  /** Adds a session; undefined when there are too many and none of them can be given up. */
  add(session: Session, nowMs: number, name: string = session.caller.sessionId): HttpSession | undefined {
    if (this.#byName.size >= this.#limits.maxSessions && !this.#evictOne(nowMs)) return undefined;
    const { sessionId } = session.caller;
    const { maxBufferedBytes } = this.#limits;
    const streamTag = this.#streamTag?.(sessionId);
    const added = new HttpSession(session, nowMs, { maxBufferedBytes, name, streamTag });
    this.#byName.set(name, added);
    this.#bySessionId.set(sessionId, added);
    return added;
  }

  /** The live session with this name, if it belongs to this principal. Marks it used. */
  find(name: string, principal: Principal, nowMs: number): HttpSession | undefined {
    const found = this.#byName.get(name);
    if (found === undefined || !isSamePrincipal(found.session.caller.principal, principal)) return undefined;
    if (!found.busy && found.lastUsedMs + this.#limits.sessionTtlMs <= nowMs) {
      this.end(found, 'released');
      return undefined;
    }
    found.lastUsedMs = nowMs;
    return found;
  }

  end(ended: HttpSession, why: SessionEnd = 'ended'): void {
    if (!this.#byName.delete(ended.name)) return;
    this.#bySessionId.delete(ended.session.caller.sessionId);
    ended.session.end();
    this.#onEnd(ended.session, why);
  }

  /** Ends what nobody used for too long. */
  sweep(nowMs: number): void {
    for (const candidate of this.#byName.values()) {
      if (candidate.busy) candidate.lastUsedMs = nowMs;
      else if (candidate.lastUsedMs + this.#limits.sessionTtlMs <= nowMs) this.end(candidate, 'released');
    }
  }

  close(): void {
    for (const session of this.#byName.values()) this.end(session, 'released');
  }

  /** Gives up the session that was unused longest. */
  #evictOne(nowMs: number): boolean {
    let oldest: HttpSession | undefined;
    for (const candidate of this.#byName.values()) {
      if (candidate.busy || candidate.lastUsedMs + evictableAfterMs > nowMs) continue;
      if (oldest === undefined || candidate.lastUsedMs < oldest.lastUsedMs) oldest = candidate;
    }
    if (oldest === undefined) return false;
    this.end(oldest, 'released');
    return true;
  }
}
