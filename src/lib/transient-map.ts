/**
 * A map for entries that come and go by the thousand in a second (requests, calls, scripts) in a collection that stays.
 *
 * V8 gives a `Map` or `Set` a new table whenever the entries deleted from it fill the old one. The old table keeps what
 * stood in it then and refers to the new one. Once one table of this chain has reached the old generation, each
 * collection of the young generation takes all later tables for alive, and with them nearly everything that ever passed
 * through, until the old generation is collected too: a fifth to a half of all garbage was copied twice that way. So the
 * tables here hold boxes, which are emptied when their entry goes. Keys stay in old tables: hence no objects.
 */
export class TransientMap<Key extends string | number, Value> {
  readonly #boxes = new Map<Key, { value: Value | undefined }>();

  get size(): number {
    return this.#boxes.size;
  }

  has(key: Key): boolean {
    return this.#boxes.has(key);
  }

  get(key: Key): Value | undefined {
    return this.#boxes.get(key)?.value;
  }

  /** Adds an entry as the newest, or replaces the value of the one that there is. */
  set(key: Key, value: Value): void {
    const box = this.#boxes.get(key);
    if (box === undefined) this.#boxes.set(key, { value });
    else box.value = value;
  }

  /** False when there is no such entry. */
  delete(key: Key): boolean {
    const box = this.#boxes.get(key);
    if (box === undefined) return false;
    box.value = undefined;
    return this.#boxes.delete(key);
  }

  clear(): void {
    for (const box of this.#boxes.values()) box.value = undefined;
    this.#boxes.clear();
  }

  /** Oldest first; an entry that is deleted before its turn is not seen. */
  keys(): IterableIterator<Key> {
    return this.#boxes.keys();
  }

  /** Oldest first; an entry that is deleted before its turn is not seen. */
  *values(): IterableIterator<Value> {
    for (const box of this.#boxes.values()) yield box.value as Value;
  }
}
