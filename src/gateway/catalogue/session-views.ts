import type { Backend, Catalogue } from '../backend/backend.ts';
import type { Caller } from '../caller.ts';
import { holderOf } from '../caller.ts';
import type { Merged } from './merge.ts';

/**
 * What single client sessions, or holders (`holderOf`), see of all backends, for the few whose backends show them something of
 * their own; and what callers see where backends are met with a credential of each caller. Callers who are shown the
 * same see one view.
 */
export class SessionViews {
  readonly #perCaller: readonly Backend[];
  readonly #merge: (catalogueOf: (backend: Backend) => Catalogue) => Merged;
  /** Undefined until it is asked for again after a change. */
  readonly #views = new Map<string, View | undefined>();
  /** By what callers are shown. */
  readonly #alike = new Map<string, Merged>();
  readonly #numbers = new WeakMap<Catalogue, number>();
  #lastNumber = 0;

  /** @param perCaller those of the backends that have `callerLists` */
  constructor(
    perCaller: readonly Backend[],
    merge: (catalogueOf: (backend: Backend) => Catalogue) => Merged,
  ) {
    this.#perCaller = perCaller;
    this.#merge = merge;
  }

  /** Undefined for a caller that sees what everybody sees. */
  of(caller: Caller): Merged | undefined {
    const kind = this.#kindOf(caller);
    const holder = this.#views.size === 0 ? undefined : holderOf(caller);
    if (holder !== undefined && this.#views.has(holder)) return this.#ofHolder(holder, kind, caller);
    if (kind === '') return undefined;
    let view = this.#alike.get(kind);
    if (view === undefined) {
      view = this.#merge((backend) => backend.callerLists?.of(caller) ?? backend.catalogue);
      if (this.#alike.size >= maxKinds) this.#alike.clear();
      this.#alike.set(kind, view);
    }
    return view;
  }

  /** A backend shows this session something else than before. */
  changed(sessionId: string): void {
    this.#views.set(sessionId, undefined);
  }

  /** Something that everybody sees has changed, so what single sessions see has too. */
  allChanged(): void {
    this.#alike.clear();
    for (const sessionId of this.#views.keys()) this.#views.set(sessionId, undefined);
  }

  end(sessionId: string): void {
    this.#views.delete(sessionId);
  }

  #ofHolder(holder: string, kind: string, caller: Caller): Merged {
    let view = this.#views.get(holder);
    if (view?.kind !== kind) {
      const merged = this.#merge(
        (backend) => backend.callerLists?.of(caller) ?? backend.catalogueOf(holder) ?? backend.catalogue,
      );
      view = { kind, merged };
      this.#views.set(holder, view);
    }
    return view.merged;
  }

  /** Equal for callers who are shown the same; empty for those who are shown nothing of their own. */
  #kindOf(caller: Caller): string {
    let kind = '';
    let isOwn = false;
    for (const { callerLists } of this.#perCaller) {
      const catalogue = callerLists?.of(caller);
      if (catalogue !== undefined) isOwn = true;
      kind += `${catalogue === undefined ? '' : this.#numberOf(catalogue)},`;
    }
    return isOwn ? kind : '';
  }

  #numberOf(catalogue: Catalogue): number {
    let number = this.#numbers.get(catalogue);
    if (number === undefined) this.#numbers.set(catalogue, (number = ++this.#lastNumber));
    return number;
  }
}

interface View {
  /** See `#kindOf`: with another it is made again. */
  readonly kind: string;
  readonly merged: Merged;
}

/** Of different views that are kept for callers with credentials of their own. */
const maxKinds = 256;
