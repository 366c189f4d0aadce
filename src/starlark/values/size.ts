import { Bytes } from './bytes.ts';
import { BoundMethod } from './bound-method.ts';
import { Dict } from './dict.ts';
import { Elems } from './elems.ts';
import { bitLength } from './int.ts';
import { List } from './list.ts';
import { StarlarkSet } from './set.ts';
import { Tuple } from './tuple.ts';
import type { Value } from './value.ts';

/** The bytes that `value` itself takes, by the documented estimate; what it refers to counts for itself. */
export function heldBytes(value: Value): number {
  if (typeof value === 'string') return 16 + value.length;
  if (typeof value === 'bigint') return 16 + Math.ceil(bitLength(value) / 8);
  if (value instanceof List || value instanceof Tuple) return 32 + 8 * value.elems.length;
  if (value instanceof Dict || value instanceof StarlarkSet) return 48 + 64 * value.size;
  if (value instanceof Bytes) return 16 + value.data.length;
  return typeof value === 'object' ? 16 : 0;
}

/** Calls `visit` with each value that the container `value` refers to. Functions are their owner's to walk. */
export function children(value: Value, visit: (child: Value) => void): void {
  if (value instanceof List || value instanceof Tuple) {
    for (const elem of value.elems) visit(elem);
  } else if (value instanceof Dict) {
    value.forEach((key, held) => {
      visit(key);
      visit(held);
    });
  } else if (value instanceof StarlarkSet) {
    for (const elem of value.map.values()) visit(elem);
  } else if (value instanceof Elems) {
    visit(value.source);
  } else if (value instanceof BoundMethod) {
    visit(value.self);
  }
}
