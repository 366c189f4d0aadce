import type { JsonObject } from '../protocol/index.ts';
import type { Caller } from './caller.ts';
import type { Ask } from './request.ts';

/**
 * What a gateway tells its listeners. No payload needs a reply. With a `principal` (`principalKey`) it is for that principal's
 * sessions alone.
 */
export type GatewayEvent = { readonly principal?: string } &
  /** `sessionId` when the list has changed for that session alone. */
  (
    | {
        readonly type: 'toolsChanged' | 'promptsChanged' | 'resourcesChanged';
        readonly sessionId?: string;
      }
    | { readonly type: 'resourceUpdated'; readonly params: JsonObject & { uri: string } }
    /** A backend's log message outside any request; `sessionId` when it came on one session's own connection. */
    | { readonly type: 'message'; readonly params: JsonObject; readonly sessionId?: string }
    /** Any other notification of a backend (`notifications/tasks/status`, `notifications/elicitation/complete`, …). */
    | {
        readonly type: 'notification';
        readonly method: string;
        readonly params: JsonObject;
        readonly sessionId?: string;
      }
  );

/** Where requests end: what answers them when no stage has. */
export interface RequestSource {
  readonly ask: Ask;
  /** Returns the way to stop listening. */
  subscribe(listener: (event: GatewayEvent) => void): () => void;
  /** Releases what is held for this caller's session. Idempotent. */
  endSession(sessionId: string): Promise<void>;
}

/** What transports see of everything behind them. */
export interface Gateway extends RequestSource {
  /** The event as this session may hear it; undefined when it is not for it. */
  eventFor(event: GatewayEvent, session: Caller): GatewayEvent | undefined;
}
