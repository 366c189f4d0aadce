import type { Growth } from './costs.ts';
import type { Interner, Key } from './keys.ts';

/** What only some dicts and sets need beside their entries: kept apart, so that the others are small. */
export class TableNotes<Item> {
  /** Representatives of the tuples, bytes and large ints among the keys, once there is one. */
  interned: Interner | null = null;
  /** Goes through the entries for `takeFirst`; null until that is asked for. */
  first: Iterator<Item> | null = null;
  growth: Growth | null = null;
  /** Of a dict: the floats and large ints that came as keys, by what stands for them in the map. */
  given: Map<Key, Item> | null = null;
}
