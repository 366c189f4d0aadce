import { StarlarkError } from '../errors.ts';
import { begin, type Begun } from '../eval/suspend.ts';
import type { Thread } from '../eval/thread.ts';
import { Bytes } from './bytes.ts';
import { countCodePoints } from './code-points.ts';
import { Dict } from './dict.ts';
import { Elems } from './elems.ts';
import { List } from './list.ts';
import { Range } from './range.ts';
import { StarlarkSet } from './set.ts';
import { Tuple } from './tuple.ts';
import { typeName } from './type-name.ts';
import type { Value } from './value.ts';
import { noneHint } from './wrong-kind.ts';

/** The number of elements, for `len`. Fails for values that have none. Begun, for what is to be counted first. */
export function lengthOf(thread: Thread, value: Value): Begun {
  if (typeof value === 'string') return value.length;
  if (value instanceof List || value instanceof Tuple) return value.elems.length;
  if (value instanceof Dict || value instanceof StarlarkSet) return value.map.size;
  if (value instanceof Range) return value.length;
  if (value instanceof Bytes) return value.data.length;
  if (value instanceof Elems) {
    const { source } = value;
    if (typeof source !== 'string' || !value.isOfCodePoints) return value.length;
    return begin(thread, countCodePoints(thread, source));
  }
  throw new StarlarkError('type', `len: value of type ${typeName(value)} has no len${noneHint(value)}`);
}
