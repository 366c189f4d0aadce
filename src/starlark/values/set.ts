import type { Meter } from './meter.ts';
import { Interner, isStructured, keyOfObject, type Key } from './keys.ts';
import { refuseChange } from './locks.ts';
import type { Value } from './value.ts';

/** A Starlark `set`: elements stay in the order in which they first came. */
export class StarlarkSet {
  /** From key (see keys.ts) to element. Read it freely; change it only through the methods. */
  readonly map: Map<Key, Value> = new Map();
  /** See locks.ts. */
  locks: number = 0;
  #interned: Interner | null = null;

  get size(): number {
    return this.map.size;
  }

  /** Fails when `value` cannot be an element of any set. */
  has(value: Value): boolean {
    if (typeof value !== 'object' || value === null) return this.map.has(value);
    const found = this.#find(value);
    return found !== undefined && this.map.has(found);
  }

  /** Adds an element unless an equal one is there. A new one is charged to the thread. */
  add(meter: Meter, value: Value): void {
    if (this.locks !== 0) refuseChange(this, 'insert into', 'set');
    if (this.has(value)) return;
    meter.charge(64);
    this.map.set(typeof value !== 'object' || value === null ? value : this.#intern(value), value);
  }

  /** Removes an element; false when there was none. */
  delete(value: Value): boolean {
    if (this.locks !== 0) refuseChange(this, 'delete from', 'set');
    const found = typeof value !== 'object' || value === null ? value : this.#find(value);
    if (found === undefined) return false;
    if (isStructured(found)) this.#interned?.remove(found);
    return this.map.delete(found);
  }

  clear(): void {
    if (this.locks !== 0) refuseChange(this, 'clear', 'set');
    this.map.clear();
    this.#interned = null;
  }

  /** The elements, in order: a new array. */
  toArray(): Value[] {
    return Array.from(this.map.values());
  }

  #find(value: object): Key | undefined {
    if (isStructured(value)) {
      return this.#interned === null ? new Interner().find(value) : this.#interned.find(value);
    }
    return keyOfObject(value);
  }

  #intern(value: object): Key {
    if (!isStructured(value)) return keyOfObject(value);
    (this.#interned ??= new Interner()).add(value);
    return value;
  }

  get type(): string {
    return 'set';
  }
}
