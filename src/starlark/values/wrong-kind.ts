/** What to say when a value is of another kind than the author took it for; empty where nothing is known. */
import { Dict } from './dict.ts';
import { StarlarkFloat } from './float.ts';
import { HostValue } from './host-value.ts';
import { isInt } from './int.ts';
import { List } from './list.ts';
import { quote } from './quote.ts';
import { Tuple } from './tuple.ts';
import { isFunction } from './type-name.ts';
import type { Value } from './value.ts';

/** Longer texts are shown by their beginning. */
const maxShown = 40;

/** For `x[i]`, where `x` cannot be indexed by such an `i`. */
export function indexHint(x: Value, i: Value): string {
  if (x === null) return ' (the value before [ is None; write x[…] if x else None)';
  if (isFunction(x)) return ' (this is a function; call it first)';
  if (typeof i !== 'string') return '';
  if (typeof x === 'string')
    return ` (the value before [ is a string, ${shown(x)}; a loop over a dict goes through its keys)`;
  const key = i.length > maxShown ? '…' : quote(i);
  return x instanceof List || x instanceof Tuple
    ? ` (take an element first, x[0][${key}], or loop over x)`
    : '';
}

/** For an operator, or a function, that does not take the None among these. */
export function noneHint(...values: readonly Value[]): string {
  return values.includes(null) ? ' (a value is None; test it first, or write x or 0, x or "", x or [])' : '';
}

/** For a sign before what is no number. */
export function unaryHint(operator: string, x: Value): string {
  if (operator === '-' && typeof x === 'string')
    return ' (to sort texts downwards, write sorted(xs, key=…, reverse=True))';
  return noneHint(x);
}

/** For two values that have no order. */
export function orderHint(x: Value, y: Value): string {
  if (x === null || y === null) {
    const other = x ?? y;
    const instead = other === null ? 'leave it out' : `leave it out, or write ${emptyFor(other)}`;
    return ` (a value is None, which has no order; ${instead})`;
  }
  if (isTimeAndText(x, y) || isTimeAndText(y, x)) return ' (make a time of the text: time.parse_time(text))';
  if ((typeof x === 'string' && isInt(y)) || (isInt(x) && typeof y === 'string'))
    return ' (convert one: int(x) or str(x))';
  if (x instanceof Dict && y instanceof Dict) return ' (give key=lambda x: x["name"] to go by a field)';
  return '';
}

/** What stands for nothing beside such a value. */
function emptyFor(other: Value): string {
  if (typeof other === 'string') return 'x or ""';
  if (other instanceof List) return 'x or []';
  if (other instanceof Tuple) return 'x or ()';
  return isInt(other) || other instanceof StarlarkFloat ? 'x or 0' : 'a value of the type of the others';
}

function isTimeAndText(x: Value, y: Value): boolean {
  return x instanceof HostValue && x.type === 'time.time' && typeof y === 'string';
}

/** For a value that is written as a number. */
export function formatHint(value: Value): string {
  return typeof value === 'string' ? ' (write float(x) or int(x))' : noneHint(value);
}

/** For a value that several variables should share. */
export function unpackHint(value: Value): string {
  if (typeof value === 'string')
    return ' (a loop over a dict goes through its keys: write for k, v in x.items())';
  return value === null ? ' (the value is None)' : '';
}

/** For an attribute that is set. */
export function setAttributeHint(x: Value, name: string): string {
  return x instanceof Dict ? ` (write x["${name}"] = value)` : '';
}

function shown(text: string): string {
  return text.length <= maxShown ? quote(text) : `${quote(text.slice(0, maxShown))}…`;
}
