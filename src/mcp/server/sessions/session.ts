import type { Caller } from '../../../gateway/index.ts';
import { CancelledError, errorCodes, type JsonObject, type JsonValue } from '../../../protocol/index.ts';
import { TransientSet } from '../../../lib/transient-set.ts';
import { errorText, notificationText } from '../../wire/jsonrpc.ts';
import type { RequestId } from '../../wire/jsonrpc.ts';
import { Asks } from '../exchange/asks.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { isAtLeast } from '../../wire/log-levels.ts';
import type { LogLevel } from '../../wire/log-levels.ts';
import type { OnDefect } from '../../../lib/guarded.ts';

/** Where a session's client hears what belongs to no request: its GET stream, or stdout. */
export interface Outlet {
  offer(text: string): void;
  close(): void;
}

/** How other replicas hear what a session's client asked for. Rejects with a `StoreError`. */
export interface SessionSharing {
  levelSet(): Promise<void>;
  uriChanged(uri: string): Promise<void>;
}

/** One client's legacy session: between `initialize` and its end. Owned by whoever made it, who calls `end` once. */
export class Session {
  readonly caller: Caller;
  /** When `initialize` was answered, by the endpoint's clock: lists that changed before are no news to it. */
  openedMs: number;
  readonly asks: Asks;
  /** Requests without an answer yet. Over HTTP, where each has a response of its own, ids may repeat. */
  readonly running: TransientSet<Exchange> = new TransientSet();
  /** URIs whose updates this client asked for. */
  readonly subscribedUris: Set<string> = new Set();
  /** Least severity of log messages; undefined, and everything passes, until the client sets one. */
  logLevel: LogLevel | undefined;
  /** Undefined while the client listens to nothing. */
  outlet: Outlet | undefined;
  /** The outlet at another replica, for what only this one hears. */
  remoteOutlet: Outlet | undefined;
  /** When it ends, however much it is used, in milliseconds since 1970. */
  endsAtMs = Infinity;
  /** When other replicas were last told that it is used, by the endpoint's clock. */
  toldUsedMs = -Infinity;
  /** Tells other replicas what the client asked for; absent where there are none. */
  shared: SessionSharing | undefined;

  constructor(caller: Caller, openedMs: number, onDefect?: OnDefect) {
    this.caller = caller;
    this.openedMs = openedMs;
    this.asks = new Asks(onDefect);
  }

  wantsLog(level: JsonValue | undefined): boolean {
    return this.logLevel === undefined || isAtLeast(level, this.logLevel);
  }

  /** Sends a notification that belongs to no request, if the client listens. */
  notify(method: string, params?: JsonObject): void {
    this.outlet?.offer(notificationText(method, params));
  }

  /** Stops one request at its client's wish; a request that is unknown or over is no fault. */
  cancel(id: RequestId, reason: string | undefined): void {
    for (const exchange of this.running) if (exchange.id === id) exchange.cancel(new CancelledError(reason));
  }

  /** Stops everything under way and says so to whoever still waits. */
  end(): void {
    const reason = new CancelledError('the session ended');
    for (const exchange of this.running) {
      const text = errorText(exchange.id, { code: errorCodes.requestCancelled, message: reason.message });
      exchange.abort(reason, text, 200);
    }
    this.asks.abandon(reason);
    this.outlet?.close();
  }
}
