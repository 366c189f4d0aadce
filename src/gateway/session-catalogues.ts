import type { BackendClient, Catalogue } from './backend.ts';
import { isSameCatalogue } from './catalogue.ts';
import { CatalogueReader } from './catalogue-reader.ts';
import { Turnstile } from './turnstile.ts';

type ChangedListing = 'tools' | 'prompts' | 'resources';

/** Of lists read at once: a change that every session hears of must not become a storm. */
const maxReadsAtOnce = 4;

export interface SessionCataloguesOptions {
  readonly client: BackendClient;
  readonly timeoutMs: number;
  readonly refreshIntervalMs: number;
  readonly onLog: (level: 'warn', message: string) => void;
  /** What everybody else sees: where a session's own lists begin. */
  shared(): Catalogue;
  onChanged(listing: ChangedListing, sessionId: string): void;
}

/**
 * The lists of client sessions that have a connection of their own on which a list has changed: a backend may show one
 * session a tool that it shows no other. A session whose lists turn out to be those that everybody sees keeps none.
 */
export class SessionCatalogues {
  readonly #options: SessionCataloguesOptions;
  readonly #readers = new Map<string, CatalogueReader>();
  readonly #turnstile = new Turnstile(maxReadsAtOnce);

  constructor(options: SessionCataloguesOptions) {
    this.#options = options;
  }

  /** Undefined for a session that sees what everybody sees. */
  of(sessionId: string): Catalogue | undefined {
    return this.#readers.get(sessionId)?.catalogue;
  }

  changed(listing: ChangedListing, sessionId: string): void {
    let reader = this.#readers.get(sessionId);
    if (reader === undefined) {
      const { client, shared, onChanged, ...common } = this.#options;
      reader = new CatalogueReader({
        ...common,
        start: shared(),
        list: (which, signal) => this.#turnstile.pass(() => client.list(which, signal, sessionId)),
        onChanged: (changed) => onChanged(changed, sessionId),
        onRead: () => this.#dropIfShared(sessionId),
      });
      this.#readers.set(sessionId, reader);
    }
    reader.changed(listing);
  }

  end(sessionId: string): void {
    this.#readers.get(sessionId)?.close();
    this.#readers.delete(sessionId);
  }

  #dropIfShared(sessionId: string): void {
    const catalogue = this.of(sessionId);
    if (catalogue !== undefined && isSameCatalogue(catalogue, this.#options.shared())) this.end(sessionId);
  }

  close(): void {
    for (const sessionId of [...this.#readers.keys()]) this.end(sessionId);
  }
}
