import type {
  Backend,
  BackendClient,
  BackendClientEvent,
  BackendEvent,
  BackendInfo,
  BackendRequest,
  BackendStatus,
  BackendTransport,
  Catalogue,
  Listing,
} from './backend.ts';
import { BackendError } from './backend.ts';
import { cleanList, emptyCatalogue, listings, withLists } from './catalogue.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { ProtocolError } from './errors.ts';
import { FlightCount } from './flight-count.ts';
import type { JsonObject } from './json.ts';
import { backoffMs } from './backoff.ts';
import { toOutcome } from './request-record.ts';
import type { SuperviseOptions, SuperviseSettings } from './supervise-options.ts';
import { withSuperviseDefaults } from './supervise-options.ts';
import { waitFor } from './wait-for.ts';

/**
 * Keeps one backend going: connects it, connects it again after a growing pause when it is lost, reads its lists and reads
 * them again when they change, asks after its health, and sends requests with a limit, sparing a backend that fails.
 * Connecting begins at once. What it does never delays another backend.
 */
export function superviseBackend(client: BackendClient, options: SuperviseOptions): Backend {
  const backend = new SupervisedBackend(client, withSuperviseDefaults(options));
  backend.start();
  return backend;
}

class SupervisedBackend implements Backend {
  readonly name: string;
  readonly transport: BackendTransport;
  readonly #client: BackendClient;
  readonly #settings: SuperviseSettings;
  readonly #breaker: CircuitBreaker | undefined;
  readonly #flights = new FlightCount();
  readonly #listeners = new Set<(event: BackendEvent) => void>();
  readonly #stop = new AbortController();
  readonly #firstAttempt = Promise.withResolvers<void>();
  #info: BackendInfo | undefined;
  #catalogue: Catalogue = emptyCatalogue;
  #isConnected = false;
  #hasServed = false;
  /** Attempts and checks that failed in a row. */
  #failures = 0;
  #error: BackendError | undefined;
  #attempt: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #stale = new Set<Listing>();
  #refreshTimer: NodeJS.Timeout | undefined;
  #lastStatus = '';
  #closing: Promise<void> | undefined;

  constructor(client: BackendClient, settings: SuperviseSettings) {
    this.name = client.name;
    this.transport = client.transport;
    this.#client = client;
    this.#settings = settings;
    const { circuitBreaker, now } = settings;
    this.#breaker = circuitBreaker === undefined ? undefined : new CircuitBreaker({ ...circuitBreaker, now });
    client.subscribe((event) => this.#onEvent(event));
  }

  get available(): boolean {
    return this.#hasServed && this.#failures < this.#settings.unhealthyThreshold;
  }

  get info(): BackendInfo | undefined {
    return this.#info;
  }

  get catalogue(): Catalogue {
    return this.#catalogue;
  }

  start(): void {
    void this.#connect();
  }

  settled(): Promise<void> {
    return this.#firstAttempt.promise;
  }

  status(): BackendStatus {
    return {
      name: this.name,
      transport: this.transport,
      health: this.#health(),
      ...(this.#info === undefined ? {} : { revision: this.#info.revision }),
      ...(this.#error === undefined ? {} : { error: this.#error.message }),
      tools: this.#catalogue.tools.length,
      ...(this.#breaker === undefined ? {} : { circuit: this.#breaker.state }),
    };
  }

  async request(request: Omit<BackendRequest, 'timeoutMs'>): Promise<JsonObject> {
    this.#admit();
    const leave = this.#flights.enter();
    try {
      if (!this.#isConnected) await this.#connectFor(request.signal);
      const result = await this.#send({ ...request, timeoutMs: this.#settings.timeoutMs });
      this.#breaker?.succeeded();
      return result;
    } catch (error) {
      this.#judge(error);
      throw error;
    } finally {
      leave();
    }
  }

  notify(sessionId: string, method: string, params: JsonObject): void {
    this.#client.notify(sessionId, method, params);
  }

  subscribe(listener: (event: BackendEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  endSession(sessionId: string): Promise<void> {
    return this.#client.endSession(sessionId);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearTimeout(this.#timer);
    clearTimeout(this.#refreshTimer);
    await this.#flights.drained(this.#settings.drainTimeoutMs);
    this.#stop.abort(new BackendError('not-available', this.name, 'is closed', { mayHaveRun: false }));
    this.#firstAttempt.resolve();
    await this.#client.close();
    this.#listeners.clear();
  }

  // Requests

  #admit(): void {
    if (this.#closing !== undefined) {
      throw new BackendError('not-available', this.name, 'is closed', { mayHaveRun: false });
    }
    if (this.#breaker?.tryPass() === false) {
      const why = this.#error === undefined ? '' : `; the last failure: ${this.#error.message}`;
      throw new BackendError(
        'not-available',
        this.name,
        `has failed too often and is being spared (circuit breaker open)${why}`,
        { mayHaveRun: false },
      );
    }
  }

  /** Sends once, and once more when the first certainly did not run for want of a connection. */
  async #send(request: BackendRequest): Promise<JsonObject> {
    try {
      return await this.#sendOnce(request);
    } catch (error) {
      const lostBefore =
        error instanceof BackendError &&
        !error.mayHaveRun &&
        (error.code === 'unreachable' || error.code === 'disconnected');
      if (!lostBefore || request.signal.aborted) throw error;
      await this.#connectFor(request.signal);
      return this.#sendOnce(request);
    }
  }

  async #sendOnce(request: BackendRequest): Promise<JsonObject> {
    const { now, onRequest } = this.#settings;
    const startedAt = now();
    try {
      const result = await this.#client.request(request);
      onRequest?.(toOutcome(this, request, now() - startedAt));
      return result;
    } catch (error) {
      const reached = !(error instanceof BackendError) || error.mayHaveRun;
      if (reached) onRequest?.(toOutcome(this, request, now() - startedAt, error));
      throw error;
    }
  }

  /** What a failed request says of the backend: an answer, even an error, shows that it is there. */
  #judge(error: unknown): void {
    if (this.#breaker === undefined) return;
    if (error instanceof ProtocolError) this.#breaker.succeeded();
    else if (!(error instanceof BackendError)) this.#breaker.undecided();
    else if (error.code !== 'not-available') this.#breaker.failed();
  }

  /** Waits for the attempt under way, or makes one, unless the last ones failed and the next is not due yet. */
  async #connectFor(signal: AbortSignal): Promise<void> {
    if (this.#attempt === undefined && this.#failures > 1) throw this.#notConnected();
    await waitFor(this.#connect(), {
      signal,
      timeoutMs: this.#settings.timeoutMs,
      timeout: () => this.#notConnected(),
    });
    if (!this.#isConnected) throw this.#notConnected();
  }

  #notConnected(): BackendError {
    const why = this.#error?.message ?? 'it has not answered yet';
    const options = { mayHaveRun: false, cause: this.#error };
    return new BackendError('unreachable', this.name, `is not connected: ${why}`, options);
  }

  // Connecting

  /** One attempt at a time, shared by all who wait. Never rejects. */
  #connect(): Promise<void> {
    if (this.#isConnected) return Promise.resolve();
    this.#attempt ??= this.#tryConnect().finally(() => {
      this.#attempt = undefined;
      this.#firstAttempt.resolve();
    });
    return this.#attempt;
  }

  async #tryConnect(): Promise<void> {
    clearTimeout(this.#timer);
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(this.#settings.connectTimeoutMs)]);
    try {
      this.#info = await this.#client.connect(signal);
      await this.#read(listings, signal);
      this.#connected();
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      await this.#client.reset('the attempt to connect failed').catch(() => undefined);
      this.#failed(toBackendError(error, this.name), 'could not be connected');
      this.#scheduleConnect();
    }
  }

  #connected(): void {
    const wasDown = !this.#hasServed || this.#failures > 0;
    this.#isConnected = true;
    this.#hasServed = true;
    this.#succeeded();
    if (wasDown) {
      const { tools } = this.#catalogue;
      this.#log(
        'info',
        `is connected (revision ${this.#info?.revision ?? 'unknown'}, ${tools.length} tools)`,
      );
    }
    this.#scheduleCheck();
  }

  #scheduleConnect(): void {
    if (this.#closing !== undefined) return;
    clearTimeout(this.#timer);
    const waitMs = backoffMs(this.#failures, this.#settings.backoff);
    this.#timer = setTimeout(() => void this.#connect(), waitMs);
    this.#timer.unref();
  }

  // Lists

  /** Reads lists anew. A list that the backend refuses stays as it was; a backend that does not answer is an error. */
  async #read(which: Iterable<Listing>, signal: AbortSignal): Promise<void> {
    const lists = new Map<Listing, JsonObject[]>();
    await Promise.all(
      [...which].map(async (listing) => lists.set(listing, await this.#readOne(listing, signal))),
    );
    const { catalogue, changed } = withLists(this.#catalogue, lists);
    this.#catalogue = catalogue;
    const told = new Set(changed.map((one) => (one === 'resourceTemplates' ? 'resources' : one)));
    for (const listing of told) this.#emit({ type: 'changed', listing });
  }

  async #readOne(listing: Listing, signal: AbortSignal): Promise<JsonObject[]> {
    try {
      const entries = await this.#client.list(listing, signal);
      return cleanList(listing, entries, (why) => this.#log('warn', why));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#log('warn', `refused to list its ${listing}: ${error.message} (${error.code})`);
      return [...this.#catalogue[listing]];
    }
  }

  #refreshSoon(listing: 'tools' | 'prompts' | 'resources'): void {
    this.#stale.add(listing);
    if (listing === 'resources') this.#stale.add('resourceTemplates');
    if (this.#refreshTimer !== undefined || this.#closing !== undefined) return;
    void this.#refresh();
  }

  /** Reads what is stale, then rests: changes told meanwhile are read together afterwards. */
  async #refresh(): Promise<void> {
    this.#refreshTimer = setTimeout(() => {
      this.#refreshTimer = undefined;
      if (this.#stale.size > 0) void this.#refresh();
    }, this.#settings.refreshIntervalMs).unref();
    const stale = [...this.#stale];
    this.#stale.clear();
    try {
      await this.#read(
        stale,
        AbortSignal.any([this.#stop.signal, AbortSignal.timeout(this.#settings.connectTimeoutMs)]),
      );
    } catch (error) {
      if (!this.#stop.signal.aborted)
        this.#log('warn', `could not be asked for its changed lists: ${messageOf(error)}`);
    }
  }

  // Health

  #health(): BackendStatus['health'] {
    if (this.#error?.code === 'unauthorized') return 'unauthenticated';
    if (this.#failures >= this.#settings.unhealthyThreshold) return 'unhealthy';
    if (this.#failures > 0) return this.#hasServed ? 'degraded' : 'unhealthy';
    return this.#hasServed ? 'healthy' : 'unknown';
  }

  #scheduleCheck(): void {
    const { healthCheckIntervalMs } = this.#settings;
    clearTimeout(this.#timer);
    if (healthCheckIntervalMs === 0 || this.#closing !== undefined) return;
    this.#timer = setTimeout(() => void this.#check(), healthCheckIntervalMs);
    this.#timer.unref();
  }

  async #check(): Promise<void> {
    const { healthCheckTimeoutMs, unhealthyThreshold } = this.#settings;
    const limit = AbortSignal.timeout(healthCheckTimeoutMs);
    try {
      await this.#client.ping(AbortSignal.any([this.#stop.signal, limit]));
      this.#succeeded();
    } catch (error) {
      if (this.#stop.signal.aborted || !this.#isConnected) return;
      // An error is an answer: the backend is there.
      if (error instanceof ProtocolError) this.#succeeded();
      else if (limit.aborted) {
        this.#failed(
          new BackendError('timeout', this.name, `did not answer within ${healthCheckTimeoutMs} ms`),
          'failed its health check',
        );
      } else this.#failed(toBackendError(error, this.name), 'failed its health check');
      // A process that is busy with a call may have no time for a ping; the call has a limit of its own.
      if (this.#failures >= unhealthyThreshold && this.#flights.count === 0) return this.#restart();
    }
    if (this.#isConnected) this.#scheduleCheck();
  }

  /** A backend that no longer answers gets a new connection, and over stdio a new process. */
  #restart(): void {
    this.#isConnected = false;
    this.#client.reset('it failed its health checks').catch((error: unknown) => {
      this.#log('warn', `could not be closed: ${messageOf(error)}`);
    });
    this.#scheduleConnect();
  }

  #succeeded(): void {
    this.#failures = 0;
    this.#error = undefined;
    this.#statusChanged();
  }

  #failed(error: BackendError, what: string): void {
    this.#failures += 1;
    this.#error = error;
    this.#log(
      this.#failures === 1 ? 'warn' : 'info',
      `${what} (${this.#failures} in a row): ${error.message}`,
    );
    this.#statusChanged();
  }

  #statusChanged(): void {
    const { health, revision } = this.status();
    const status = `${health} ${revision ?? ''}`;
    if (status === this.#lastStatus) return;
    this.#lastStatus = status;
    this.#emit({ type: 'status' });
  }

  // Events

  #onEvent(event: BackendClientEvent): void {
    if (event.type === 'changed') this.#refreshSoon(event.listing);
    else if (event.type === 'disconnected') this.#disconnected(event.error);
    else this.#emit(event);
  }

  #disconnected(error: BackendError): void {
    if (!this.#isConnected || this.#closing !== undefined) return;
    this.#isConnected = false;
    this.#failed(error, 'was lost');
    this.#scheduleConnect();
  }

  #emit(event: BackendEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  #log(level: 'debug' | 'info' | 'warn', message: string): void {
    this.#settings.onLog({ level, backend: this.name, message });
  }
}

function toBackendError(error: unknown, backend: string): BackendError {
  if (error instanceof BackendError) return error;
  const timedOut = error instanceof Error && error.name === 'TimeoutError';
  const message = timedOut ? 'did not answer in time' : `failed: ${messageOf(error)}`;
  return new BackendError(timedOut ? 'timeout' : 'unreachable', backend, message, {
    mayHaveRun: false,
    cause: error,
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
