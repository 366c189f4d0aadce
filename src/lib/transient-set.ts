import { TransientMap } from './transient-map.ts';

/** What gives a member of a `TransientSet` back. */
export type Membership = number;

/** Things that come and go, without a name of their own; a collection of them is a `TransientMap` by number. */
export class TransientSet<Value> {
  readonly #members = new TransientMap<Membership, Value>();
  #last = 0;

  get size(): number {
    return this.#members.size;
  }

  /** Adds a member, also one that is in it already, and returns what to delete it by. */
  add(value: Value): Membership {
    this.#members.set(++this.#last, value);
    return this.#last;
  }

  /** False when it was deleted before. */
  delete(membership: Membership): boolean {
    return this.#members.delete(membership);
  }

  clear(): void {
    this.#members.clear();
  }

  /** Oldest first; a member that is deleted before its turn is not seen. */
  [Symbol.iterator](): IterableIterator<Value> {
    return this.#members.values();
  }
}
