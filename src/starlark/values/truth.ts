import { Bytes } from './bytes.ts';
import { Dict } from './dict.ts';
import { Elems } from './elems.ts';
import { StarlarkFloat } from './float.ts';
import { HostValue } from './host-value.ts';
import { List } from './list.ts';
import { Range } from './range.ts';
import { StarlarkSet } from './set.ts';
import { Tuple } from './tuple.ts';
import type { Value } from './value.ts';

/** Whether a condition takes `value` for true: not None, False, zero, or empty. NaN counts as true. */
export function truth(value: Value): boolean {
  if (typeof value !== 'object' || value === null) return Boolean(value);
  if (value instanceof List || value instanceof Tuple) return value.elems.length > 0;
  if (value instanceof Dict || value instanceof StarlarkSet) return value.map.size > 0;
  if (value instanceof StarlarkFloat) return value.value !== 0;
  if (value instanceof Range) return value.length > 0;
  if (value instanceof Bytes) return value.data.length > 0;
  if (value instanceof Elems) return value.length > 0;
  return value instanceof HostValue ? value.truth() : true;
}
