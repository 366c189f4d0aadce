/**
 * A backend that each caller meets with a credential of its own. A *probe* without a caller says whether it is there; each
 * principal has connections and lists of its own, which are made when it first asks, and let go of when it rests.
 */
import { createHash } from 'node:crypto';
import { contain, guarded, type OnDefect } from '../../lib/guarded.ts';
import type { JsonObject } from '../../protocol/index.ts';
import type { Caller } from '../caller.ts';
import { principalKey, type Principal } from '../principal.ts';
import type {
  Backend,
  BackendEvent,
  BackendInfo,
  BackendRequest,
  BackendStatus,
  BackendTransport,
  BackendTuning,
  CallerLists,
  Catalogue,
} from './backend.ts';
import { BackendError } from './backend.ts';

export interface PerCallerOptions {
  /** Finds out whether the backend is there, without a caller. */
  readonly probe: Backend;
  readonly tuning: BackendTuning;
  /**
   * Makes what one principal meets. It connects when it is woken.
   * @param latest the principal as it came last, perhaps with a newer token
   * @param share gives one catalogue for all that are equal
   */
  start(latest: () => Principal, share: (catalogue: Catalogue) => Catalogue, tuning: BackendTuning): Backend;
  /** Lets go of what the principals' connections share, once all are closed. */
  release?(): Promise<void>;
  /** Of principals that have connections; 200 unless given. Beyond it, whoever has rested longest loses them. */
  readonly maxConnected?: number;
  /** Of principals whose lists are remembered; 10,000 unless given. */
  readonly maxRemembered?: number;
  /** After how long without a request a principal's connections are closed; 60 s unless given. */
  readonly idleMs?: number;
  readonly onDefect: OnDefect;
  readonly now?: () => number;
}

/** What one principal meets. */
interface Own {
  readonly key: string;
  principal: Principal;
  /** Absent while it rests. */
  backend: Backend | undefined;
  /** As it was last read; undefined before the first attempt to read has ended well. */
  catalogue: Catalogue | undefined;
  /** False until the first attempt to connect has ended, well or not. */
  isSettled: boolean;
  requests: number;
  usedAtMs: number;
}

export function perCallerBackend(options: PerCallerOptions): Backend {
  return new PerCallerBackend(options);
}

class PerCallerBackend implements Backend {
  readonly name: string;
  readonly transport: BackendTransport;
  readonly callerLists: CallerLists = {
    isKnown: (caller) => this.#all.get(principalKey(caller.principal))?.isSettled === true,
    learn: (caller) => this.#learn(caller),
    of: (caller) => this.#catalogueOf(caller),
  };
  readonly #options: PerCallerOptions;
  readonly #probe: Backend;
  readonly #now: () => number;
  readonly #maxConnected: number;
  readonly #idleMs: number;
  #tuning: BackendTuning;
  /** The one used last comes last. */
  readonly #all = new Map<string, Own>();
  #connected = 0;
  readonly #listeners = new Set<(event: BackendEvent) => void>();
  readonly #shared = new Map<string, Catalogue>();
  #sweep: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: PerCallerOptions) {
    this.#options = options;
    this.#probe = options.probe;
    this.name = options.probe.name;
    this.transport = options.probe.transport;
    this.#tuning = options.tuning;
    this.#now = options.now ?? (() => performance.now());
    this.#maxConnected = options.maxConnected ?? 200;
    this.#idleMs = options.idleMs ?? 60_000;
    options.probe.subscribe((event) => this.#emit(event));
  }

  get available(): boolean {
    return this.#probe.available;
  }

  get asleep(): boolean {
    return this.#probe.asleep;
  }

  get info(): BackendInfo | undefined {
    return this.#probe.info;
  }

  /** What it offers to those without a credential. */
  get catalogue(): Catalogue {
    return this.#probe.catalogue;
  }

  catalogueOf(): undefined {
    return undefined;
  }

  status(): BackendStatus {
    return this.#probe.status();
  }

  settled(): Promise<void> {
    return this.#probe.settled();
  }

  wake(): void {
    this.#probe.wake();
  }

  async request(request: Omit<BackendRequest, 'timeoutMs'>): Promise<JsonObject> {
    const own = this.#use(request.caller.principal);
    const backend = this.#connect(own);
    own.requests += 1;
    try {
      return await backend.request(request);
    } finally {
      own.requests -= 1;
      own.usedAtMs = this.#now();
      this.#settled(own, backend);
    }
  }

  notify(sessionId: string, method: string, params: JsonObject): void {
    for (const { backend } of this.#all.values()) backend?.notify(sessionId, method, params);
  }

  retune(tuning: BackendTuning): void {
    this.#tuning = tuning;
    this.#probe.retune(tuning);
    for (const { backend } of this.#all.values()) backend?.retune(ownTuning(tuning));
  }

  subscribe(listener: (event: BackendEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async endSession(sessionId: string): Promise<void> {
    const backends = [...this.#all.values()].flatMap(({ backend }) => backend ?? []);
    await Promise.all(backends.map((backend) => backend.endSession(sessionId)));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#sweep);
    const backends = [...this.#all.values()].flatMap(({ backend }) => backend ?? []);
    await Promise.all([this.#probe.close(), ...backends.map((backend) => backend.close())]);
    this.#all.clear();
    this.#listeners.clear();
    await this.#options.release?.();
  }

  #catalogueOf(caller: Caller): Catalogue | undefined {
    const own = this.#all.get(principalKey(caller.principal));
    if (own === undefined) return undefined;
    // A session may be shown something of its own beside what its principal is.
    const holder = caller.hasSession ? own.backend?.catalogueOf(caller.sessionId) : undefined;
    return holder ?? own.catalogue;
  }

  async #learn({ principal }: Caller): Promise<void> {
    if (this.#isClosed) return;
    const own = this.#use(principal);
    if (own.isSettled) return;
    const backend = this.#tryConnect(own);
    if (backend === undefined) return;
    backend.wake();
    await backend.settled();
    this.#settled(own, backend);
  }

  #settled(own: Own, backend: Backend): void {
    if (own.backend !== backend) return;
    own.isSettled = true;
    if (backend.info !== undefined) own.catalogue = backend.catalogue;
  }

  /** The principal's own, as the one used last. A newer token may be taken where the one before was refused. */
  #use(principal: Principal): Own {
    const key = principalKey(principal);
    const own = this.#all.get(key) ?? newOwn(key, principal);
    this.#all.delete(key);
    this.#all.set(key, own);
    own.usedAtMs = this.#now();
    const isAnother = own.principal.token?.hash !== principal.token?.hash;
    own.principal = principal;
    if (isAnother && own.backend?.status().health !== 'healthy' && own.requests === 0) {
      this.#rest(own);
      own.isSettled = false;
    }
    this.#forgetOldest();
    return own;
  }

  /** @throws BackendError where as many principals as may be are connected, and none of them rests */
  #connect(own: Own): Backend {
    const backend = this.#tryConnect(own);
    if (backend !== undefined) return backend;
    const message = `is in use by ${this.#maxConnected} callers, the most that are connected at once`;
    throw new BackendError('busy', this.name, message, { mayHaveRun: false });
  }

  #tryConnect(own: Own): Backend | undefined {
    if (own.backend !== undefined) return own.backend;
    if (this.#connected >= this.#maxConnected && !this.#makeRoom()) return undefined;
    const backend = this.#options.start(
      () => own.principal,
      (catalogue) => this.#share(catalogue),
      ownTuning(this.#tuning),
    );
    own.backend = backend;
    this.#connected += 1;
    backend.subscribe((event) => this.#onEvent(own, backend, event));
    this.#sweepLater();
    return backend;
  }

  #onEvent(own: Own, backend: Backend, event: BackendEvent): void {
    if (own.backend !== backend || event.type === 'status') return;
    if (event.type === 'changed') {
      // What was read again after a rest need not have changed.
      if (own.catalogue === backend.catalogue) return;
      own.catalogue = backend.catalogue;
      // What is first read is no change to anybody.
      if (!own.isSettled) return;
    }
    this.#emit({ ...event, principal: own.key });
  }

  /** Closes the connections of whoever has rested longest. */
  #makeRoom(): boolean {
    for (const own of this.#all.values()) {
      if (own.backend === undefined || own.requests > 0) continue;
      this.#rest(own);
      return true;
    }
    return false;
  }

  /** Its lists stay known: the next call finds its way by them, and connects again. */
  #rest(own: Own): void {
    const { backend } = own;
    if (backend === undefined) return;
    own.backend = undefined;
    this.#connected -= 1;
    contain('the end of a caller’s connections', this.#options.onDefect, () => backend.close());
  }

  #forgetOldest(): void {
    if (this.#all.size <= (this.#options.maxRemembered ?? 10_000)) return;
    for (const own of this.#all.values()) {
      if (own.requests > 0) continue;
      this.#rest(own);
      this.#all.delete(own.key);
      return;
    }
  }

  #sweepLater(): void {
    if (this.#sweep !== undefined || this.#isClosed) return;
    const sweep = guarded('the end of idle connections', this.#options.onDefect, () => {
      this.#sweep = undefined;
      this.#endIdle();
      if (this.#connected > 0) this.#sweepLater();
    });
    this.#sweep = setTimeout(sweep, this.#idleMs / 2).unref();
  }

  #endIdle(): void {
    const sinceMs = this.#now() - this.#idleMs;
    for (const own of this.#all.values()) {
      if (own.requests > 0 || own.usedAtMs > sinceMs) continue;
      this.#rest(own);
      // What failed is tried again when it is next asked for.
      if (own.catalogue === undefined) this.#all.delete(own.key);
    }
    const used = new Set([...this.#all.values()].map(({ catalogue }) => catalogue));
    for (const [hash, catalogue] of this.#shared) if (!used.has(catalogue)) this.#shared.delete(hash);
  }

  #share(catalogue: Catalogue): Catalogue {
    const hash = createHash('sha256').update(JSON.stringify(catalogue)).digest('base64');
    const known = this.#shared.get(hash);
    if (known !== undefined) return known;
    this.#shared.set(hash, catalogue);
    return catalogue;
  }

  #emit(event: BackendEvent): void {
    for (const listener of this.#listeners)
      contain('news of a backend', this.#options.onDefect, () => listener(event));
  }
}

function newOwn(key: string, principal: Principal): Own {
  return {
    key,
    principal,
    backend: undefined,
    catalogue: undefined,
    isSettled: false,
    requests: 0,
    usedAtMs: 0,
  };
}

/** Whether the backend is there is the probe's to find out. */
function ownTuning(tuning: BackendTuning): BackendTuning {
  return { ...tuning, healthCheckIntervalMs: 0, lazy: true };
}
