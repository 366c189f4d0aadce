import type { Value } from './value.ts';

/** A Starlark `tuple`. Its elements never change, though a list among them may. */
export class Tuple {
  readonly elems: readonly Value[];
  /** The hash as a dict key (see keys.ts); 0 until it is asked for. */
  hash: number = 0;
  /** The count of bytes held that came by last: see eval/held.ts. */
  countedBy: object | null = null;

  constructor(elems: readonly Value[]) {
    this.elems = elems;
  }

  get type(): string {
    return 'tuple';
  }
}
