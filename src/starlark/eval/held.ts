import { Dict } from '../values/dict.ts';
import { List } from '../values/list.ts';
import { StarlarkSet } from '../values/set.ts';
import { children, heldBytes } from '../values/size.ts';
import { Tuple } from '../values/tuple.ts';
import type { Value } from '../values/value.ts';
import { StarlarkFunction } from './function.ts';
import { LateValue } from './late-value.ts';
import { uncounted } from './suspend.ts';

const functionBytes = 64;

/** So many values are looked at before others have their turn. */
const valuesPerPiece = 50_000;

/**
 * The bytes that can be reached from `roots`, by the documented estimate; see `Live` for functions among them. Containers
 * and functions count once; a string counts at every place that holds it, since JavaScript cannot tell one copy from two.
 * Undefined where a call does not say what it refers to.
 */
export function liveBytes(roots: Iterable<unknown>): number | undefined {
  const counting = countLive(roots);
  for (;;) {
    const step = counting.next();
    if (step.done === true) return step.value;
  }
}

/** As {@link liveBytes}, in pieces: yields how many values it has looked at in each. */
export function* countLive(roots: Iterable<unknown>): Generator<number, number | undefined, void> {
  const count = new Count();
  for (const root of roots) {
    if (root === uncounted) return undefined;
    count.visit(root);
  }
  while (!count.goOn()) yield valuesPerPiece;
  return count.bytes;
}

/** Containers note the count that came by (`countedBy`): a set of all that were seen takes several times as long. */
class Count {
  bytes = 0;
  readonly #seen = new Set<object>();
  readonly #pending: (Value | LateValue)[] = [];
  /** A long list of which some was looked at. */
  #open: { readonly values: readonly unknown[]; at: number } | null = null;
  #left = 0;

  visit(value: unknown): void {
    this.#left--;
    if (typeof value === 'string' || typeof value === 'bigint') this.bytes += heldBytes(value);
    else if (typeof value === 'object' && value !== null && this.#isNew(value))
      this.#pending.push(value as Value);
    else if (typeof value === 'function')
      for (const each of (value as () => readonly unknown[])()) this.visit(each);
  }

  /** Looks at some more. True when there is no more. */
  goOn(): boolean {
    this.#left = valuesPerPiece;
    while (this.#left > 0) {
      if (this.#open !== null) {
        this.#visitMore(this.#open);
        continue;
      }
      const next = this.#pending.pop();
      if (next === undefined) return true;
      this.#count(next);
    }
    return this.#open === null && this.#pending.length === 0;
  }

  #isNew(value: object): boolean {
    if (isContainer(value)) {
      const isNew = value.countedBy !== this;
      value.countedBy = this;
      return isNew;
    }
    const { size } = this.#seen;
    return this.#seen.add(value).size > size;
  }

  #count(value: Value | LateValue): void {
    if (value instanceof LateValue) this.bytes += value.bytes;
    else if (Array.isArray(value)) this.#visitAll(value as readonly unknown[]);
    else if (value instanceof StarlarkFunction) {
      this.bytes += functionBytes;
      this.#visitAll([...(value.defaults ?? []), ...(value.captured?.() ?? [])]);
    } else {
      this.bytes += heldBytes(value);
      if (value instanceof List || value instanceof Tuple) this.#visitAll(value.elems);
      else children(value, (child) => this.visit(child));
    }
  }

  #visitAll(values: readonly unknown[]): void {
    const open = { values, at: 0 };
    this.#visitMore(open);
  }

  #visitMore(open: { readonly values: readonly unknown[]; at: number }): void {
    const { values } = open;
    const end = Math.min(values.length, open.at + Math.max(1, this.#left));
    for (; open.at < end; open.at++) {
      const value = values[open.at];
      if (typeof value === 'number') this.#left--;
      else this.visit(value);
    }
    this.#open = end < values.length ? open : null;
  }
}

function isContainer(value: object): value is List | Tuple | Dict | StarlarkSet {
  return (
    value instanceof List || value instanceof Dict || value instanceof Tuple || value instanceof StarlarkSet
  );
}
