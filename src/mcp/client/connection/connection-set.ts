import type { BackendErrorCode, BackendInfo, Caller, Principal } from '../../../gateway/index.ts';
import type { JsonObject } from '../../../protocol/index.ts';
import { BackendError, holderOf, isSamePrincipal } from '../../../gateway/index.ts';
import { modernRevision } from '../../wire/revisions.ts';
import { askableMethods } from '../calls/ask-relay.ts';
import type { OnDefect } from '../../../lib/guarded.ts';
import { BorrowedConnections } from './borrowed-connections.ts';
import type { Connection } from './connection.ts';
import type { OnLog } from '../transport/transport.ts';

/** A connection for the time of one request. */
export interface Lease {
  readonly connection: Connection;
  /** Gives it back. */
  release(): void;
}

/** What tells one connection to a backend from another. */
export interface ConnectionSpec {
  readonly capabilities: JsonObject;
  readonly sessionId?: string;
  /** Lent from call to call, so that it is no one session's: `sessionId` says then whose calls (`holderOf`). */
  readonly isBorrowed?: true;
  /** Whether to open the stream for what the backend says outside any request. */
  readonly standingStream: boolean;
  onClose(error: BackendError): void;
  /** Told of a changed list beside everybody else. */
  onListChanged?(listing: ChangedListing): void;
}

export type ChangedListing = 'tools' | 'prompts' | 'resources';

/** Told about the shared connection. */
export interface SharedHooks {
  onOpen(connection: Connection): void;
  /** Lost, not closed. */
  onClose(error: BackendError): void;
}

export interface ConnectionSetOptions {
  readonly backend: string;
  /** True when all requests of a connection share one stream (stdio, HTTP+SSE). */
  readonly isDuplex: boolean;
  /** Of connections that belong to one client session or one call. Each is a process, over stdio. */
  readonly maxOwn: number;
  /** How long a connection that was lent for one call is kept for the next. */
  readonly idleMs: number;
  /** The same where a call changed a list, and callers like its own therefore see other lists than everybody. */
  readonly leadIdleMs: number;
  readonly onLog: OnLog;
  readonly onDefect: OnDefect;
  /** A session's own connection was lost; its next request opens another. */
  onSessionLost(sessionId: string): void;
  /** Lists changed for callers without a session (`holderOf`): one of them, or all when not given. */
  onBorrowedChanged(holder: string, listing?: ChangedListing): void;
  /** Makes a connection that is open. */
  open(spec: ConnectionSpec, signal: AbortSignal): Promise<Connection>;
}

/** A place for a connection, from when its opening begins. */
interface Slot {
  readonly opening: Promise<Connection>;
  /** Set once it is open. */
  connection: Connection | undefined;
}

/** Everything a client can be asked, as the shared connection declares it: a backend may show tools only to such clients. */
const everyCapability: JsonObject = {
  elicitation: { form: {}, url: {} },
  sampling: { context: {}, tools: {} },
  roots: { listChanged: true },
};

/** Of shared connections that differ in what their clients declared. */
const maxSharedKinds = 16;

/**
 * The connections to one backend, and which of them a caller's request goes over:
 * - one is shared by everything that needs no connection of its own: lists, health checks, callers that cannot be asked
 *   anything, and every caller of a 2026-07-28 backend, which keeps nothing between requests;
 * - a client session has its own where the backend keeps a session, or may ask the client something;
 * - a call without a session that may be asked something borrows one (`BorrowedConnections`);
 * - over HTTP, everyone else shares one with callers of the same capabilities.
 *
 * A backend that keeps one session and refuses a second has none but the shared one. It is then shared by the calls of
 * one principal: what a session holds is nothing for another.
 */
export class ConnectionSet {
  readonly #options: ConnectionSetOptions;
  #shared: Connection | undefined;
  #sharedOpening: Promise<Connection> | undefined;
  readonly #bySession = new Map<string, Slot>();
  readonly #byCapabilities = new Map<string, Slot>();
  readonly #borrowed: BorrowedConnections;
  /** Whose calls share the only session; undefined while the backend has refused no second one. */
  #holder: Principal | undefined;
  #closed = false;

  constructor(options: ConnectionSetOptions) {
    this.#options = options;
    const { idleMs, leadIdleMs, onBorrowedChanged, onDefect } = options;
    this.#borrowed = new BorrowedConnections({
      idleMs,
      leadIdleMs,
      onLead: onBorrowedChanged,
      onDefect,
      open: (spec) => this.#open(spec),
    });
  }

  get shared(): Connection | undefined {
    return this.#shared;
  }

  /** Opens the shared connection, or returns what is known when it is open. */
  async connect(signal: AbortSignal, hooks: SharedHooks): Promise<BackendInfo> {
    if (this.#shared !== undefined) return this.#shared.info;
    this.#sharedOpening ??= this.#openShared(signal, hooks);
    return (await this.#sharedOpening).info;
  }

  /**
   * The connection for one caller's request; a value, not a promise, when it is the shared one.
   * @param options.isOwn the request names what only the caller's own lists have.
   */
  lease(
    caller: Caller,
    { canAsk, isOwn }: { readonly canAsk: boolean; readonly isOwn: boolean },
  ): Lease | Promise<Lease> {
    const shared = this.#shared;
    if (shared === undefined) throw this.#error('unreachable', 'is not connected');
    if (shared.info.revision === modernRevision) return keep(shared);
    if (this.#holder !== undefined) return this.#ofHolder(caller, shared);
    const leased = this.#leaseBeside(shared, caller, { canAsk, isOwn });
    if (!(leased instanceof Promise)) return leased;
    return leased.catch((error: unknown) => this.#shareOnly(error, shared, caller));
  }

  #leaseBeside(
    shared: Connection,
    caller: Caller,
    { canAsk, isOwn }: { readonly canAsk: boolean; readonly isOwn: boolean },
  ): Lease | Promise<Lease> {
    const isAskable = hasAskable(caller.capabilities);
    if (caller.hasSession && (isAskable || shared.hasSession)) return this.#ofSession(caller);
    const lead = isOwn ? this.#borrowed.shareLead(holderOf(caller)) : undefined;
    if (lead !== undefined) return lead;
    if (isAskable && canAsk && (this.#options.isDuplex || shared.hasSession)) return this.#borrow(caller);
    if (this.#options.isDuplex) return keep(shared);
    return this.#ofCapabilities(caller);
  }

  /** The connection that a session, or a holder, has of its own, where it has one. */
  own(sessionId: string): Promise<Connection> | undefined {
    const opening = this.#bySession.get(sessionId)?.opening;
    if (opening !== undefined) return opening;
    const lead = this.#borrowed.lead(sessionId);
    return lead === undefined ? undefined : Promise.resolve(lead);
  }

  async endSession(sessionId: string): Promise<void> {
    this.#borrowed.unlead(sessionId);
    const slot = this.#bySession.get(sessionId);
    if (slot === undefined) return;
    this.#bySession.delete(sessionId);
    await closeOpening(slot);
  }

  /** Uses a connection for nothing new, and closes it when its requests under way are done. */
  retire(connection: Connection): void {
    if (this.#shared === connection) this.#shared = undefined;
    for (const map of [this.#bySession, this.#byCapabilities]) {
      for (const [key, slot] of map) if (slot.connection === connection) map.delete(key);
    }
    connection.retire();
  }

  /** Closes the shared connection, and those that were opened beside it. Sessions keep their own. */
  async reset(): Promise<void> {
    const shared = this.#shared;
    this.#shared = undefined;
    this.#sharedOpening = undefined;
    const others = [...this.#byCapabilities.values()];
    this.#byCapabilities.clear();
    await Promise.all([shared?.close(), ...others.map(closeOpening)]);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const sessions = [...this.#bySession.values()];
    this.#bySession.clear();
    const opening = this.#sharedOpening;
    await Promise.all([
      opening === undefined ? undefined : closeOpening({ opening }),
      this.reset(),
      ...sessions.map(closeOpening),
      this.#borrowed.close(),
    ]);
  }

  async #openShared(signal: AbortSignal, hooks: SharedHooks): Promise<Connection> {
    try {
      const connection = await this.#options.open(
        {
          capabilities: everyCapability,
          standingStream: true,
          onClose: (error) => {
            this.#shared = undefined;
            hooks.onClose(error);
          },
        },
        signal,
      );
      if (connection.isClosed)
        throw this.#error('disconnected', 'closed the connection that it had just opened');
      this.#shared = connection;
      this.#holder = undefined;
      hooks.onOpen(connection);
      return connection;
    } finally {
      this.#sharedOpening = undefined;
    }
  }

  /**
   * The shared connection, where the backend refused a second session beside it.
   * @throws `error` where it says anything else.
   */
  #shareOnly(error: unknown, shared: Connection, caller: Caller): Lease {
    const isRefusal =
      error instanceof BackendError && (error.code === 'handshake' || error.code === 'http-status');
    if (!isRefusal || !shared.hasSession || this.#shared !== shared || shared.isClosed) throw error;
    if (this.#holder === undefined) {
      this.#holder = caller.principal;
      const { backend, onLog } = this.#options;
      const message = `keeps one session and refused a second (${error.reason}): calls of one principal share it, and it cannot ask clients anything`;
      onLog({ level: 'warn', backend, message });
    }
    return this.#ofHolder(caller, shared);
  }

  #ofHolder({ principal }: Caller, shared: Connection): Lease {
    if (this.#holder === undefined || isSamePrincipal(this.#holder, principal)) return keep(shared);
    throw this.#error('busy', 'keeps one session, which calls of another principal use');
  }

  #ofSession(caller: Caller): Lease | Promise<Lease> {
    const { sessionId, capabilities } = caller;
    const existing = this.#bySession.get(sessionId);
    if (existing !== undefined) return leaseOf(existing);
    if (!this.#hasRoom()) return this.#fallBack(caller);
    return this.#openIn(this.#bySession, sessionId, {
      capabilities,
      sessionId,
      standingStream: true,
    });
  }

  /** Beyond the bound a session shares, and its client cannot be asked anything by this backend. */
  #fallBack(caller: Caller): Lease | Promise<Lease> {
    const { backend, maxOwn, onLog, isDuplex } = this.#options;
    onLog({
      level: 'warn',
      backend,
      message: `has ${maxOwn} connections of single sessions, the most allowed: further sessions share one, over which it cannot ask clients anything`,
    });
    if (isDuplex && this.#shared !== undefined) return keep(this.#shared);
    return this.#ofCapabilities(caller);
  }

  async #borrow(caller: Caller): Promise<Lease> {
    const idle = this.#borrowed.takeIdle(caller);
    if (idle !== undefined) return idle;
    if (this.#hasRoom()) return this.#borrowed.open(caller);
    const { maxOwn } = this.#options;
    throw this.#error('busy', `is busy with ${maxOwn} calls that may each ask their client something`);
  }

  /** Whether one more connection may be opened, if need be after another that stands idle was closed. */
  #hasRoom(): boolean {
    const { maxOwn } = this.#options;
    return this.#bySession.size + this.#borrowed.count < maxOwn || this.#borrowed.makeRoom();
  }

  #ofCapabilities(caller: Caller): Lease | Promise<Lease> {
    const { capabilities } = caller;
    const key = JSON.stringify(capabilities);
    const existing = this.#byCapabilities.get(key);
    if (existing !== undefined) return leaseOf(existing);
    if (this.#byCapabilities.size >= maxSharedKinds && this.#shared !== undefined) return keep(this.#shared);
    return this.#openIn(this.#byCapabilities, key, { capabilities, standingStream: false });
  }

  /** Opens a connection in a place where others find it, until it is lost. */
  async #openIn(
    slots: Map<string, Slot>,
    key: string,
    spec: Omit<ConnectionSpec, 'onClose'>,
  ): Promise<Lease> {
    const forget = (): void => {
      if (slots.get(key) === slot) slots.delete(key);
    };
    const onClose = (): void => {
      forget();
      if (spec.sessionId !== undefined) this.#options.onSessionLost(spec.sessionId);
    };
    const slot: Slot = { opening: this.#open({ ...spec, onClose }), connection: undefined };
    slots.set(key, slot);
    try {
      slot.connection = await slot.opening;
      return keep(slot.connection);
    } catch (error) {
      forget();
      throw error;
    }
  }

  /** Opening is not one caller's alone to cancel: others may be waiting for the same connection. */
  async #open(spec: ConnectionSpec): Promise<Connection> {
    const connection = await this.#options.open(spec, new AbortController().signal);
    if (!this.#closed) return connection;
    await connection.close();
    throw this.#error('not-available', 'was closed');
  }

  #error(code: BackendErrorCode, message: string): BackendError {
    return new BackendError(code, this.#options.backend, message, { mayHaveRun: false });
  }
}

function keep(connection: Connection): Lease {
  return { connection, release: () => undefined };
}

function hasAskable(capabilities: JsonObject): boolean {
  return Object.values(askableMethods).some((name) => capabilities[name] !== undefined);
}

function leaseOf(slot: Slot): Lease | Promise<Lease> {
  return slot.connection === undefined ? slot.opening.then(keep) : keep(slot.connection);
}

async function closeOpening({ opening }: Pick<Slot, 'opening'>): Promise<void> {
  const connection = await opening.catch(() => undefined);
  await connection?.close();
}
