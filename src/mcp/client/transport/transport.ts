import type { BackendError, CallContext } from '../../../gateway/index.ts';
import type { JsonObject } from '../../../protocol/index.ts';
import type { ParsedMessage, RpcNotification, RpcRequest } from '../../wire/jsonrpc.ts';

/** A message that a backend sends unasked. */
export type Inbound =
  | { readonly kind: 'request'; readonly message: RpcRequest }
  | { readonly kind: 'notification'; readonly message: RpcNotification };

/** The answer to a request. */
export type Answer = Extract<ParsedMessage, { kind: 'result' | 'error' }>;

/** One request on its way out. */
export interface Exchange {
  readonly id: number;
  readonly method: string;
  readonly params: JsonObject;
  /** The revision that the request speaks; undefined for `initialize`, which asks for one. */
  readonly revision: string | undefined;
  /** Beyond the transport's own; over stdio they go nowhere. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The caller's request that it carries; absent for the gateway's own. */
  readonly context?: CallContext | undefined;
  /** Long texts of the result may be left unread (`takeUnreadText`), where the transport can. */
  readonly unreadTexts?: boolean | undefined;
  /** What the backend said in this request's own stream, where the transport can tell. */
  readonly onMessage: (message: Inbound) => void;
}

/** An exchange under way. */
export interface PendingExchange {
  /** The result. Rejects with the backend's `ProtocolError`, a `BackendError`, or the reason given to `abort`. */
  readonly answer: Promise<JsonObject>;
  /** Stops waiting: over HTTP the response is closed. Nothing happens when the answer is there already. */
  abort(reason: Error): void;
  /** What the backend did wrong meanwhile, in words that go on after "it", where the answer may have been lost in that. */
  readonly noticed?: string | undefined;
}

export interface TransportEvents {
  /** A message that came outside any exchange's own stream. */
  onMessage(message: Inbound): void;
  /** The connection is gone; every pending exchange has been rejected. Said at most once, and never after `close`. */
  onClose(error: BackendError): void;
}

/** One way to one backend. It carries messages and knows no method but where HTTP's headers ask for it. */
export interface Transport {
  /** True when messages of all requests share one stream, so that the transport cannot tell whose they are. */
  readonly isDuplex: boolean;
  /** True once the backend has opened a session over HTTP. */
  readonly hasSession: boolean;
  open(events: TransportEvents, signal: AbortSignal): Promise<void>;
  exchange(exchange: Exchange): PendingExchange;
  /** Sends a notification, or an answer to the backend's own request. */
  send(text: string): Promise<void>;
  /** Tells which revision was negotiated. */
  negotiated(revision: string): void;
  /** Opens the stream for messages outside any request, where there is one. Resolves when it stands, or soon anyway. */
  openStandingStream(): Promise<void>;
  close(): Promise<void>;
}

/** Bounds on what one backend may make the gateway hold. */
export interface WireLimits {
  /** Of one message. A larger answer fails its call. */
  readonly maxMessageBytes: number;
  /** From asking a process to end until SIGKILL, and the most that closing waits for a farewell over HTTP. */
  readonly closeGraceMs: number;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Where a client of backends reports to. `source` is `stderr` for a line that the backend's process wrote. */
export type OnLog = (entry: {
  readonly level: LogLevel;
  readonly backend: string;
  readonly message: string;
  readonly source?: 'stderr';
}) => void;
