import type { JsonObject } from '../protocol/index.ts';
import { principalKey, type Principal } from './principal.ts';
import type { Wishes } from './wishes.ts';

/** Protocol revisions that a client of the gateway may speak. */
export type Revision = '2024-11-05' | '2025-03-26' | '2025-06-18' | '2025-11-25' | '2026-07-28';

/**
 * Who makes a request. Made by the transport after authentication, before a Gateway is asked; a Gateway trusts it.
 * One Caller stands for one client session (revisions before 2026-07-28), one stdio client, or one request
 * (2026-07-28 over HTTP, which has no sessions).
 */
export interface Caller {
  /** Unguessable and unique among live callers. The key under which session-bound state is kept. */
  readonly sessionId: string;
  /** True when further requests will come under this `sessionId`, and `Gateway.endSession` will be called once. */
  readonly hasSession: boolean;
  readonly principal: Principal;
  readonly revision: Revision;
  /** What the client declared that it can do (`capabilities` of `initialize`, or the request's `_meta`). */
  readonly capabilities: JsonObject;
  /** `clientInfo` as declared, where it was. */
  readonly clientInfo?: JsonObject;
  /** HTTP headers named in `passthroughHeaders`, lower-cased names; empty for stdio. */
  readonly forwardedHeaders: Readonly<Record<string, string>>;
  /** What the client wished when its session began, or with this request; absent where it wished nothing. */
  readonly wishes?: Wishes;
}

/**
 * Under which name what a backend keeps for this caller is known: its session or, without one, what it has in common with
 * callers that may use the same connections, which are those of the same principal and the same capabilities.
 */
export function holderOf({ hasSession, sessionId, principal, capabilities }: Caller): string {
  return hasSession ? sessionId : `${principalKey(principal)} ${JSON.stringify(capabilities)}`;
}

/**
 * The client's end of one running request: what a backend may say to it, or ask of it, before the answer.
 * Its holder stops using it once the request has settled.
 */
export interface ClientPort {
  /**
   * False when nothing can be asked in mid-call; `request` then rejects with the specification's error.
   * For a 2026-07-28 client the transport turns a question into an input-required result and its retry, so it is true
   * there as well, until a stage closes it.
   */
  readonly canAsk: boolean;
  /** Sends `notifications/progress`, `notifications/message` or whatever else is about this request. Never throws, never waits. */
  notify(method: string, params: JsonObject): void;
  /**
   * Asks the client: `elicitation/create`, `sampling/createMessage`, `roots/list`.
   * Rejects with a `ProtocolError` when the client refuses, cannot, or is gone.
   * @param onProgress told what the client reports meanwhile, where `params` hold a token to report under.
   */
  request(
    method: string,
    params: JsonObject,
    signal: AbortSignal,
    onProgress?: (progress: JsonObject) => void,
  ): Promise<JsonObject>;
}

/** W3C trace context of a request, as taken from its HTTP header or `_meta`; passed on to backends. */
export interface TraceContext {
  readonly traceparent: string;
  readonly tracestate?: string;
}

/** What a request carries on its whole way, to the backend too. */
export interface CallContext {
  readonly caller: Caller;
  readonly client: ClientPort;
  /**
   * Aborted when the client cancels, its session ends, or the gateway gives up. `signal.reason` is an
   * `AbandonedError` when an input-required exchange was never finished (it then counts as no call at all).
   */
  readonly signal: AbortSignal;
  readonly trace?: TraceContext;
}
