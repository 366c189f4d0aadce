import { Growth, paidGrowth } from './costs.ts';
import type { Meter } from './meter.ts';
import { findKey, Interner, isCountedText, isQuickKey, isStructured, toKey, type Key } from './keys.ts';
import { refuseChange } from './locks.ts';
import { TableNotes } from './table-notes.ts';
import type { Value } from './value.ts';

/** A Starlark `set`: elements stay in the order in which they first came. */
export class StarlarkSet {
  /** From key (see keys.ts) to element. Read it freely; change it only through the methods. */
  readonly map: Map<Key, Value> = new Map();
  /** See locks.ts. */
  locks: number = 0;
  /** The count of bytes held that came by last: see eval/held.ts. */
  countedBy: object | null = null;
  #notes: TableNotes<Value> | null = null;

  get size(): number {
    return this.map.size;
  }

  /** Fails when `value` cannot be an element of any set. `meter` pays where looking takes long. */
  has(value: Value, meter: Meter): boolean {
    const found = findKey(value, this.#interned, meter);
    return found !== undefined && this.map.has(found);
  }

  /** Adds an element unless an equal one is there. A new one is charged to the thread. */
  add(meter: Meter, value: Value): void {
    if (this.locks !== 0) refuseChange(this, 'insert into', 'hash table');
    const { size } = this.map;
    if (size < paidGrowth && isQuickKey(value)) {
      if (this.map.has(value)) return;
      meter.charge(64);
      this.map.set(value, value);
      return;
    }
    const found = findKey(value, this.#interned, meter);
    if (found !== undefined && this.map.has(found)) return;
    meter.charge(64);
    if (size >= paidGrowth) (this.#ownNotes.growth ??= new Growth()).pay(meter, size);
    this.map.set(found ?? this.#intern(value), value);
    if (isCountedText(value)) (this.#ownNotes.interned ??= new Interner()).countText(value.length, 1);
  }

  /** Removes an element; false when there was none. */
  delete(value: Value, meter: Meter): boolean {
    if (this.locks !== 0) refuseChange(this, 'delete from', 'hash table');
    const found = findKey(value, this.#interned, meter);
    if (found === undefined) return false;
    const isThere = this.map.delete(found);
    if (isStructured(found)) this.#interned?.remove(found);
    else if (isThere && isCountedText(found)) this.#interned?.countText(found.length, -1);
    return isThere;
  }

  /** Removes the first element and returns it; undefined when there is none. As quick the thousandth time: see Dict. */
  takeFirst(meter: Meter): Value | undefined {
    if (this.locks !== 0) refuseChange(this, 'delete from', 'hash table');
    if (this.map.size === 0) return undefined;
    const notes = this.#ownNotes;
    notes.first ??= this.map.values();
    const { value } = notes.first.next() as { value: Value };
    this.delete(value, meter);
    return value;
  }

  clear(): void {
    if (this.locks !== 0) refuseChange(this, 'clear', 'hash table');
    this.map.clear();
    this.#notes = null;
  }

  /** The elements, in order: a new array. */
  toArray(): Value[] {
    return Array.from(this.map.values());
  }

  get #interned(): Interner | null {
    return this.#notes === null ? null : this.#notes.interned;
  }

  get #ownNotes(): TableNotes<Value> {
    return (this.#notes ??= new TableNotes());
  }

  /** Takes up a value that has to stand for all that equal it. */
  #intern(value: Value): Key {
    const key = toKey(value);
    if (isStructured(key)) (this.#ownNotes.interned ??= new Interner()).add(key);
    return key;
  }

  get type(): string {
    return 'set';
  }
}
