import type { Value } from './value.ts';

/** A Starlark `tuple`. Its elements never change, though a list among them may. */
export class Tuple {
  readonly elems: readonly Value[];
  /** The hash as a dict key (see keys.ts); 0 until it is asked for. */
  hash: number = 0;

  constructor(elems: readonly Value[]) {
    this.elems = elems;
  }

  get type(): string {
    return 'tuple';
  }
}
