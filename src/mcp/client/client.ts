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
import { BackendError, CancelledError } from '../../gateway/index.ts';
import { modernRevision } from '../wire/revisions.ts';
import { Connection } from './connection.ts';
import type { ConnectionSpec, Lease } from './connection-set.ts';
import { ConnectionSet } from './connection-set.ts';
import { createOrigin } from './http-origin.ts';
import { SessionExpired } from './http-refusal.ts';
import { listAll } from './listing.ts';
import type { BackendTarget, ClientOptions } from './options.ts';
import { withDefaults } from './options.ts';
import { StdioTransport } from './stdio.ts';
import { StreamableHttpTransport } from './streamable-http.ts';
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
  /** What the last handshake found; spares the next one its question. */
  #era: 'modern' | 'legacy' | undefined;

  constructor(target: BackendTarget, settings: Settings) {
    this.name = target.name;
    this.transport = target.transport;
    this.#target = target;
    this.#settings = settings;
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
    return this.#connections.connect(signal, (error) => this.#emit({ type: 'disconnected', error }));
  }

  list(listing: Listing, signal: AbortSignal): Promise<JsonObject[]> {
    const connection = this.#shared();
    return listAll(listing, connection.info, this.name, (method, params) =>
      this.#own(method, params, signal),
    );
  }

  async request(request: BackendRequest): Promise<JsonObject> {
    try {
      return await this.#attempt(request);
    } catch (error) {
      if (!(error instanceof SessionExpired)) throw error;
      await this.#forgetSession(request);
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
        this.#settings.onLog({
          level: 'debug',
          backend: this.name,
          message: `did not take ${method}: ${String(error)}`,
        });
      });
  }

  subscribe(listener: (event: BackendClientEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  endSession(sessionId: string): Promise<void> {
    return this.#connections.endSession(sessionId);
  }

  reset(): Promise<void> {
    return this.#connections.reset();
  }

  async close(): Promise<void> {
    await this.#connections.close();
    await this.#origin?.destroy();
    this.#listeners.clear();
  }

  async #attempt(request: BackendRequest): Promise<JsonObject> {
    const leased = this.#connections.lease(request.caller, request.client.canAsk, request.signal);
    const lease = leased instanceof Promise ? await abortable(leased, request.signal) : leased;
    try {
      return await lease.connection.request(request, { logLevel: undefined });
    } finally {
      lease.release();
    }
  }

  /** The backend has forgotten the session over which this request went: the next attempt opens another. */
  async #forgetSession(request: BackendRequest): Promise<void> {
    await this.#connections.endSession(request.caller.sessionId);
    await this.#connections.reset();
    await this.connect(request.signal);
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
      const info = await connection.open(signal, this.#era);
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
    return new StreamableHttpTransport({
      backend: this.name,
      target,
      dispatcher: this.#origin,
      limits,
      onLog,
    });
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
