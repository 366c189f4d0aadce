import type { CallContext, Caller } from '../caller.ts';
import { errorCodes, type JsonObject, type JsonValue, ProtocolError } from '../../protocol/index.ts';
import type { ServerCapabilities, Tool } from '../request.ts';

export type BackendTransport = 'stdio' | 'streamable-http' | 'sse';

/** The four kinds of things that a backend lists. */
export type Listing = 'tools' | 'resources' | 'resourceTemplates' | 'prompts';

/** What a backend said of itself when the connection was opened. */
export interface BackendInfo {
  /** The negotiated protocol revision; may be older than what clients of the gateway can speak. */
  readonly revision: string;
  readonly capabilities: ServerCapabilities;
  readonly instructions?: string;
  /** `serverInfo` as declared, for logs and `/status`. */
  readonly serverInfo?: JsonObject;
}

/** One request on its way to a backend, with the backend's own names in `params`. */
export interface BackendRequest extends CallContext {
  readonly method: string;
  readonly params: JsonObject;
  /** What the client calls the tool, for messages to it. */
  readonly shownAs?: string;
  /** Limit of the wait for an answer; the time in which the client is being asked something does not count. */
  readonly timeoutMs: number;
  /** True when it names what only this caller's own lists have, so that it must go where those were read. */
  readonly isOwn?: boolean;
  /** The long texts of the result may be left unread (`takeUnreadText`). */
  readonly unreadTexts?: boolean;
}

/** What a backend says unasked. */
export type BackendClientEvent =
  /** The connection that everything shares is gone; the next `connect` opens another. */
  | { readonly type: 'disconnected'; readonly error: BackendError }
  /**
   * `sessionId` when it was said on one session's own connection, whose lists need not be those of others; the holder
   * (`holderOf`) when it was said on a connection that calls without a session borrow.
   */
  | {
      readonly type: 'changed';
      readonly listing: 'tools' | 'prompts' | 'resources';
      readonly sessionId?: string;
      readonly isBorrowed?: true;
    }
  | { readonly type: 'resourceUpdated'; readonly params: JsonObject & { uri: string } }
  | {
      readonly type: 'notification';
      readonly method: string;
      readonly params: JsonObject;
      readonly sessionId?: string;
    };

/**
 * The connections to one backend: speaks the protocol, knows nothing of health, names or other backends. Failures of
 * the way to the backend are thrown as `BackendError`; the backend's own errors as `ProtocolError`.
 */
export interface BackendClient {
  readonly name: string;
  readonly transport: BackendTransport;
  /** Opens the shared connection and negotiates a revision; returns at once when that is already done. */
  connect(signal: AbortSignal): Promise<BackendInfo>;
  /**
   * All pages of one listing, as the shared connection shows it, or this session's own where it has one. Empty when the
   * backend does not offer it.
   */
  list(listing: Listing, signal: AbortSignal, sessionId?: string): Promise<JsonValue[]>;
  request(request: BackendRequest): Promise<JsonObject>;
  /** Rejects when the backend does not answer. */
  ping(signal: AbortSignal): Promise<void>;
  /** Passes a client's notification (`notifications/roots/list_changed`) to that session's own connections. */
  notify(sessionId: string, method: string, params: JsonObject): void;
  subscribe(listener: (event: BackendClientEvent) => void): () => void;
  /** Closes what is held for one client session; a holder's connection is then one like others. Idempotent. */
  endSession(sessionId: string): Promise<void>;
  /** Drops the shared connection, so that the next `connect` opens a new one (and starts a new child process). */
  reset(reason: string): Promise<void>;
  /** Closes everything; no child process outlives it. Idempotent. */
  close(): Promise<void>;
}

/**
 * `asleep` while a lazy backend waits for somebody to need it, `unknown` before the first attempt has settled,
 * `unauthenticated` when the backend answers 401 or 403, or there is no credential to ask it with.
 */
export type BackendHealth = 'asleep' | 'unknown' | 'healthy' | 'degraded' | 'unhealthy' | 'unauthenticated';

/** A backend as `/status` and `/readyz` show it. Holds no secret: no URL, command, argument or environment. */
export interface BackendStatus {
  readonly name: string;
  readonly transport: BackendTransport;
  readonly health: BackendHealth;
  readonly revision?: string;
  /** Why it is not healthy. */
  readonly error?: string;
  /** What it is at, as `starting, 41 s`. */
  readonly note?: string;
  readonly tools: number;
  readonly circuit?: 'closed' | 'open' | 'half-open';
}

/** What a backend offered when it was last asked. Replaced whole, never edited. */
export interface Catalogue {
  readonly tools: readonly Tool[];
  readonly resources: readonly JsonObject[];
  readonly resourceTemplates: readonly JsonObject[];
  readonly prompts: readonly JsonObject[];
}

export type BackendEvent =
  /** `principal` (`principalKey`) where it was said to one principal alone. */
  | (Exclude<BackendClientEvent, { type: 'disconnected' }> & { readonly principal?: string })
  /** Health or negotiated revision changed. */
  | { readonly type: 'status' };

/** What may change while a backend is kept going, as when a configuration is reloaded. Durations are milliseconds. */
export interface BackendTuning {
  /** Of one request. 30 s when not given, as in ToolHive (`operational.timeouts.default`). */
  readonly timeoutMs: number;
  /** Between health checks. 30 s when not given; 0 for none. */
  readonly healthCheckIntervalMs: number;
  /** Of one health check. 10 s when not given. */
  readonly healthCheckTimeoutMs: number;
  /** Failed checks or attempts in a row after which the backend's tools are no longer listed. 3 when not given. */
  readonly unhealthyThreshold: number;
  /** Absent for no circuit breaker, which is the default. */
  readonly circuitBreaker?: { readonly failureThreshold: number; readonly timeoutMs: number };
  /** Whether it is connected only when it is first needed, instead of at once. False when not given. */
  readonly lazy: boolean;
}

/**
 * One backend with its health, its cached lists and its limits, as the aggregate uses it. It connects by itself (a lazy one
 * once it is woken), stays connected, and never makes a caller wait for another backend.
 */
export interface Backend {
  readonly name: string;
  readonly transport: BackendTransport;
  /** False while the backend counts as down: its tools are then not listed, but still routed. */
  readonly available: boolean;
  /** True while it is lazy and nobody has needed it yet: not connected, and what it offers is not known. */
  readonly asleep: boolean;
  /** Undefined before the first connection. */
  readonly info: BackendInfo | undefined;
  readonly catalogue: Catalogue;
  /** What the backend offers to this client session, or holder, alone; undefined when that is what it offers to all. */
  catalogueOf(sessionId: string): Catalogue | undefined;
  /** Present where each caller is offered what its own credential lets it see. `catalogue` is what others are offered. */
  readonly callerLists?: CallerLists;
  status(): BackendStatus;
  /** Resolves once the first attempt to connect has succeeded or failed; at once while it is asleep. Never rejects. */
  settled(): Promise<void>;
  /** Connects it if it is asleep. A request does so too. */
  wake(): void;
  request(request: Omit<BackendRequest, 'timeoutMs'>): Promise<JsonObject>;
  notify(sessionId: string, method: string, params: JsonObject): void;
  /** Puts other limits in force, from the next request, check and failure on. The connection stays as it is. */
  retune(tuning: BackendTuning): void;
  subscribe(listener: (event: BackendEvent) => void): () => void;
  endSession(sessionId: string): Promise<void>;
  /** Waits for requests in flight for at most the drain limit, then closes. Idempotent. */
  close(): Promise<void>;
}

/** What a backend offers to each caller, where each meets it with a credential of its own. */
export interface CallerLists {
  /** True once it was tried to read this caller's lists. */
  isKnown(caller: Caller): boolean;
  /** Reads this caller's lists, unless that was tried already. Never rejects. */
  learn(caller: Caller): Promise<void>;
  /** The lists of this caller; undefined where they could not be read, or were not yet. Equal lists are one object. */
  of(caller: Caller): Catalogue | undefined;
}

/** Told of every request that reached a backend, once its outcome is known; feeds the `backend_requests` metrics. */
export interface BackendRequestRecord {
  readonly backend: string;
  readonly transport: BackendTransport;
  readonly method: string;
  /** The backend's own name of the tool, for `tools/call`; always one that the backend listed. */
  readonly toolName?: string;
  readonly durationMs: number;
  /** Set when there was no result: a transport failure, a timeout or a JSON-RPC error. A tool's `isError` is a result. */
  readonly error?: 'cancelled' | 'timeout' | 'unreachable' | 'protocol';
}

export type BackendErrorCode =
  /** No connection, and none could be opened. */
  | 'unreachable'
  /** The process ended or the connection closed before the answer. */
  | 'disconnected'
  | 'timeout'
  /** The answer is larger than the limit. */
  | 'too-large'
  /** The answer is no valid answer to the request. */
  | 'bad-answer'
  /** HTTP 401 or 403. */
  | 'unauthorized'
  /** There is no credential to send the request with. Says nothing of the backend, which was not asked. */
  | 'no-credential'
  /** Another HTTP status that tells of no answer, a redirect included. */
  | 'http-status'
  /** The handshake was refused, or no common revision exists. */
  | 'handshake'
  /** The circuit breaker is open, or the backend is closed. */
  | 'not-available'
  /** A bound of the gateway (children, sessions, connections) is reached. */
  | 'busy';

/** Why a backend gave no answer. The message names the backend and says what to look at; it holds no payload. */
export class BackendError extends Error {
  readonly code: BackendErrorCode;
  readonly backend: string;
  /** The message without the backend's name, for where that stands already. */
  readonly reason: string;
  /** False only when the request certainly never reached the backend's handler, so that it may be sent again. */
  readonly mayHaveRun: boolean;
  constructor(
    code: BackendErrorCode,
    backend: string,
    message: string,
    options: { mayHaveRun: boolean; cause?: unknown } = { mayHaveRun: true },
  ) {
    super(
      `backend "${backend}" ${message}`,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = 'BackendError';
    this.code = code;
    this.backend = backend;
    this.reason = message;
    this.mayHaveRun = options.mayHaveRun;
  }
}

/** A backend's silence as the JSON-RPC error that a client hears. */
export function toUnavailable(error: BackendError): ProtocolError {
  const code = error.code === 'timeout' ? errorCodes.timeout : errorCodes.backendUnavailable;
  return new ProtocolError(code, error.message, { cause: error });
}
