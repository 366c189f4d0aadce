import type { ActivityEntry, AdoptionView } from '../../console/wire/index.ts';
import { tellEach, type OnDefect } from '../../lib/guarded.ts';
import { isSamePrincipal, type Principal } from '../../gateway/index.ts';

const mostEntries = 500;
const mostClients = 100;
const mostCallsOfScript = 200;
const longestName = 128;

interface Kept {
  readonly entry: ActivityEntry;
  readonly person: Principal;
}

/** What is told of a call that has ended. */
export type Ended = Omit<ActivityEntry, 'id'>;

/** The latest calls of clients, and counts of all since the start. Metadata alone: no arguments and no results. */
export class Activity {
  readonly #sinceMs: number = Date.now();
  readonly #onDefect: OnDefect | undefined;
  #kept: Kept[] = [];
  #nextId = 1;
  readonly #listeners = new Set<(kept: Kept) => void>();
  readonly #direct = { ok: 0, failed: 0 };
  readonly #scripts = { ok: 0, failed: 0 };
  #innerCalls = 0;
  readonly #clients = new Map<string, { direct: number; scripts: number }>();

  /** @param onDefect told what those who follow throw */
  constructor(onDefect?: OnDefect) {
    this.#onDefect = onDefect;
  }

  add(ended: Ended, innerCalls: number, person: Principal): void {
    const { kind, ok } = ended;
    const client = ended.client.slice(0, longestName);
    const entry: ActivityEntry = {
      ...ended,
      client,
      id: this.#nextId++,
      subject: ended.subject.slice(0, longestName),
      calls: ended.calls.slice(0, mostCallsOfScript),
    };
    const counts = kind === 'script' ? this.#scripts : this.#direct;
    counts[ok ? 'ok' : 'failed']++;
    this.#innerCalls += innerCalls;
    this.#countClient(client, kind);
    const kept = { entry, person };
    this.#kept.push(kept);
    if (this.#kept.length > mostEntries) this.#kept.shift();
    tellEach('the activity of the console', this.#onDefect, this.#listeners, kept);
  }

  /**
   * Tells the entries that there are, oldest first, and each one to come. Returns the way to stop.
   * @param whose only entries of this principal's calls; undefined for all
   */
  follow(whose: Principal | undefined, tell: (entry: ActivityEntry) => void): () => void {
    const listener = ({ entry, person }: Kept): void => {
      if (whose === undefined || isSamePrincipal(whose, person)) tell(entry);
    };
    for (const kept of this.#kept) listener(kept);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  counts(): Omit<AdoptionView, 'codeMode'> {
    return {
      since: this.#sinceMs,
      directCalls: { ...this.#direct },
      scripts: { ...this.#scripts },
      innerCalls: this.#innerCalls,
      clients: [...this.#clients]
        .map(([name, counts]) => ({ name, ...counts }))
        .sort((a, b) => b.direct + b.scripts - a.direct - a.scripts),
    };
  }

  #countClient(client: string, kind: ActivityEntry['kind']): void {
    // A client can call itself anything: those beyond the limit are one.
    const name = this.#clients.has(client) || this.#clients.size < mostClients ? client : 'others';
    const counts = this.#clients.get(name) ?? { direct: 0, scripts: 0 };
    counts[kind === 'script' ? 'scripts' : 'direct']++;
    this.#clients.set(name, counts);
  }
}
