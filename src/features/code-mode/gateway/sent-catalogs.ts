import type { ToThread } from '../shared/protocol.ts';

/** More than that a thread does not keep. */
const maxCatalogs = 64;

/** The catalogs that a script thread holds: it receives the text of each once, and forgets the one unused for longest. */
export class SentCatalogs {
  readonly #send: (message: ToThread) => void;
  /** By identity, least recently used first. */
  readonly #ids = new Map<object, number>();
  #newest = 0;
  #last = 0;

  constructor(send: (message: ToThread) => void) {
    this.#send = send;
  }

  /** The number by which the thread knows the catalog, which it is sent where it does not. */
  idOf(catalog: { readonly text: string }): number {
    const known = this.#ids.get(catalog);
    if (known !== undefined && known === this.#newest) return known;
    const catalogId = known ?? ++this.#last;
    this.#newest = catalogId;
    this.#ids.delete(catalog);
    this.#ids.set(catalog, catalogId);
    if (known === undefined) this.#send({ type: 'catalog', catalogId, text: catalog.text });
    const [oldest] = this.#ids;
    if (this.#ids.size > maxCatalogs && oldest !== undefined) {
      this.#ids.delete(oldest[0]);
      this.#send({ type: 'forget', catalogId: oldest[1] });
    }
    return catalogId;
  }
}
