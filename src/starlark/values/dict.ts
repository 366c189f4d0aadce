import type { Meter } from './meter.ts';
import { StarlarkFloat } from './float.ts';
import { Interner, isStructured, keyOfObject, type Key } from './keys.ts';
import { refuseChange } from './locks.ts';
import type { Value } from './value.ts';

/** A Starlark `dict`: keys stay in the order in which they first came. */
export class Dict {
  /** From key (see keys.ts) to value. Read it freely; change it only through the methods. */
  readonly map: Map<Key, Value> = new Map();
  /** See locks.ts. */
  locks: number = 0;
  /** Representatives of the tuples and bytes among the keys, once there is one. */
  #interned: Interner | null = null;
  /** The floats that came as keys, by their key; null while there is none. */
  #floats: Map<Key, StarlarkFloat> | null = null;

  get size(): number {
    return this.map.size;
  }

  /** The value at `key`, or undefined. Fails when `key` cannot be a key. */
  get(key: Value): Value | undefined {
    if (typeof key !== 'object' || key === null) return this.map.get(key);
    const found = this.#find(key);
    return found === undefined ? undefined : this.map.get(found);
  }

  has(key: Value): boolean {
    if (typeof key !== 'object' || key === null) return this.map.has(key);
    const found = this.#find(key);
    return found !== undefined && this.map.has(found);
  }

  /** Adds or replaces. A new entry is charged to the thread. */
  set(meter: Meter, key: Value, value: Value): void {
    if (this.locks !== 0) refuseChange(this, 'insert into', 'dict');
    const own = typeof key !== 'object' || key === null ? key : this.#intern(key);
    const { map } = this;
    const before = map.size;
    map.set(own, value);
    if (map.size !== before) {
      meter.charge(64);
      if (key instanceof StarlarkFloat) (this.#floats ??= new Map()).set(own, key);
    }
  }

  /** Removes an entry and returns its value; undefined when there is none. */
  delete(key: Value): Value | undefined {
    if (this.locks !== 0) refuseChange(this, 'delete from', 'dict');
    const found = typeof key !== 'object' || key === null ? key : this.#find(key);
    if (found === undefined) return undefined;
    const value = this.map.get(found);
    if (value === undefined) return undefined;
    this.map.delete(found);
    this.#floats?.delete(found);
    if (isStructured(found)) this.#interned?.remove(found);
    return value;
  }

  clear(): void {
    if (this.locks !== 0) refuseChange(this, 'clear', 'dict');
    this.map.clear();
    this.#interned = null;
    this.#floats = null;
  }

  /** The keys as the script gave them, in order: a new array. */
  keys(): Value[] {
    const keys = Array.from(this.map.keys());
    const floats = this.#floats;
    return floats === null ? keys : keys.map((key) => floats.get(key) ?? key);
  }

  /** The first key, or undefined in an empty dict. */
  firstKey(): Value | undefined {
    for (const key of this.map.keys()) return this.#floats?.get(key) ?? key;
    return undefined;
  }

  /** Calls `visit` with each entry, in order. */
  forEach(visit: (key: Value, value: Value) => void): void {
    const floats = this.#floats;
    for (const [key, value] of this.map) visit(floats?.get(key) ?? key, value);
  }

  /** Adds all of `other`'s entries. */
  merge(meter: Meter, other: Dict): void {
    if (this.locks !== 0) refuseChange(this, 'insert into', 'dict');
    if (other === this) return;
    other.forEach((key, value) => this.set(meter, key, value));
  }

  #find(key: object): Key | undefined {
    if (isStructured(key)) {
      return this.#interned === null ? new Interner().find(key) : this.#interned.find(key);
    }
    return keyOfObject(key);
  }

  #intern(key: object): Key {
    if (!isStructured(key)) return keyOfObject(key);
    this.#interned ??= new Interner();
    const found = this.#interned.find(key);
    if (found !== undefined) return found;
    this.#interned.add(key);
    return key;
  }

  get type(): string {
    return 'dict';
  }
}
