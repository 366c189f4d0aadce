import { isSamePrincipal, type Principal } from '../../../gateway/index.ts';
import { HttpSession } from './http-session.ts';
import type { EndpointLimits } from '../exchange/options.ts';
import type { Session } from '../sessions/session.ts';

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
  find(id: string, principal: Principal, nowMs: number): HttpSession | undefined {
    const found = this.#byId.get(id);
    if (found === undefined || !isSamePrincipal(found.session.caller.principal, principal)) return undefined;
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
