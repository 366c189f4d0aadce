import type { Dispatcher } from 'undici';
import type {
  BackendClient,
  BackendClientEvent,
  BackendInfo,
  BackendRequest,
  BackendTransport,
  JsonObject,
  Listing,
} from '../../gateway/index.ts';
import { BackendError, CancelledError, errorCodes, ProtocolError } from '../../gateway/index.ts';
import { metaKeys, metaOf, modernRevision } from '../wire/revisions.ts';
import type { OutgoingOptions } from './connection.ts';
import { Connection } from './connection.ts';
import type { ConnectionSpec, Lease } from './connection-set.ts';
import { ConnectionSet } from './connection-set.ts';
import { createOrigin } from './http-origin.ts';
import { SessionExpired } from './http-refusal.ts';
import { LegacySseTransport } from './legacy-sse.ts';
import { listAll } from './listing.ts';
import { LogLevels } from './log-levels.ts';
import type { BackendTarget, ClientOptions } from './options.ts';
import { withDefaults } from './options.ts';
import { ParamHeaderTable } from './param-header-table.ts';
import { StdioTransport } from './stdio.ts';
import { StreamableHttpTransport } from './streamable-http.ts';
import { Subscriptions } from './subscriptions.ts';
import type { Transport } from './transport.ts';

type Settings = ReturnType<typeof withDefaults>;

/** The gateway's client towards one backend. */
export function createBackendClient(target: BackendTarget, options: ClientOptions): BackendClient {
  return new McpBackendClient(target, withDefaults(target, options));
}

class McpBackendClient implements BackendClient {
  readonly name: string;
  readonly transport: BackendTransport;
  readonly #target: BackendTarget;
  readonly #settings: Settings;
  readonly #connections: ConnectionSet;
  readonly #listeners = new Set<(event: BackendClientEvent) => void>();
  #origin: Dispatcher | undefined;
  readonly #subscriptions: Subscriptions;
  readonly #logLevels = new LogLevels();
  readonly #paramHeaders = new ParamHeaderTable();
  /** What the last handshake found; spares the next one its question. */
  #era: 'modern' | 'legacy' | undefined;

  constructor(target: BackendTarget, settings: Settings) {
    this.name = target.name;
    this.transport = target.transport;
    this.#target = target;
    this.#settings = settings;
    this.#subscriptions = new Subscriptions({
      backend: target.name,
      onLog: settings.onLog,
      timeoutMs: settings.ownRequestTimeoutMs,
    });
    this.#connections = new ConnectionSet({
      backend: target.name,
      isDuplex: target.transport !== 'streamable-http',
      maxOwn: settings.maxOwnConnections,
      idleMs: settings.idleConnectionMs,
      onLog: settings.onLog,
      open: (spec, signal) => this.#open(spec, signal),
    });
  }

  connect(signal: AbortSignal): Promise<BackendInfo> {
    return this.#connections.connect(signal, {
      onOpen: (connection) => this.#connected(connection),
      onClose: (error) => {
        this.#subscriptions.disconnected();
        this.#emit({ type: 'disconnected', error });
      },
    });
  }

  async list(listing: Listing, signal: AbortSignal): Promise<JsonObject[]> {
    const { info } = this.#shared();
    const entries = await listAll(listing, info, this.name, (method, params) =>
      this.#own(method, params, signal),
    );
    if (listing !== 'tools' || !this.#mirrorsParams(info)) return entries;
    return this.#paramHeaders.read(entries, (name) =>
      this.#log('warn', `lists the tool "${name}" with an invalid "x-mcp-header"; it is left out`),
    );
  }

  async request(request: BackendRequest): Promise<JsonObject> {
    switch (request.method) {
      case 'resources/subscribe':
        return this.#subscriptions.subscribe(request, () => this.#onShared(request));
      case 'resources/unsubscribe':
        return this.#subscriptions.unsubscribe(request, () => this.#onShared(request));
      case 'logging/setLevel':
        return this.#setLevel(request);
    }
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
        this.#log('debug', `did not take ${method}: ${String(error)}`);
      });
  }

  subscribe(listener: (event: BackendClientEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  endSession(sessionId: string): Promise<void> {
    this.#subscriptions.endSession(sessionId);
    this.#logLevels.forget(sessionId);
    return this.#connections.endSession(sessionId);
  }

  reset(): Promise<void> {
    this.#subscriptions.disconnected();
    return this.#connections.reset();
  }

  async close(): Promise<void> {
    this.#subscriptions.disconnected();
    await this.#connections.close();
    await this.#origin?.destroy();
    this.#listeners.clear();
  }

  async #attempt(request: BackendRequest): Promise<JsonObject> {
    const leased = this.#connections.lease(request.caller, request.client.canAsk, request.signal);
    const lease = leased instanceof Promise ? await abortable(leased, request.signal) : leased;
    try {
      return await lease.connection.request(request, this.#outgoing(request, lease.connection));
    } finally {
      lease.release();
    }
  }

  #outgoing(request: BackendRequest, connection: Connection): OutgoingOptions {
    if (connection.info.revision !== modernRevision) return { logLevel: undefined };
    const { caller, params, method } = request;
    const own =
      caller.revision === modernRevision
        ? metaOf(params)?.[metaKeys.logLevel]
        : this.#logLevels.orDefault(caller.sessionId);
    const logLevel = typeof own === 'string' ? own : undefined;
    const paramHeaders = method === 'tools/call' ? this.#paramHeaders.headersFor(params) : undefined;
    return paramHeaders === undefined ? { logLevel } : { logLevel, paramHeaders };
  }

  #onShared(request: BackendRequest): Promise<JsonObject> {
    return this.#shared().request(request, { logLevel: undefined });
  }

  /** A session's level is told to its own connection; over the shared one the backend says what the chattiest wants. */
  async #setLevel(request: BackendRequest): Promise<JsonObject> {
    const { level } = request.params;
    const { sessionId } = request.caller;
    if (typeof level !== 'string')
      throw new ProtocolError(errorCodes.invalidParams, 'logging/setLevel needs a "level"');
    this.#logLevels.set(sessionId, level);
    const shared = this.#shared();
    if (shared.info.revision === modernRevision) return {};
    const own = await this.#connections.own(sessionId);
    if (own !== undefined) return own.request(request, { logLevel: undefined });
    return shared.request(
      { ...request, params: { level: this.#logLevels.chattiest() ?? level } },
      { logLevel: undefined },
    );
  }

  #connected(connection: Connection): void {
    this.#subscriptions.connected(connection);
    const level = this.#logLevels.chattiest();
    if (level !== undefined) this.#tellLevel(connection, level);
  }

  #tellLevel(connection: Connection, level: string): void {
    const { revision, capabilities } = connection.info;
    if (revision === modernRevision || capabilities['logging'] === undefined) return;
    const timeoutMs = this.#settings.ownRequestTimeoutMs;
    const signal = new AbortController().signal;
    connection
      .own({ method: 'logging/setLevel', params: { level }, signal, timeoutMs })
      .catch((error: unknown) => {
        this.#log('debug', `did not take the log level: ${String(error)}`);
      });
  }

  /** Does what makes a second attempt worth while, where the first certainly did not run. */
  async #isRemedied(error: unknown, request: BackendRequest): Promise<boolean> {
    if (request.signal.aborted) return false;
    if (error instanceof SessionExpired) {
      await this.#forgetSession(request);
      return true;
    }
    // The tool's schema has changed since it was listed: its new one says which headers to send.
    const isMismatch = error instanceof ProtocolError && error.code === errorCodes.headerMismatch;
    if (!isMismatch || request.method !== 'tools/call') return false;
    await this.list('tools', request.signal);
    return true;
  }

  /** The backend has forgotten the session over which this request went: the next attempt opens another. */
  async #forgetSession(request: BackendRequest): Promise<void> {
    await this.#connections.endSession(request.caller.sessionId);
    this.#subscriptions.disconnected();
    await this.#connections.reset();
    await this.connect(request.signal);
  }

  #mirrorsParams(info: BackendInfo): boolean {
    return this.transport !== 'stdio' && info.revision === modernRevision;
  }

  #own(method: string, params: JsonObject, signal: AbortSignal): Promise<JsonObject> {
    return this.#shared().own({ method, params, signal, timeoutMs: this.#settings.ownRequestTimeoutMs });
  }

  #shared(): Connection {
    const { shared } = this.#connections;
    if (shared !== undefined) return shared;
    throw new BackendError('unreachable', this.name, 'is not connected', { mayHaveRun: false });
  }

  async #open(spec: ConnectionSpec, signal: AbortSignal): Promise<Connection> {
    const { capabilities, sessionId, standingStream, onClose } = spec;
    const settings = this.#settings;
    const connection = new Connection({
      backend: this.name,
      transport: this.#createTransport(),
      clientInfo: settings.clientInfo,
      capabilities,
      ...(sessionId === undefined ? {} : { sessionId }),
      standingStream,
      probeTimeoutMs: this.transport === 'stdio' ? settings.probeTimeoutMs : undefined,
      handshakeTimeoutMs: settings.handshakeTimeoutMs,
      onLog: settings.onLog,
      onEvent: (event) => this.#emit(event),
      onClose,
    });
    try {
      const era = this.transport === 'sse' ? 'legacy' : this.#era;
      const info = await connection.open(signal, era);
      const level = sessionId === undefined ? undefined : this.#logLevels.get(sessionId);
      if (level !== undefined) this.#tellLevel(connection, level);
      this.#era = info.revision === modernRevision ? 'modern' : 'legacy';
      return connection;
    } catch (error) {
      // Whatever was remembered may be what went wrong; the next attempt asks again.
      this.#era = this.#eraAfter(error);
      await connection.close();
      throw error;
    }
  }

  /** A process that ends at the question is one that knows no other opening than `initialize`. */
  #eraAfter(error: unknown): 'legacy' | undefined {
    const diedAtTheProbe =
      this.transport === 'stdio' &&
      this.#era === undefined &&
      error instanceof BackendError &&
      error.code === 'disconnected';
    return diedAtTheProbe ? 'legacy' : undefined;
  }

  #createTransport(): Transport {
    const target = this.#target;
    const { limits, onLog, environment } = this.#settings;
    if (target.transport === 'stdio') {
      return new StdioTransport({ backend: this.name, command: target, environment, limits, onLog });
    }
    this.#origin ??= createOrigin(target);
    const options = { backend: this.name, target, dispatcher: this.#origin, limits, onLog };
    return target.transport === 'sse'
      ? new LegacySseTransport(options)
      : new StreamableHttpTransport(options);
  }

  #log(level: 'debug' | 'warn', message: string): void {
    this.#settings.onLog({ level, backend: this.name, message });
  }

  #emit(event: BackendClientEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

/** Stops waiting when the signal aborts; what was waited for goes on, and a lease that comes too late is given back. */
function abortable(leased: Promise<Lease>, signal: AbortSignal): Promise<Lease> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      reject(signal.reason instanceof Error ? signal.reason : new CancelledError());
      leased.then((lease) => lease.release()).catch(() => undefined);
    };
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    leased.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
