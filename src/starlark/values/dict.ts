import { Growth, paidGrowth } from './costs.ts';
import type { Meter } from './meter.ts';
import { findKey, Interner, isCountedText, isQuickKey, isStructured, toKey, type Key } from './keys.ts';
import { refuseChange } from './locks.ts';
import { TableNotes } from './table-notes.ts';
import type { Value } from './value.ts';

/** A Starlark `dict`: keys stay in the order in which they first came. */
export class Dict {
  /** From key (see keys.ts) to value. Read it freely; change it only through the methods. */
  readonly map: Map<Key, Value> = new Map();
  /** See locks.ts. */
  locks: number = 0;
  /** The count of bytes held that came by last: see eval/held.ts. */
  countedBy: object | null = null;
  #notes: TableNotes<Key> | null = null;

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
    const { map } = this;
    const before = map.size;
    if (before < paidGrowth && isQuickKey(key)) {
      map.set(key, value);
      if (map.size !== before) meter.charge(64);
      return;
    }
    const own = findKey(key, this.#interned, meter) ?? this.#intern(key);
    if (before >= paidGrowth && !map.has(own)) (this.#ownNotes.growth ??= new Growth()).pay(meter, before);
    map.set(own, value);
    if (map.size !== before) {
      meter.charge(64);
      if (own !== key) (this.#ownNotes.given ??= new Map()).set(own, key);
      else if (isCountedText(own)) (this.#ownNotes.interned ??= new Interner()).countText(own.length, 1);
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
    this.#notes?.given?.delete(found);
    if (isStructured(found)) this.#interned?.remove(found);
    else if (isCountedText(found)) this.#interned?.countText(found.length, -1);
    return value;
  }

  clear(): void {
    if (this.locks !== 0) refuseChange(this, 'clear', 'hash table');
    this.map.clear();
    this.#notes = null;
  }

  /** The keys as the script gave them, in order: a new array. */
  keys(): Value[] {
    const keys = Array.from(this.map.keys()) as Value[];
    const given = this.#given;
    return given === null ? keys : keys.map((key) => (given.get(key) ?? key) as Value);
  }

  /**
   * Removes the first entry and returns its key and value; undefined when there is none. Where the search ended is kept:
   * a `Map` remembers what was removed for a while, and would go through that each time.
   */
  takeFirst(meter: Meter): [Value, Value] | undefined {
    if (this.locks !== 0) refuseChange(this, 'delete from', 'hash table');
    if (this.map.size === 0) return undefined;
    const notes = this.#ownNotes;
    notes.first ??= this.map.keys();
    const { value: key } = notes.first.next() as { value: Key };
    const given = (notes.given?.get(key) ?? key) as Value;
    return [given, this.delete(given, meter) as Value];
  }

  /** Calls `visit` with each entry, in order. */
  forEach(visit: (key: Value, value: Value) => void): void {
    const given = this.#given;
    for (const [key, value] of this.map) visit((given?.get(key) ?? key) as Value, value);
  }

  get #interned(): Interner | null {
    return this.#notes === null ? null : this.#notes.interned;
  }

  get #given(): Map<Key, Key> | null {
    return this.#notes === null ? null : this.#notes.given;
  }

  get #ownNotes(): TableNotes<Key> {
    return (this.#notes ??= new TableNotes());
  }

  /** Takes up a key that has to stand for all that equal it. */
  #intern(given: Key): Key {
    const key = toKey(given);
    if (isStructured(key)) (this.#ownNotes.interned ??= new Interner()).add(key);
    return key;
  }

  get type(): string {
    return 'dict';
  }
}
