import { StarlarkError } from '../errors.ts';
import { Bytes } from './bytes.ts';
import { Dict } from './dict.ts';
import { Elems } from './elems.ts';
import type { Meter } from './meter.ts';
import { List } from './list.ts';
import { Range } from './range.ts';
import { StarlarkSet } from './set.ts';
import { Tuple } from './tuple.ts';
import { typeName } from './type-name.ts';
import type { Value } from './value.ts';
import { noneHint } from './wrong-kind.ts';

/** The number of elements, for `len`. Fails for values that have none. */
export function lengthOf(meter: Meter, value: Value): number {
  if (typeof value === 'string') return value.length;
  if (value instanceof List || value instanceof Tuple) return value.elems.length;
  if (value instanceof Dict || value instanceof StarlarkSet) return value.map.size;
  if (value instanceof Range) return value.length;
  if (value instanceof Bytes) return value.data.length;
  if (value instanceof Elems) {
    meter.work(value.length);
    return value.count;
  }
  throw new StarlarkError('type', `len: value of type ${typeName(value)} has no len${noneHint(value)}`);
}
