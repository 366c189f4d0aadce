import type {
  Backend,
  BackendClient,
  BackendClientEvent,
  BackendEvent,
  BackendHealth,
  BackendInfo,
  BackendRequest,
  BackendStatus,
  BackendTransport,
  BackendTuning,
  Catalogue,
} from './backend.ts';
import { defectIn, report, tellEach, type OnDefect } from '../../lib/guarded.ts';
import { kindOf, messageOf, stackOf } from '../../lib/thrown.ts';
import { BackendError } from './backend.ts';
import { backoffMs } from './backoff.ts';
import { CatalogueReader } from './catalogue-reader.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { isObject, type JsonObject, ProtocolError } from '../../protocol/index.ts';
import { FlightCount } from './flight-count.ts';
import { HealthRecord } from './health-record.ts';
import { toOutcome } from './request-record.ts';
import { SessionCatalogues } from './session-catalogues.ts';
import type { SuperviseOptions, SuperviseSettings } from './supervise-options.ts';
import { withSuperviseDefaults } from './supervise-options.ts';
import { waitFor } from '../wait-for.ts';

/**
 * Keeps one backend going: connects it, connects it again after a growing pause when it is lost, reads its lists and reads
 * them again when they change, asks after its health, and sends requests with a limit, sparing a backend that fails.
 * Connecting begins at once, unless it is lazy: then when it is woken, or asked. What it does never delays another backend.
 */
export function superviseBackend(client: BackendClient, options: SuperviseOptions): Backend {
  const backend = new SupervisedBackend(client, withSuperviseDefaults(options));
  if (options.lazy !== true) backend.wake();
  return backend;
}

class SupervisedBackend implements Backend {
  readonly name: string;
  readonly transport: BackendTransport;
  readonly #client: BackendClient;
  #settings: SuperviseSettings;
  #breaker: CircuitBreaker | undefined;
  readonly #lists: CatalogueReader;
  readonly #sessionLists: SessionCatalogues;
  readonly #health: HealthRecord;
  readonly #flights = new FlightCount();
  readonly #listeners = new Set<(event: BackendEvent) => void>();
  readonly #stop = new AbortController();
  readonly #firstAttempt = Promise.withResolvers<void>();
  #info: BackendInfo | undefined;
  /** Nobody has needed it yet. */
  #isAsleep = true;
  #isConnected = false;
  #attempt: Promise<void> | undefined;
  /** When the latest attempt to connect began. */
  #attemptedMs = 0;
  /** The next attempt to connect, or the next health check. */
  #timer: NodeJS.Timeout | undefined;
  #lastStatus = '';
  readonly #onDefect: OnDefect = (thrown, where) =>
    this.#log('error', `${defectIn(where)}: ${stackOf(thrown)}`);
  #closing: Promise<void> | undefined;

  constructor(client: BackendClient, settings: SuperviseSettings) {
    this.name = client.name;
    this.transport = client.transport;
    this.#client = client;
    this.#settings = settings;
    const { startTimeoutMs, refreshIntervalMs, unhealthyThreshold, share } = settings;
    this.#breaker = this.#createBreaker();
    this.#health = new HealthRecord(unhealthyThreshold);
    const reading = {
      timeoutMs: startTimeoutMs,
      refreshIntervalMs,
      onLog: (level: 'warn', message: string) => this.#log(level, message),
      onDefect: this.#onDefect,
    };
    this.#lists = new CatalogueReader({
      ...reading,
      list: (listing, signal) => client.list(listing, signal),
      ...(share && { share }),
      onChanged: (listing) => {
        this.#sessionLists.sharedChanged(listing);
        this.#emit({ type: 'changed', listing });
      },
    });
    this.#sessionLists = new SessionCatalogues({
      ...reading,
      client,
      shared: () => this.catalogue,
      onChanged: (listing, sessionId) => this.#emit({ type: 'changed', listing, sessionId }),
    });
    client.subscribe((event) => this.#onEvent(event));
  }

  get available(): boolean {
    return this.#health.available;
  }

  get asleep(): boolean {
    return this.#isAsleep;
  }

  get info(): BackendInfo | undefined {
    return this.#info;
  }

  get catalogue(): Catalogue {
    return this.#lists.catalogue;
  }

  catalogueOf(sessionId: string): Catalogue | undefined {
    return this.#sessionLists.of(sessionId);
  }

  wake(): void {
    if (this.#isAsleep && this.#closing === undefined) void this.#connect();
  }

  settled(): Promise<void> {
    return this.#isAsleep ? Promise.resolve() : this.#firstAttempt.promise;
  }

  status(): BackendStatus {
    const { error } = this.#health;
    return {
      name: this.name,
      transport: this.transport,
      health: this.#shownHealth,
      ...(this.#info === undefined ? {} : { revision: this.#info.revision }),
      ...(error === undefined ? {} : { error: error.message }),
      ...(this.#attempt !== undefined && { note: this.#startingFor }),
      tools: this.catalogue.tools.length,
      ...(this.#breaker === undefined ? {} : { circuit: this.#breaker.state }),
    };
  }

  async request(request: Omit<BackendRequest, 'timeoutMs'>): Promise<JsonObject> {
    this.#admit();
    const leave = this.#flights.enter();
    try {
      if (!this.#isConnected) await this.#connectFor(request.signal);
      const isOwn = this.#sessionLists.isOwn(request);
      const result = await this.#send({ ...request, timeoutMs: this.#settings.timeoutMs, isOwn });
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

  retune(tuning: BackendTuning): void {
    const { circuitBreaker, healthCheckIntervalMs, ...rest } = this.#settings;
    this.#settings = { ...rest, ...tuning };
    this.#health.setUnhealthyThreshold(tuning.unhealthyThreshold);
    if (JSON.stringify(circuitBreaker) !== JSON.stringify(tuning.circuitBreaker)) {
      this.#breaker = this.#createBreaker();
    }
    if (this.#isConnected && healthCheckIntervalMs !== tuning.healthCheckIntervalMs) this.#scheduleCheck();
    if (!tuning.lazy) this.wake();
    this.#statusChanged();
  }

  subscribe(listener: (event: BackendEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  endSession(sessionId: string): Promise<void> {
    this.#sessionLists.end(sessionId);
    return this.#client.endSession(sessionId);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#lists.close();
    this.#sessionLists.close();
    await this.#flights.drained(this.#settings.drainTimeoutMs);
    this.#stop.abort(this.#closedError());
    this.#firstAttempt.resolve();
    await this.#client.close();
    this.#listeners.clear();
  }

  // Requests

  #createBreaker(): CircuitBreaker | undefined {
    const { circuitBreaker, now } = this.#settings;
    if (circuitBreaker === undefined) return undefined;
    const { failureThreshold, timeoutMs } = circuitBreaker;
    const onTurned = (state: 'open' | 'closed'): void =>
      state === 'open'
        ? this.#log(
            'warn',
            `failed ${failureThreshold} in a row and is spared for ${timeoutMs} ms (circuit breaker open)`,
          )
        : this.#log('info', 'answers again (circuit breaker closed)');
    return new CircuitBreaker({ ...circuitBreaker, now, onTurned });
  }

  #admit(): void {
    if (this.#closing !== undefined) throw this.#closedError();
    if (this.#breaker === undefined || this.#breaker.tryPass()) return;
    const { error } = this.#health;
    const why = error === undefined ? '' : `; the last failure: ${error.message}`;
    throw new BackendError(
      'not-available',
      this.name,
      `has failed too often and is being spared (circuit breaker open)${why}`,
      { mayHaveRun: false },
    );
  }

  /** Sends once, and once more when the first certainly did not run for want of a connection. */
  async #send(request: BackendRequest): Promise<JsonObject> {
    const { now, onRequest } = this.#settings;
    for (let attempt = 1; ; attempt++) {
      const startedAt = now();
      try {
        const result = await this.#client.request(request);
        onRequest?.(toOutcome(this, request, now() - startedAt));
        return result;
      } catch (error) {
        const reached = !(error instanceof BackendError) || error.mayHaveRun;
        if (reached) onRequest?.(toOutcome(this, request, now() - startedAt, error));
        if (attempt > 1 || !isForWantOfConnection(error) || request.signal.aborted) throw error;
      }
      await this.#connectFor(request.signal);
    }
  }

  /** What a failed request says of the backend: an answer, even an error, shows that it is there. */
  #judge(error: unknown): void {
    if (error instanceof ProtocolError) this.#breaker?.succeeded();
    else if (!(error instanceof BackendError) || error.code === 'no-credential') this.#breaker?.undecided();
    else this.#breaker?.failed();
  }

  /** Waits for the attempt under way, or makes one, unless the last ones failed and the next is not due yet. */
  async #connectFor(signal: AbortSignal): Promise<void> {
    // For want of a credential nothing is sent, so that each caller may find out whether it is there by now.
    const mayTry = this.#health.failures <= 1 || this.#health.error?.code === 'no-credential';
    if (this.#attempt === undefined && !mayTry) throw this.#notConnected();
    const { timeoutMs } = this.#settings;
    await waitFor(this.#connect(), { signal, timeoutMs, timeout: () => this.#notConnected() });
    if (!this.#isConnected) throw this.#notConnected();
  }

  #notConnected(): BackendError {
    const { error } = this.#health;
    const message = `is not connected: ${error?.message ?? 'it has not answered yet'}`;
    return new BackendError('unreachable', this.name, message, { mayHaveRun: false, cause: error });
  }

  #closedError(): BackendError {
    return new BackendError('not-available', this.name, 'is closed', { mayHaveRun: false });
  }

  // Connecting

  /** One attempt at a time, shared by all who wait. Never rejects. */
  #connect(): Promise<void> {
    if (this.#isConnected) return Promise.resolve();
    this.#isAsleep = false;
    this.#attempt ??= this.#tryConnect()
      .catch((thrown: unknown) => this.#connectLater('the attempt to connect', thrown))
      .finally(() => {
        this.#attempt = undefined;
        this.#firstAttempt.resolve();
      });
    return this.#attempt;
  }

  /** After a failure of our own the backend is tried again, or it would be lost for good. */
  #connectLater(where: string, thrown: unknown): void {
    this.#isConnected = false;
    this.#schedule(() => this.#connect(), this.#settings.backoff.maxMs);
    report(where, this.#onDefect, thrown);
  }

  async #tryConnect(): Promise<void> {
    clearTimeout(this.#timer);
    this.#attemptedMs = this.#settings.now();
    const { startTimeoutMs } = this.#settings;
    const limit = AbortSignal.timeout(startTimeoutMs);
    const signal = AbortSignal.any([this.#stop.signal, limit]);
    try {
      this.#info = await this.#client.connect(signal);
      await this.#lists.readAll(signal);
      this.#connected(this.#info);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      await this.#reset('the attempt to connect failed');
      this.#failed(
        this.#reasonOf(error, limit, startTimeoutMs),
        (failures) => `connect failed (attempt ${failures})`,
      );
      this.#schedule(() => this.#connect(), this.#pauseMs());
    }
  }

  #pauseMs(): number {
    const { backoff, credentialPauseMs = Infinity } = this.#settings;
    const pauseMs = backoffMs(this.#health.failures, backoff);
    return this.#health.error?.code === 'no-credential' ? Math.min(pauseMs, credentialPauseMs) : pauseMs;
  }

  #connected({ revision }: BackendInfo): void {
    this.#isConnected = true;
    if (this.#succeeded()) {
      const tools = this.catalogue.tools.length;
      this.#log('info', `is connected (revision ${revision}, ${tools} ${tools === 1 ? 'tool' : 'tools'})`);
    }
    this.#scheduleCheck();
  }

  #disconnected(error: BackendError): void {
    if (!this.#isConnected || this.#closing !== undefined) return;
    this.#isConnected = false;
    this.#failed(error, () => 'connection lost');
    this.#schedule(() => this.#connect(), backoffMs(this.#health.failures, this.#settings.backoff));
  }

  async #reset(reason: string): Promise<void> {
    try {
      await this.#client.reset(reason);
    } catch (error) {
      this.#log('warn', `could not be closed: ${messageOf(error)}`);
    }
  }

  // Health

  #scheduleCheck(): void {
    const { healthCheckIntervalMs } = this.#settings;
    if (healthCheckIntervalMs > 0) this.#schedule(() => this.#check(), healthCheckIntervalMs);
    else clearTimeout(this.#timer);
  }

  async #check(): Promise<void> {
    const { healthCheckTimeoutMs } = this.#settings;
    const limit = AbortSignal.timeout(healthCheckTimeoutMs);
    try {
      await this.#client.ping(AbortSignal.any([this.#stop.signal, limit]));
      this.#succeeded();
      this.#refreshUntold();
    } catch (error) {
      if (this.#stop.signal.aborted || !this.#isConnected) return;
      // An error is an answer: the backend is there.
      if (error instanceof ProtocolError) this.#succeeded();
      else
        this.#failed(
          this.#reasonOf(error, limit, healthCheckTimeoutMs),
          (failures) => `health check failed (attempt ${failures})`,
        );
    }
    // A process that is busy with a call may have no time for a ping; the call has a limit of its own.
    if (this.#health.isUnhealthy && this.#flights.count === 0) return this.#restart();
    if (this.#isConnected) this.#scheduleCheck();
  }

  /** What changed is otherwise not known until the connection is lost, which one without a session may never be. */
  #refreshUntold(): void {
    this.#lists.retry();
    for (const listing of ['tools', 'prompts', 'resources'] as const) {
      const capability = this.#info?.capabilities[listing];
      if (isObject(capability) && capability['listChanged'] !== true) this.#lists.changed(listing);
    }
  }

  /** A backend that no longer answers gets a new connection, and over stdio a new process. */
  async #restart(): Promise<void> {
    this.#isConnected = false;
    await this.#reset('it failed its health checks');
    await this.#connect();
  }

  #reasonOf(error: unknown, limit: AbortSignal, limitMs: number): BackendError {
    if (!limit.aborted) return toBackendError(error, this.name);
    const options = { mayHaveRun: false, cause: error };
    return new BackendError('timeout', this.name, `did not answer within ${limitMs} ms`, options);
  }

  #succeeded(): boolean {
    const isNews = this.#health.succeeded();
    this.#statusChanged();
    return isNews;
  }

  #failed(error: BackendError, what: (failures: number) => string): void {
    const wasAvailable = this.#health.available;
    this.#health.failed(error);
    const { failures, available } = this.#health;
    const said = `${what(failures)}: ${error.reason}`;
    if (wasAvailable && !available) this.#log('warn', `${said}; its tools are no longer listed`);
    else this.#log(failures === 1 ? 'warn' : error.code === 'no-credential' ? 'debug' : 'info', said);
    this.#statusChanged();
  }

  get #startingFor(): string {
    return `starting, ${Math.floor((this.#settings.now() - this.#attemptedMs) / 1_000)} s`;
  }

  get #shownHealth(): BackendHealth {
    return this.#isAsleep ? 'asleep' : this.#health.health;
  }

  #statusChanged(): void {
    const status = `${this.#shownHealth} ${this.#info?.revision ?? ''}`;
    if (status === this.#lastStatus) return;
    this.#lastStatus = status;
    this.#emit({ type: 'status' });
  }

  // Events

  #onEvent(event: BackendClientEvent): void {
    if (event.type === 'changed') this.#listChanged(event);
    else if (event.type === 'disconnected') this.#disconnected(event.error);
    else this.#emit(event);
  }

  #listChanged({ listing, sessionId, isBorrowed }: Extract<BackendClientEvent, { type: 'changed' }>): void {
    if (sessionId === undefined) this.#lists.changed(listing);
    else if (this.#closing === undefined) this.#sessionLists.changed(listing, sessionId, isBorrowed);
  }

  #schedule(what: () => Promise<void>, waitMs: number): void {
    clearTimeout(this.#timer);
    if (this.#closing !== undefined) return;
    const watch = (): Promise<void> =>
      what().catch((thrown: unknown) => this.#connectLater('the watch over a backend', thrown));
    this.#timer = setTimeout(() => void watch(), waitMs).unref();
  }

  #emit(event: BackendEvent): void {
    tellEach('news of a backend', this.#onDefect, this.#listeners, event);
  }

  #log(level: 'debug' | 'info' | 'warn' | 'error', message: string): void {
    this.#settings.onLog({ level, backend: this.name, message });
  }
}

function isForWantOfConnection(error: unknown): boolean {
  const isBackendError = error instanceof BackendError && !error.mayHaveRun;
  return isBackendError && (error.code === 'unreachable' || error.code === 'disconnected');
}

function toBackendError(error: unknown, backend: string): BackendError {
  if (error instanceof BackendError) return error;
  const timedOut = kindOf(error) === 'TimeoutError';
  const message = timedOut ? 'did not answer in time' : `failed: ${messageOf(error)}`;
  const options = { mayHaveRun: false, cause: error };
  return new BackendError(timedOut ? 'timeout' : 'unreachable', backend, message, options);
}
