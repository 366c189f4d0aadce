import { BackendError, type Catalogue, type Listing } from './backend.ts';
import { contain, guarded, type OnDefect } from '../../lib/guarded.ts';
import { messageOf } from '../../lib/thrown.ts';
import { cleanList, emptyCatalogue, isSameCatalogue, listings, withLists } from './catalogue.ts';
import { type JsonObject, type JsonValue, ProtocolError } from '../../protocol/index.ts';

export interface CatalogueReaderOptions {
  /** What is offered before anything has been read; nothing when not given. */
  readonly start?: Catalogue;
  list(listing: Listing, signal: AbortSignal): Promise<JsonValue[]>;
  /** Of reading the lists anew. */
  readonly timeoutMs: number;
  /** Between two readings of changed lists, so that a backend that changes them constantly costs little. */
  readonly refreshIntervalMs: number;
  readonly onLog: (level: 'warn', message: string) => void;
  readonly onDefect: OnDefect;
  onChanged(listing: 'tools' | 'prompts' | 'resources'): void;
  /** Lists were read anew, changed or not; before any `onChanged`. */
  onRead?(): void;
  /** Gives one object for all catalogues that are equal. */
  share?(catalogue: Catalogue): Catalogue;
}

/** Keeps what one backend offers: read whole after connecting, and read anew where the backend says that it changed. */
export class CatalogueReader {
  readonly #options: CatalogueReaderOptions;
  readonly #stop = new AbortController();
  readonly #stale = new Set<Listing>();
  /** What was said of each list when it was last read, so that it is said once however often it is read. */
  readonly #said = new Map<Listing, ReadonlySet<string>>();
  #catalogue: Catalogue;
  #restTimer: NodeJS.Timeout | undefined;
  readonly #failed = new Set<Listing>();
  /** The latest answer that was no list. */
  #failure: BackendError | undefined;

  constructor(options: CatalogueReaderOptions) {
    this.#options = options;
    this.#catalogue = options.start ?? emptyCatalogue;
  }

  get catalogue(): Catalogue {
    return this.#catalogue;
  }

  /** True while a change that was told has not been read yet. */
  get isStale(): boolean {
    return this.#stale.size > 0;
  }

  /**
   * Reads every list. A list that the backend refuses, or answers with what is none, stays as it was: what else it offers
   * does not suffer for it.
   * @throws what kept the backend from answering; also where it fails one list and has nothing in any other.
   */
  readAll(signal: AbortSignal): Promise<void> {
    this.#failure = undefined;
    return this.#read(listings, signal).then(() => {
      if (this.#failure !== undefined && isSameCatalogue(this.#catalogue, emptyCatalogue))
        throw this.#failure;
    });
  }

  /** Reads again what could not be read, by and by. */
  retry(): void {
    for (const listing of this.#failed) this.changed(listing === 'resourceTemplates' ? 'resources' : listing);
  }

  /** The backend says that a list has changed. */
  changed(listing: 'tools' | 'prompts' | 'resources'): void {
    if (this.#stop.signal.aborted) return;
    this.#stale.add(listing);
    if (listing === 'resources') this.#stale.add('resourceTemplates');
    const { onDefect } = this.#options;
    if (this.#restTimer === undefined)
      contain('the reading of changed lists', onDefect, () => this.#refresh());
  }

  close(): void {
    this.#stop.abort();
    clearTimeout(this.#restTimer);
  }

  /** Reads what is stale, then rests: changes told meanwhile are read together afterwards. */
  async #refresh(): Promise<void> {
    const { refreshIntervalMs, timeoutMs, onLog, onDefect } = this.#options;
    const refreshAgain = guarded('the rest between two readings of lists', onDefect, () => {
      this.#restTimer = undefined;
      return this.#stale.size > 0 ? this.#refresh() : undefined;
    });
    this.#restTimer = setTimeout(refreshAgain, refreshIntervalMs).unref();
    const stale = [...this.#stale];
    this.#stale.clear();
    try {
      await this.#read(stale, AbortSignal.any([this.#stop.signal, AbortSignal.timeout(timeoutMs)]));
    } catch (error) {
      if (!this.#stop.signal.aborted)
        onLog('warn', `could not be asked for its changed lists: ${messageOf(error)}`);
    }
  }

  async #read(which: readonly Listing[], signal: AbortSignal): Promise<void> {
    const read = async (listing: Listing) => [listing, await this.#readOne(listing, signal)] as const;
    const lists = new Map(await Promise.all(which.map(read)));
    if (this.#stop.signal.aborted) return;
    const { catalogue, changed } = withLists(this.#catalogue, lists);
    this.#catalogue = this.#options.share?.(catalogue) ?? catalogue;
    this.#options.onRead?.();
    const told = new Set(changed.map((listing) => (listing === 'resourceTemplates' ? 'resources' : listing)));
    for (const listing of told) this.#options.onChanged(listing);
  }

  async #readOne(listing: Listing, signal: AbortSignal): Promise<JsonObject[]> {
    const problems: string[] = [];
    const entries = await this.#ask(listing, signal, problems);
    const list =
      entries === undefined
        ? [...this.#catalogue[listing]]
        : cleanList(listing, entries, (why) => problems.push(why));
    this.#say(listing, problems);
    return list;
  }

  /** Undefined when the backend refuses. */
  async #ask(listing: Listing, signal: AbortSignal, problems: string[]): Promise<JsonValue[] | undefined> {
    try {
      this.#failed.delete(listing);
      return await this.#options.list(listing, signal);
    } catch (error) {
      if (error instanceof BackendError && isAnswer(error)) {
        this.#failure = error;
        this.#failed.add(listing);
        problems.push(`did not list its ${listing}: it ${error.reason}`);
        return undefined;
      }
      if (!(error instanceof ProtocolError)) throw error;
      problems.push(`refused to list its ${listing}: ${error.message} (${error.code})`);
      return undefined;
    }
  }

  #say(listing: Listing, problems: readonly string[]): void {
    const before = this.#said.get(listing);
    this.#said.set(listing, new Set(problems));
    for (const problem of problems) if (before?.has(problem) !== true) this.#options.onLog('warn', problem);
  }
}

/** True for a failure that says something of one request alone: the backend is there. */
function isAnswer({ code }: BackendError): boolean {
  return code === 'http-status' || code === 'bad-answer' || code === 'too-large';
}
