import type {
  BackendClient,
  BackendClientEvent,
  BackendInfo,
  BackendRequest,
  BackendTransport,
  Listing,
} from '../../gateway/index.ts';
import { errorCodes, type JsonObject, type JsonValue, ProtocolError } from '../../protocol/index.ts';
import { BackendError, waitFor } from '../../gateway/index.ts';
import { tellEach } from '../../lib/guarded.ts';
import { messageOf } from '../../lib/thrown.ts';
import { modernRevision } from '../wire/revisions.ts';
import type { Connection, OutgoingOptions } from './connection/connection.ts';
import { ConnectionFactory } from './connection/connection-factory.ts';
import type { ConnectionSpec, Lease } from './connection/connection-set.ts';
import { ConnectionSet } from './connection/connection-set.ts';
import { SessionExpired } from './transport/http/http-refusal.ts';
import { listAll } from './lists/listing.ts';
import { LogWishes } from './lists/log-wishes.ts';
import type { BackendTarget, ClientOptions, Settings } from './connection/options.ts';
import { withDefaults } from './connection/options.ts';
import { ParamHeaderTable } from './calls/param-header-table.ts';
import { Subscriptions } from './lists/subscriptions.ts';

/** A closed idle connection and then a forgotten session are two ways to fail before the one that succeeds. */
const maxOwnAttempts = 3;

const changeable = ['tools', 'prompts', 'resources'] as const;

/** The gateway's client towards one backend. */
export function createBackendClient(target: BackendTarget, options: ClientOptions): BackendClient {
  return new McpBackendClient(target, withDefaults(target, options));
}

class McpBackendClient implements BackendClient {
  readonly name: string;
  readonly transport: BackendTransport;
  readonly #factory: ConnectionFactory;
  readonly #settings: Settings;
  readonly #connections: ConnectionSet;
  readonly #listeners = new Set<(event: BackendClientEvent) => void>();
  readonly #subscriptions: Subscriptions;
  readonly #logWishes: LogWishes;
  readonly #paramHeaders = new ParamHeaderTable();
  /** The gateway's own methods that are answered as if the session were lost, in each session. */
  readonly #notServed = new Set<string>();

  constructor(target: BackendTarget, settings: Settings) {
    this.name = target.name;
    this.transport = target.transport;
    this.#settings = settings;
    this.#factory = new ConnectionFactory(target, settings, (event) => this.#emit(event));
    this.#logWishes = new LogWishes({
      timeoutMs: settings.ownRequestTimeoutMs,
      onDebug: (message) => this.#log('debug', message),
    });
    this.#subscriptions = new Subscriptions({
      backend: target.name,
      onLog: settings.onLog,
      onDefect: settings.onDefect,
      timeoutMs: settings.ownRequestTimeoutMs,
      onGap: () => this.#relist(),
    });
    this.#connections = new ConnectionSet({
      backend: target.name,
      isDuplex: target.transport !== 'streamable-http',
      maxOwn: settings.maxOwnConnections,
      idleMs: settings.idleConnectionMs,
      leadIdleMs: settings.leadConnectionMs,
      onLog: settings.onLog,
      onDefect: settings.onDefect,
      onSessionLost: (sessionId) => this.#relist(sessionId),
      onBorrowedChanged: (holder, listing) => {
        for (const each of listing === undefined ? changeable : [listing]) {
          this.#emit({ type: 'changed', listing: each, sessionId: holder, isBorrowed: true });
        }
      },
      open: (spec, signal) => this.#open(spec, signal),
    });
  }

  connect(signal: AbortSignal): Promise<BackendInfo> {
    return this.#connections.connect(signal, {
      onOpen: (connection) => this.#subscriptions.connected(connection),
      onClose: (error) => {
        this.#subscriptions.disconnected();
        this.#emit({ type: 'disconnected', error });
      },
    });
  }

  async list(listing: Listing, signal: AbortSignal, sessionId?: string): Promise<JsonValue[]> {
    const own = sessionId === undefined ? undefined : await this.#connections.own(sessionId);
    if (own !== undefined) return this.#listOver(own, listing, signal);
    const { info } = this.#shared();
    const entries = await listAll(listing, info, this.name, this.#settings.fields, (method, params) =>
      this.#own(method, params, signal),
    );
    if (listing !== 'tools' || !this.#mirrorsParams(info)) return entries;
    return this.#paramHeaders.read(entries, (name) =>
      this.#log('warn', `lists the tool "${name}" with an invalid "x-mcp-header"; it is left out`),
    );
  }

  #listOver(connection: Connection, listing: Listing, signal: AbortSignal): Promise<JsonValue[]> {
    const timeoutMs = this.#settings.ownRequestTimeoutMs;
    const { fields } = this.#settings;
    return listAll(listing, connection.info, this.name, fields, (method, params) =>
      connection.own({ method, params, signal, timeoutMs }),
    );
  }

  async request(request: BackendRequest): Promise<JsonObject> {
    switch (request.method) {
      case 'resources/subscribe':
        return this.#subscriptions.subscribe(request, () => this.#onShared(request));
      case 'resources/unsubscribe':
        return this.#subscriptions.unsubscribe(request, () => this.#onShared(request));
      case 'logging/setLevel':
        return this.#logWishes.setLevel(request, {
          shared: this.#shared(),
          own: this.#connections.own(request.caller.sessionId),
        });
    }
    try {
      return await this.#attemptTwice(request);
    } catch (error) {
      throw this.#isOfThisHop(error) ? this.#misunderstood(error) : error;
    }
  }

  async #attemptTwice(request: BackendRequest): Promise<JsonObject> {
    try {
      return await this.#attempt(request);
    } catch (error) {
      if (!(await this.#isRemedied(error, request))) throw error;
      return this.#attempt(request);
    }
  }

  async ping(signal: AbortSignal): Promise<void> {
    const method = this.#shared().info.revision === modernRevision ? 'server/discover' : 'ping';
    await this.#own(method, {}, signal);
  }

  notify(sessionId: string, method: string, params: JsonObject): void {
    this.#connections
      .own(sessionId)
      ?.then((connection) => connection.notify(method, params))
      .catch((error: unknown) => {
        this.#log('debug', `did not take ${method}: ${messageOf(error)}`);
      });
  }

  subscribe(listener: (event: BackendClientEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  endSession(sessionId: string): Promise<void> {
    this.#subscriptions.endSession(sessionId);
    this.#logWishes.forget(sessionId);
    return this.#connections.endSession(sessionId);
  }

  reset(): Promise<void> {
    this.#subscriptions.disconnected();
    return this.#connections.reset();
  }

  async close(): Promise<void> {
    this.#subscriptions.disconnected();
    await this.#connections.close();
    await this.#factory.close();
    this.#listeners.clear();
  }

  async #attempt(request: BackendRequest): Promise<JsonObject> {
    const { caller, client, isOwn = false } = request;
    const leased = this.#connections.lease(caller, { canAsk: client.canAsk, isOwn });
    const lease = leased instanceof Promise ? await this.#inTime(leased, request) : leased;
    try {
      const telling = this.#logWishes.beforeRequest(lease.connection, request);
      if (telling !== undefined) await telling;
      return await lease.connection.request(request, this.#outgoing(request, lease.connection));
    } catch (error) {
      if (error instanceof SessionExpired) this.#retire(lease.connection);
      throw error;
    } finally {
      lease.release();
    }
  }

  /** What was waited for goes on for others, and a lease that comes too late is given back. */
  async #inTime(leased: Promise<Lease>, { signal, timeoutMs, method }: BackendRequest): Promise<Lease> {
    const timeout = (): BackendError =>
      new BackendError('timeout', this.name, `could not be connected for ${method} within ${timeoutMs} ms`, {
        mayHaveRun: false,
      });
    try {
      return await waitFor(leased, { signal, timeoutMs, timeout });
    } catch (error) {
      leased.then((lease) => lease.release()).catch(() => undefined);
      throw error;
    }
  }

  #outgoing(request: BackendRequest, connection: Connection): OutgoingOptions {
    if (connection.info.revision !== modernRevision) return { logLevel: undefined };
    const { params, method } = request;
    const logLevel = this.#logWishes.levelFor(request);
    const paramHeaders = method === 'tools/call' ? this.#paramHeaders.headersFor(params) : undefined;
    return paramHeaders === undefined ? { logLevel } : { logLevel, paramHeaders };
  }

  #onShared(request: BackendRequest): Promise<JsonObject> {
    return this.#shared().request(request, { logLevel: undefined });
  }

  /** A connection of one session, or of callers alike, is told how much to log before its first request. */
  async #open(spec: ConnectionSpec, signal: AbortSignal): Promise<Connection> {
    const connection = await this.#factory.open(spec, signal);
    if (spec.isBorrowed !== true) await this.#logWishes.opened(connection, spec.sessionId);
    return connection;
  }

  /** Does what makes a second attempt worth while, where the first certainly did not run. */
  async #isRemedied(error: unknown, request: BackendRequest): Promise<boolean> {
    if (request.signal.aborted) return false;
    if (error instanceof SessionExpired) {
      await this.#reconnect(request.signal);
      return true;
    }
    if (!(error instanceof ProtocolError)) return false;
    switch (error.code) {
      case errorCodes.unsupportedProtocolVersion:
        await this.#renegotiate(request.signal);
        return true;
      case errorCodes.headerMismatch:
        // The tool's schema has changed since it was listed: its new one says which headers to send.
        if (request.method !== 'tools/call') return false;
        await this.list('tools', request.signal);
        return true;
      default:
        return false;
    }
  }

  /** An error about how the gateway asked. Its client, reading it, would take it to be about how the client did. */
  #isOfThisHop(error: unknown): error is ProtocolError {
    if (!(error instanceof ProtocolError) || this.#connections.shared?.info.revision !== modernRevision)
      return false;
    return error.code === errorCodes.headerMismatch || error.code === errorCodes.unsupportedProtocolVersion;
  }

  #misunderstood(cause: ProtocolError): BackendError {
    const what = cause.code === errorCodes.headerMismatch ? 'headers' : 'revision';
    const message = `refused the ${what} of the gateway's request: ${cause.message} (${cause.code})`;
    return new BackendError('bad-answer', this.name, message, { mayHaveRun: false, cause });
  }

  /** The backend speaks another revision than it said. */
  async #renegotiate(signal: AbortSignal): Promise<void> {
    this.#factory.forgetEra();
    this.#retire(this.#shared());
    await this.#reconnect(signal);
  }

  /** Opens the shared connection again where it was let go. What was listed before may have changed meanwhile. */
  async #reconnect(signal: AbortSignal): Promise<void> {
    if (this.#connections.shared !== undefined) return;
    await this.connect(signal);
    this.#relist();
  }

  /** @param sessionId whose own lists are meant; everybody's when not given. */
  #relist(sessionId?: string): void {
    const whose = sessionId === undefined ? {} : { sessionId };
    for (const listing of changeable) {
      this.#emit({ type: 'changed', listing, ...whose });
    }
  }

  #retire(connection: Connection): void {
    if (connection === this.#connections.shared) this.#subscriptions.disconnected();
    this.#connections.retire(connection);
  }

  #mirrorsParams(info: BackendInfo): boolean {
    return this.transport !== 'stdio' && info.revision === modernRevision;
  }

  /**
   * A request of the gateway itself. None of them changes anything, so it is sent once more when an idle connection turns
   * out to have been closed, or over a new session when the backend has forgotten the old one.
   */
  async #own(method: string, params: JsonObject, signal: AbortSignal): Promise<JsonObject> {
    const request = { method, params, signal, timeoutMs: this.#settings.ownRequestTimeoutMs };
    let isOfNewSession = false;
    for (let attempt = 1; ; attempt++) {
      const connection = this.#shared();
      try {
        const result = await connection.own(request);
        this.#notServed.delete(method);
        return result;
      } catch (error) {
        const wasLost = error instanceof BackendError && error.code === 'disconnected';
        if (error instanceof SessionExpired && (isOfNewSession || this.#notServed.has(method))) {
          // No session is lost where a new one says the same: the method is what is not known.
          this.#notServed.add(method);
          throw new BackendError(
            'http-status',
            this.name,
            `answered ${method} with HTTP 404 in a new session too`,
          );
        }
        if (!wasLost || attempt === maxOwnAttempts) throw error;
        if (error instanceof SessionExpired) {
          this.#retire(connection);
          await this.#reconnect(signal);
          isOfNewSession = true;
        }
      }
    }
  }

  #shared(): Connection {
    const { shared } = this.#connections;
    if (shared !== undefined) return shared;
    throw new BackendError('unreachable', this.name, 'is not connected', { mayHaveRun: false });
  }

  #log(level: 'debug' | 'warn', message: string): void {
    this.#settings.onLog({ level, backend: this.name, message });
  }

  #emit(event: BackendClientEvent): void {
    tellEach('news of a backend', this.#settings.onDefect, this.#listeners, event);
  }
}
