import type { Caller } from '../../../gateway/index.ts';
import { holderOf } from '../../../gateway/index.ts';
import { contain, guarded, type OnDefect } from '../../../lib/guarded.ts';
import type { Connection } from './connection.ts';
import type { ConnectionSpec, Lease } from './connection-set.ts';

export interface BorrowedConnectionsOptions {
  /** How long a connection is kept for the next call. */
  readonly idleMs: number;
  /** The same for one on which a list has changed: what clients then see would be gone with it. */
  readonly leadIdleMs: number;
  /** Makes a connection that is open. */
  open(spec: ConnectionSpec): Promise<Connection>;
  /** The lists of this holder's lead changed: it has one now, it says so itself, or it is gone. */
  onLead(holder: string, listing?: 'tools' | 'prompts' | 'resources'): void;
  readonly onDefect: OnDefect;
}

interface Borrowed {
  readonly holder: string;
  /** Calls that have it at the moment. */
  users: number;
  /** Set while nobody has it. */
  timer: NodeJS.Timeout | undefined;
}

/**
 * Connections for calls that have no session: each is lent to one call at a time, which alone tells whose a question is
 * that did not come in the call's own stream, and then kept a while for a call of an equal caller (`holderOf`). One on
 * which a call changed a list leads: it is lent first, and shared by calls of what only its lists name.
 */
export class BorrowedConnections {
  readonly #options: BorrowedConnectionsOptions;
  readonly #all = new Map<Connection, Borrowed>();
  readonly #leads = new Map<string, Connection>();
  #opening = 0;
  #closed = false;

  constructor(options: BorrowedConnectionsOptions) {
    this.#options = options;
  }

  /** Open ones and those that are being opened. */
  get count(): number {
    return this.#all.size + this.#opening;
  }

  /** The connection whose lists this holder's callers see, where they differ from what everybody sees. */
  lead(holder: string): Connection | undefined {
    return this.#leads.get(holder);
  }

  /** What stands idle, the holder's lead first; undefined when a new connection must be opened. */
  takeIdle(caller: Caller): Lease | undefined {
    const holder = holderOf(caller);
    const lead = this.#leads.get(holder);
    if (lead !== undefined && this.#all.get(lead)?.users === 0) return this.#lend(lead);
    for (const [connection, borrowed] of this.#all) {
      if (borrowed.holder === holder && borrowed.users === 0) return this.#lend(connection);
    }
    return undefined;
  }

  /** The holder's lead, whoever else has it; undefined when there is none. */
  shareLead(holder: string): Lease | undefined {
    const lead = this.#leads.get(holder);
    return lead === undefined || lead.isClosed ? undefined : this.#lend(lead);
  }

  async open(caller: Caller): Promise<Lease> {
    const holder = holderOf(caller);
    let opened: Connection | undefined;
    this.#opening += 1;
    try {
      opened = await this.#options.open({
        capabilities: caller.capabilities,
        sessionId: holder,
        isBorrowed: true,
        standingStream: true,
        onListChanged: (listing) => {
          // In the handshake a backend fits its lists to the client; what it says then is no change to any caller.
          if (opened === undefined || !this.#all.has(opened)) return;
          this.#leads.set(holder, opened);
          this.#options.onLead(holder, listing);
        },
        onClose: () => {
          if (opened !== undefined) this.#forget(opened);
        },
      });
      this.#all.set(opened, { holder, users: 0, timer: undefined });
      return this.#lend(opened);
    } finally {
      this.#opening -= 1;
    }
  }

  /** Nothing of the lead's lists is its own any longer: it is a connection like others. */
  unlead(holder: string): void {
    const lead = this.#leads.get(holder);
    if (lead === undefined) return;
    this.#leads.delete(holder);
    const borrowed = this.#all.get(lead);
    if (borrowed?.users === 0) this.#rest(lead, borrowed);
  }

  /** Closes what has stood idle longest. False when everything is in use. */
  makeRoom(): boolean {
    const idle = this.#idle();
    const leads = new Set(this.#leads.values());
    const spare = idle.find((connection) => !leads.has(connection)) ?? idle[0];
    if (spare === undefined) return false;
    this.#end(spare);
    return true;
  }

  /** Closes those that nobody has; the others close when they are given back. */
  async close(): Promise<void> {
    this.#closed = true;
    const idle = this.#idle();
    for (const { timer } of this.#all.values()) clearTimeout(timer);
    this.#all.clear();
    this.#leads.clear();
    await Promise.all(idle.map((connection) => connection.close()));
  }

  /** Those that nobody has, the longest idle first. */
  #idle(): Connection[] {
    return [...this.#all].filter(([, { users }]) => users === 0).map(([connection]) => connection);
  }

  #lend(connection: Connection): Lease {
    const borrowed = this.#all.get(connection);
    if (borrowed !== undefined) {
      clearTimeout(borrowed.timer);
      borrowed.users += 1;
    }
    let released = false;
    const release = (): void => {
      if (released) return;
      released = true;
      this.#giveBack(connection, borrowed);
    };
    return { connection, release };
  }

  #giveBack(connection: Connection, borrowed: Borrowed | undefined): void {
    if (borrowed !== undefined) borrowed.users -= 1;
    if (this.#closed || borrowed === undefined || connection.isClosed) return this.#end(connection);
    if (borrowed.users > 0) return;
    // The last to be given back is the last to be closed for want of room.
    this.#all.delete(connection);
    this.#all.set(connection, borrowed);
    this.#rest(connection, borrowed);
  }

  #rest(connection: Connection, borrowed: Borrowed): void {
    const { idleMs, leadIdleMs, onDefect } = this.#options;
    const isLead = this.#leads.get(borrowed.holder) === connection;
    clearTimeout(borrowed.timer);
    const end = guarded('the end of an idle connection', onDefect, () => this.#end(connection));
    borrowed.timer = setTimeout(end, isLead ? leadIdleMs : idleMs).unref();
  }

  #end(connection: Connection): void {
    this.#forget(connection);
    contain('the closing of a connection', this.#options.onDefect, () => connection.close());
  }

  #forget(connection: Connection): void {
    const borrowed = this.#all.get(connection);
    if (borrowed === undefined) return;
    clearTimeout(borrowed.timer);
    this.#all.delete(connection);
    if (this.#leads.get(borrowed.holder) !== connection) return;
    this.#leads.delete(borrowed.holder);
    this.#options.onLead(borrowed.holder);
  }
}
