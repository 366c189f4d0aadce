import { errorCodes, type JsonObject, ProtocolError } from '../../../../protocol/index.ts';
import { guarded, type OnDefect, report } from '../../../../lib/guarded.ts';

const firstRetryMs = 1_000;
const maxRetryMs = 60_000;

/** One `subscriptions/listen` request under way. */
export interface Listening {
  /** Resolves once the backend has said that it tells from now on, or that it never will. Never rejects. */
  readonly acknowledged: Promise<void>;
  /** Settles when the backend ends the stream; rejects when the stream broke or was refused. */
  readonly ended: Promise<unknown>;
  stop(): void;
}

export interface ListenStreamOptions {
  /** What the backend can tell of, besides single resources. */
  readonly lists: JsonObject;
  listen(filter: JsonObject): Listening;
  /** The backend does not offer it, so changes of its lists go unheard. */
  onRefused(error: ProtocolError): void;
  /** The stream was opened again after it had ended: what happened between was not heard. */
  onGap(): void;
  readonly onDefect: OnDefect;
}

/**
 * Hears of changes from a 2026-07-28 backend: one long request whose answer is a stream, opened again when it ends and
 * when the set of resources to watch changes.
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/subscriptions
 */
export class ListenStream {
  readonly #options: ListenStreamOptions;
  #uris: readonly string[] = [];
  #listening: Listening | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #closed = false;

  constructor(options: ListenStreamOptions, uris: readonly string[]) {
    this.#options = options;
    this.#uris = uris;
    this.#open();
  }

  /** Watches these resources. Resolves once the backend tells of them, or has refused to. */
  async watch(uris: readonly string[]): Promise<void> {
    this.#uris = uris;
    if (this.#closed) return;
    this.#open();
    await this.#listening?.acknowledged;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#listening?.stop();
  }

  /** The old stream is let go once the new one is acknowledged, so that nothing is missed between them. */
  #open(): void {
    clearTimeout(this.#timer);
    const { lists, listen, onDefect } = this.#options;
    const filter = this.#uris.length === 0 ? lists : { ...lists, resourceSubscriptions: [...this.#uris] };
    if (Object.keys(filter).length === 0) return this.#listening?.stop();
    const before = this.#listening;
    const listening = listen(filter);
    this.#listening = listening;
    const openedAt = performance.now();
    const onThrown = (thrown: unknown): void => report('the end of a subscription', onDefect, thrown);
    listening.ended
      .then(
        () => this.#ended(listening, openedAt),
        (error: unknown) => this.#failed(listening, openedAt, error),
      )
      .catch(onThrown);
    listening.acknowledged.then(() => before?.stop()).catch(onThrown);
  }

  #reopen(): void {
    this.#open();
    this.#options.onGap();
  }

  #failed(listening: Listening, openedAt: number, error: unknown): void {
    const isRefusal = error instanceof ProtocolError && error.code === errorCodes.methodNotFound;
    if (isRefusal && !this.#closed && this.#listening === listening) {
      this.#closed = true;
      return this.#options.onRefused(error);
    }
    this.#ended(listening, openedAt);
  }

  #ended(listening: Listening, openedAt: number): void {
    if (this.#closed || this.#listening !== listening) return;
    if (performance.now() - openedAt > maxRetryMs) this.#failures = 0;
    const waitMs = Math.min(firstRetryMs * 2 ** Math.min(this.#failures, 10), maxRetryMs);
    this.#failures += 1;
    const reopen = guarded('the reopening of a subscription', this.#options.onDefect, () => this.#reopen());
    this.#timer = setTimeout(reopen, waitMs).unref();
  }
}
