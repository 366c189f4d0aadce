import { asInt } from './arguments.ts';
import { rangeOf, type Range } from './range.ts';
import type { Value } from './value.ts';

/** The range for the arguments of a call. @throws StarlarkError 'type' or 'value' */
export function rangeOfValues(first: Value, second: Value | undefined, third: Value | undefined): Range {
  return rangeOf(
    asInt('range', 1, first),
    second === undefined ? undefined : asInt('range', 2, second),
    third === undefined ? 1 : asInt('range', 3, third),
  );
}
