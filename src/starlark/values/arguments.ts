/** Reading the arguments of built-in functions and methods, with one wording for all that can be wrong with them. */
import { StarlarkError } from '../errors.ts';
import type { Builtin } from '../eval/builtin.ts';
import type { Kwargs } from '../eval/callable.ts';
import type { StarlarkFunction } from '../eval/function.ts';
import type { Thread } from '../eval/thread.ts';
import { StarlarkFloat } from './float.ts';
import { nearest } from '../near-miss/index.ts';
import { isInt, type Int } from './int.ts';
import { iterationHint, tryElements, tryIterate } from './iterate.ts';
import { quoteShort } from './quote.ts';
import type { Range } from './range.ts';
import { isFunction, typeName } from './type-name.ts';
import type { Value } from './value.ts';

/** Checks a call that takes `min` to `max` positional arguments and no named ones. */
export function assertPositional(
  name: string,
  args: readonly Value[],
  kwargs: Kwargs,
  min: number,
  max: number,
): void {
  if (kwargs.size > 0)
    throw new StarlarkError('arguments', `${name}: unexpected keyword arguments (give them by position)`);
  assertCount(name, args.length, min, max);
}

function assertCount(name: string, count: number, min: number, max: number): void {
  if (count >= min && count <= max) return;
  const want = min === max ? String(min) : count < min ? `at least ${min}` : `at most ${max}`;
  throw new StarlarkError('arguments', `${name}: got ${count} arguments, want ${want}`);
}

/**
 * Matches positional and named arguments with `parameters`, of which the first `required` must be given.
 * The answer has one place for each parameter, undefined where nothing was given.
 */
export function unpack(
  name: string,
  args: readonly Value[],
  kwargs: Kwargs,
  parameters: readonly string[],
  required: number,
): (Value | undefined)[] {
  if (args.length > parameters.length) assertCount(name, args.length, required, parameters.length);
  const values: (Value | undefined)[] = parameters.map((_, i) => args[i]);
  for (const [key, value] of kwargs) {
    const i = parameters.indexOf(key);
    if (i < 0) throw unexpectedKeyword(name, key, parameters);
    if (values[i] !== undefined) {
      throw new StarlarkError(
        'arguments',
        `${name}: got multiple values for keyword argument ${quoteShort(key)}`,
      );
    }
    values[i] = value;
  }
  for (let i = 0; i < required; i++) {
    if (values[i] === undefined)
      throw new StarlarkError('arguments', `${name}: missing argument for ${parameters[i]}`);
  }
  return values;
}

/** Keyword arguments that authors expect from Python, and what to write instead. */
const keywordsInstead: ReadonlyMap<string, string> = new Map([
  ['max.default', 'write max(xs) if xs else value'],
  ['min.default', 'write min(xs) if xs else value'],
  ['print.end', 'each print is a line of its own'],
  ['sorted.cmp', 'write key=lambda x: …'],
  ['json.encode.indent', 'write json.encode_indent(x, indent="  ")'],
]);

function unexpectedKeyword(name: string, key: string, parameters: readonly string[]): StarlarkError {
  const near = nearest(key, parameters);
  const instead =
    keywordsInstead.get(`${name}.${key}`) ??
    (near === undefined ? `it takes ${parameters.join(', ')}` : `did you mean ${near}?`);
  const hint = parameters.length === 0 ? '' : ` (${instead})`;
  return new StarlarkError('arguments', `${name}: unexpected keyword argument ${quoteShort(key)}${hint}`);
}

function wrongType(name: string, parameter: string | number, value: Value, want: string): StarlarkError {
  return new StarlarkError(
    'type',
    `${name}: for parameter ${parameter}: got ${typeName(value)}, want ${want}`,
  );
}

export function asInt(name: string, parameter: string | number, value: Value): Int {
  if (isInt(value)) return value;
  throw wrongType(name, parameter, value, value instanceof StarlarkFloat ? 'int (write int(x))' : 'int');
}

/** An int that fits an index or a count; larger ones are cut to the safe range, where they mean the same. */
export function asIndex(name: string, parameter: string | number, value: Value): number {
  const int = asInt(name, parameter, value);
  if (typeof int === 'number') return int;
  return int < 0n ? Number.MIN_SAFE_INTEGER : Number.MAX_SAFE_INTEGER;
}

export function asString(name: string, parameter: string | number, value: Value): string {
  if (typeof value === 'string') return value;
  throw wrongType(name, parameter, value, isInt(value) ? 'string (write str(x))' : 'string');
}

export function asBool(name: string, parameter: string | number, value: Value): boolean {
  if (typeof value === 'boolean') return value;
  throw wrongType(name, parameter, value, 'bool');
}

export function asCallable(
  name: string,
  parameter: string | number,
  value: Value,
): StarlarkFunction | Builtin {
  if (isFunction(value)) return value;
  const hint = typeof value === 'string' ? ` (write lambda x: x[${quoteShort(value)}])` : '';
  throw wrongType(name, parameter, value, `callable${hint}`);
}

/** The elements of an iterable argument, not to be changed. */
export function asElements(
  thread: Thread,
  name: string,
  parameter: string | number,
  value: Value,
): readonly Value[] {
  const elements = tryElements(thread, value);
  if (elements !== undefined) return elements;
  throw wrongType(name, parameter, value, `iterable${iterationHint(value)}`);
}

/** As {@link asElements}, but a range is left as it is. */
export function asIterable(
  thread: Thread,
  name: string,
  parameter: string | number,
  value: Value,
): readonly Value[] | Range {
  const items = tryIterate(thread, value);
  if (items !== undefined) return items;
  throw wrongType(name, parameter, value, `iterable${iterationHint(value)}`);
}

/** An optional start or end index as slices read it: counted from the end when negative, then cut to 0..length. */
export function clampIndex(
  name: string,
  what: 'start' | 'end',
  value: Value | undefined,
  length: number,
  absent: number,
): number {
  if (value === undefined || value === null) return absent;
  if (!isInt(value)) {
    throw new StarlarkError('type', `${name}: invalid ${what} index: got ${typeName(value)}, want int`);
  }
  if (typeof value === 'bigint') return value < 0n ? 0 : length;
  return value < 0 ? Math.max(0, value + length) : Math.min(value, length);
}
