import { Growth } from './costs.ts';
import type { Meter } from './meter.ts';
import { findKey, Interner, isCountedText, isStructured, toKey, type Key } from './keys.ts';
import { refuseChange } from './locks.ts';
import type { Value } from './value.ts';

/** A smaller table grows in no time. */
const smallTable = 4096;

/** A Starlark `dict`: keys stay in the order in which they first came. */
export class Dict {
  /** From key (see keys.ts) to value. Read it freely; change it only through the methods. */
  readonly map: Map<Key, Value> = new Map();
  /** See locks.ts. */
  locks: number = 0;
  /** The count of bytes held that came by last: see eval/held.ts. */
  countedBy: object | null = null;
  /** Representatives of the tuples, bytes and large ints among the keys, once there is one. */
  #interned: Interner | null = null;
  /** The floats and large ints that came as keys, by what stands for them in the map; null while there is none. */
  #given: Map<Key, Value> | null = null;
  /** Goes through the keys for {@link takeFirst}; null until that is asked for. */
  #first: Iterator<Key> | null = null;
  #growth: Growth | null = null;

  get size(): number {
    return this.map.size;
  }

  /** The value at `key`, or undefined. Fails when `key` cannot be a key. `meter` pays where looking takes long. */
  get(key: Key, meter?: Meter): Value | undefined {
    const found = findKey(key, this.#interned, meter);
    return found === undefined ? undefined : this.map.get(found);
  }

  /** Whether there is an entry at `key`; otherwise as {@link get}. */
  has(key: Key, meter?: Meter): boolean {
    const found = findKey(key, this.#interned, meter);
    return found !== undefined && this.map.has(found);
  }

  /** Adds or replaces. A new entry is charged to the thread. */
  set(meter: Meter, key: Value, value: Value): void {
    if (this.locks !== 0) refuseChange(this, 'insert into', 'hash table');
    const own = findKey(key, this.#interned, meter) ?? this.#intern(key);
    const { map } = this;
    const before = map.size;
    if (before >= smallTable && !map.has(own)) (this.#growth ??= new Growth()).pay(meter, before);
    map.set(own, value);
    if (map.size !== before) {
      meter.charge(64);
      if (own !== key) (this.#given ??= new Map()).set(own, key);
      else if (isCountedText(own)) (this.#interned ??= new Interner()).countText(own.length, 1);
    }
  }

  /** Removes an entry and returns its value; undefined when there is none. */
  delete(key: Value, meter?: Meter): Value | undefined {
    if (this.locks !== 0) refuseChange(this, 'delete from', 'hash table');
    const found = findKey(key, this.#interned, meter);
    if (found === undefined) return undefined;
    const value = this.map.get(found);
    if (value === undefined) return undefined;
    this.map.delete(found);
    this.#given?.delete(found);
    if (isStructured(found)) this.#interned?.remove(found);
    else if (isCountedText(found)) this.#interned?.countText(found.length, -1);
    return value;
  }

  clear(): void {
    if (this.locks !== 0) refuseChange(this, 'clear', 'hash table');
    this.map.clear();
    this.#interned = null;
    this.#given = null;
    this.#first = null;
  }

  /** The keys as the script gave them, in order: a new array. */
  keys(): Value[] {
    const keys = Array.from(this.map.keys()) as Value[];
    const given = this.#given;
    return given === null ? keys : keys.map((key) => given.get(key) ?? key);
  }

  /**
   * Removes the first entry and returns its key and value; undefined when there is none. Where the search ended is kept:
   * a `Map` remembers what was removed for a while, and would go through that each time.
   */
  takeFirst(meter: Meter): [Value, Value] | undefined {
    if (this.locks !== 0) refuseChange(this, 'delete from', 'hash table');
    if (this.map.size === 0) return undefined;
    this.#first ??= this.map.keys();
    const { value: key } = this.#first.next() as { value: Key };
    const given = this.#given?.get(key) ?? (key as Value);
    return [given, this.delete(given, meter) as Value];
  }

  /** Calls `visit` with each entry, in order. */
  forEach(visit: (key: Value, value: Value) => void): void {
    const given = this.#given;
    for (const [key, value] of this.map) visit(given?.get(key) ?? (key as Value), value);
  }

  /** Takes up a key that has to stand for all that equal it. */
  #intern(given: Key): Key {
    const key = toKey(given);
    if (isStructured(key)) (this.#interned ??= new Interner()).add(key);
    return key;
  }

  get type(): string {
    return 'dict';
  }
}
