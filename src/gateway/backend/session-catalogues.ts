import { contain, type OnDefect } from '../../lib/guarded.ts';
import type { BackendClient, BackendRequest, Catalogue, Listing } from './backend.ts';
import { holderOf } from '../caller.ts';
import { isSameCatalogue, namesOwn, overlaid } from './catalogue.ts';
import { CatalogueReader } from './catalogue-reader.ts';
import type { JsonValue } from '../../protocol/index.ts';
import { Turnstile } from './turnstile.ts';

type ChangedListing = 'tools' | 'prompts' | 'resources';

/** Of lists read at once: a change that every session hears of must not become a storm. */
const maxReadsAtOnce = 4;

export interface SessionCataloguesOptions {
  readonly client: BackendClient;
  readonly timeoutMs: number;
  readonly refreshIntervalMs: number;
  readonly onLog: (level: 'warn', message: string) => void;
  readonly onDefect: OnDefect;
  /** What everybody else sees: where a session's own lists begin. */
  shared(): Catalogue;
  onChanged(listing: ChangedListing, sessionId: string): void;
}

/**
 * The lists of client sessions that have a connection of their own on which a list has changed: a backend may show one
 * session a tool that it shows no other. A session whose lists turn out to be those that everybody sees keeps none.
 *
 * Calls without a session borrow connections. Where one of those comes to offer what no other does, callers like the one
 * whose call it was (`holderOf`) see that beside what everybody sees, and what names it goes there. What it no longer
 * offers, the connections of the next calls still do, and so it stays in the lists.
 */
export class SessionCatalogues {
  readonly #options: SessionCataloguesOptions;
  readonly #readers = new Map<string, CatalogueReader>();
  /** Of the readers, those of holders. */
  readonly #borrowed = new Set<string>();
  readonly #turnstile = new Turnstile(maxReadsAtOnce);

  constructor(options: SessionCataloguesOptions) {
    this.#options = options;
  }

  /** Undefined for a session, or holder, that sees what everybody sees. */
  of(sessionId: string): Catalogue | undefined {
    return this.#readers.get(sessionId)?.catalogue;
  }

  /** Whether a request names what only the lists of its caller's kind have. */
  isOwn({ caller, method, params }: Pick<BackendRequest, 'caller' | 'method' | 'params'>): boolean {
    if (this.#readers.size === 0 || caller.hasSession) return false;
    const own = this.of(holderOf(caller));
    return own !== undefined && namesOwn({ method, params }, own, this.#options.shared());
  }

  /** @param isBorrowed `sessionId` is a holder. */
  changed(listing: ChangedListing, sessionId: string, isBorrowed = false): void {
    let reader = this.#readers.get(sessionId);
    if (reader === undefined) {
      const { shared, onChanged, ...common } = this.#options;
      if (isBorrowed) this.#borrowed.add(sessionId);
      reader = new CatalogueReader({
        ...common,
        start: shared(),
        list: (which, signal) => this.#turnstile.pass(() => this.#list(which, signal, sessionId)),
        onChanged: (changed) => onChanged(changed, sessionId),
        onRead: () => this.#dropIfShared(sessionId),
      });
      this.#readers.set(sessionId, reader);
    }
    reader.changed(listing);
  }

  /** What everybody sees has changed, and with it what holders see. */
  sharedChanged(listing: ChangedListing): void {
    for (const holder of this.#borrowed) this.#readers.get(holder)?.changed(listing);
  }

  end(sessionId: string): void {
    this.#readers.get(sessionId)?.close();
    this.#readers.delete(sessionId);
    this.#borrowed.delete(sessionId);
  }

  async #list(listing: Listing, signal: AbortSignal, sessionId: string): Promise<JsonValue[]> {
    const { client, shared } = this.#options;
    const own = await client.list(listing, signal, sessionId);
    return this.#borrowed.has(sessionId) ? overlaid(listing, shared()[listing], own) : own;
  }

  #dropIfShared(sessionId: string): void {
    const reader = this.#readers.get(sessionId);
    if (reader === undefined || reader.isStale) return;
    if (!isSameCatalogue(reader.catalogue, this.#options.shared())) return;
    const isBorrowed = this.#borrowed.has(sessionId);
    this.end(sessionId);
    const { client, onDefect } = this.#options;
    if (isBorrowed) contain('the end of own lists', onDefect, () => client.endSession(sessionId));
  }

  close(): void {
    for (const sessionId of [...this.#readers.keys()]) this.end(sessionId);
  }
}
