import type { Variable } from '../resolve/scope.ts';

/**
 * The variables that certainly hold a value at the place that code is made for. Code that may be left out is gone into by
 * {@link mark} and out of by {@link undo}, which costs what was noted in it, however many variables there are.
 */
export class Assigned {
  readonly #variables = new Set<Variable>();
  /** The same, in the order in which they were noted. */
  readonly #noted: Variable[] = [];

  has(variable: Variable): boolean {
    return this.#variables.has(variable);
  }

  add(variable: Variable): void {
    if (this.#variables.has(variable)) return;
    this.#variables.add(variable);
    this.#noted.push(variable);
  }

  mark(): number {
    return this.#noted.length;
  }

  /** Forgets what was noted since the mark; returns it. */
  undo(mark: number): readonly Variable[] {
    const undone = this.#noted.splice(mark);
    for (const variable of undone) this.#variables.delete(variable);
    return undone;
  }
}

/** The variables that are in each of the lists. */
export function inAll(lists: readonly (readonly Variable[])[]): readonly Variable[] {
  const [first = [], ...others] = lists;
  return others.reduce((common, list) => {
    const names = new Set(list);
    return common.filter((variable) => names.has(variable));
  }, first);
}
