import type { Backend, Catalogue } from '../backend/backend.ts';
import type { Caller } from '../caller.ts';
import { holderOf } from '../caller.ts';
import type { Merged } from './merge.ts';

/**
 * What single client sessions, or holders (`holderOf`), see of all backends, for the few whose backends show them something of
 * their own.
 */
export class SessionViews {
  readonly #merge: (catalogueOf: (backend: Backend) => Catalogue) => Merged;
  /** Undefined until it is asked for again after a change. */
  readonly #views = new Map<string, Merged | undefined>();

  constructor(merge: (catalogueOf: (backend: Backend) => Catalogue) => Merged) {
    this.#merge = merge;
  }

  /** Undefined for a caller that sees what everybody sees. */
  of(caller: Caller): Merged | undefined {
    if (this.#views.size === 0) return undefined;
    const holder = holderOf(caller);
    if (!this.#views.has(holder)) return undefined;
    let view = this.#views.get(holder);
    if (view === undefined) {
      view = this.#merge((backend) => backend.catalogueOf(holder) ?? backend.catalogue);
      this.#views.set(holder, view);
    }
    return view;
  }

  /** A backend shows this session something else than before. */
  changed(sessionId: string): void {
    this.#views.set(sessionId, undefined);
  }

  /** Something that everybody sees has changed, so what single sessions see has too. */
  allChanged(): void {
    for (const sessionId of this.#views.keys()) this.#views.set(sessionId, undefined);
  }

  end(sessionId: string): void {
    this.#views.delete(sessionId);
  }
}
