/**
 * The functions that compiled code refers to by name. Each takes, after its own arguments, the place in the source
 * as one more, which it ignores: evaluating that argument notes the place.
 */
import { StarlarkError } from '../errors.ts';
import type { ArithmeticOperator } from '../syntax/ast.ts';
import * as attributes from '../values/attributes.ts';
import * as operators from '../values/binary.ts';
import { compare } from '../values/compare.ts';
import { contains as containsItem } from '../values/contains.ts';
import { copying, perEntry } from '../values/costs.ts';
import { Dict } from '../values/dict.ts';
import { equals } from '../values/equals.ts';
import { formatValue } from '../values/format-spec.ts';
import { StarlarkFloat } from '../values/float.ts';
import * as indexing from '../values/indexing.ts';
import { iterate, lock, tryIterate, unlock } from '../values/iterate.ts';
import { isQuickKey } from '../values/keys.ts';
import { lengthOf } from '../values/length.ts';
import { List } from '../values/list.ts';
import { nearest } from '../near-miss/index.ts';
import { beginningOf } from '../values/quote.ts';
import { Range } from '../values/range.ts';
import { rangeOfValues } from '../values/range-arguments.ts';
import { repr, reprShort, toStr } from '../values/repr.ts';
import { truth } from '../values/truth.ts';
import { Tuple } from '../values/tuple.ts';
import { typeName } from '../values/type-name.ts';
import type { Value } from '../values/value.ts';
import { unpackHint } from '../values/wrong-kind.ts';
import { settle } from './builtin.ts';
import { noKwargs, nothingLive, type Resumable } from './callable.ts';
import { note, unwind } from './failures.ts';
import { StarlarkFunction } from './function.ts';
import { fromBuiltin } from './origin.ts';
import * as calls from './runtime-calls.ts';
import { begin, type Begun, suspended, takeAnswer } from './suspend.ts';
import type { Thread } from './thread.ts';

/* Making values */

function tuple(_thread: Thread, elems: Value[]): Tuple {
  return new Tuple(elems);
}

function list(thread: Thread, elems: Value[]): List {
  thread.charge(32 + 8 * elems.length);
  return new List(elems);
}

/** A dict of keys and values by turns; a key given twice is an error. */
function dict(thread: Thread, parts: readonly Value[]): Dict {
  thread.charge(48);
  const made = new Dict();
  for (let at = 0; at < parts.length; at += 2) {
    if (made.has(parts[at]!, thread))
      throw new StarlarkError('key', `duplicate key: ${reprShort(thread, parts[at]!)}`);
    made.set(thread, parts[at]!, parts[at + 1]!);
  }
  return made;
}

/** As {@link dict}, for keys that are different texts. */
function record(thread: Thread, parts: readonly Value[]): Dict {
  thread.charge(48 + 32 * parts.length);
  const made = new Dict();
  for (let at = 0; at < parts.length; at += 2) made.map.set(parts[at]!, parts[at + 1]!);
  return made;
}

function setEntry(thread: Thread, made: Dict, key: Value, value: Value): void {
  made.set(thread, key, value);
}

function join(thread: Thread, parts: readonly string[]): string {
  let length = 0;
  for (const part of parts) length += part.length;
  thread.charge(16 + length);
  thread.make(copying(length));
  return parts.join('');
}

/** `range(…)` that a loop goes through. */
function range(_thread: Thread, first: Value, second: Value | undefined, third: Value | undefined): Range {
  try {
    return rangeOfValues(first, second, third);
  } catch (error) {
    throw fromBuiltin(error, 'range');
  }
}

/** The elements of a sequence that is assigned to `count` targets. */
function unpack(thread: Thread, value: Value, count: number): readonly Value[] {
  const items = tryIterate(thread, value);
  if (items === undefined) {
    throw new StarlarkError('type', `got ${typeName(value)} in sequence assignment${unpackHint(value)}`);
  }
  if (items.length > count) {
    throw new StarlarkError('value', `too many values to unpack (got ${items.length}, want ${count})`);
  }
  if (items.length < count) {
    throw new StarlarkError('value', `too few values to unpack (got ${items.length}, want ${count})`);
  }
  return items instanceof Range ? items.toArray() : items;
}

/* Loops */

/** Ranges up to this long are gone through like lists. */
const shortRange = 1024;

/** What a loop goes through, which cannot be changed until the loop is over. */
function open(thread: Thread, value: Value): readonly Value[] | Range {
  const items = iterate(thread, value);
  lock(value);
  return items instanceof Range && items.length <= shortRange ? items.toArray() : items;
}

/** What a loop is at; see `open`. */
function itemAt(items: readonly Value[] | Range, at: number): Value {
  return items.at(at)!;
}

/** Ends a loop; returns what its variable for the lock is to hold from now on. */
function close(value: Value): null {
  unlock(value);
  return null;
}

/* Operators */

/** An operator of two numbers of which at least one is a float; undefined when that is not what they are. */
function floats(x: Value, y: Value, work: (x: number, y: number) => number): StarlarkFloat | undefined {
  if (x instanceof StarlarkFloat) {
    if (y instanceof StarlarkFloat) return new StarlarkFloat(work(x.value, y.value));
    return typeof y === 'number' ? new StarlarkFloat(work(x.value, y)) : undefined;
  }
  return typeof x === 'number' && y instanceof StarlarkFloat
    ? new StarlarkFloat(work(x, y.value))
    : undefined;
}

function add(thread: Thread, x: Value, y: Value): Value {
  if (typeof x === 'string' && typeof y === 'string') return operators.concatenate(thread, x, y);
  return floats(x, y, (a, b) => a + b) ?? operators.add(thread, x, y);
}

function subtract(thread: Thread, x: Value, y: Value): Value {
  return settle(thread, '-', beginSubtract(thread, x, y));
}

/** This one and its kin are for code that can be suspended: the operator may have much to do. */
function beginSubtract(thread: Thread, x: Value, y: Value): Begun {
  return floats(x, y, (a, b) => a - b) ?? operators.subtract(thread, x, y);
}

function binary(thread: Thread, operator: ArithmeticOperator, x: Value, y: Value): Value {
  return settle(thread, operator, operators.binary(thread, operator, x, y));
}

function multiply(thread: Thread, x: Value, y: Value): Value {
  return floats(x, y, (a, b) => a * b) ?? operators.multiply(thread, x, y);
}

function inplaceAdd(thread: Thread, x: Value, y: Value): Value {
  if (typeof x === 'string' && typeof y === 'string') return operators.concatenate(thread, x, y);
  return floats(x, y, (a, b) => a + b) ?? operators.inplaceAdd(thread, x, y);
}

function inplace(thread: Thread, operator: ArithmeticOperator, x: Value, y: Value): Value {
  return settle(thread, operator, operators.inplace(thread, operator, x, y));
}

function len(thread: Thread, value: Value): Value {
  try {
    return settle(thread, 'len', lengthOf(thread, value));
  } catch (error) {
    throw fromBuiltin(error, 'len');
  }
}

function str(thread: Thread, value: Value): Value {
  return toStr(thread, value);
}

function type(_thread: Thread, value: Value): Value {
  return typeName(value);
}

/* Elements, with dicts first */

function index(thread: Thread, x: Value, i: Value): Value {
  if (x instanceof Dict && isQuickKey(i)) {
    const value = x.map.get(i);
    if (value !== undefined) return value;
  }
  return indexing.index(thread, x, i);
}

/** As `index`, for an element that is about to be changed. */
function indexToChange(thread: Thread, x: Value, i: Value): Value {
  if (x instanceof Dict && isQuickKey(i)) {
    const value = x.map.get(i);
    if (value !== undefined) return value;
  }
  return indexing.indexToChange(thread, x, i);
}

function setIndex(thread: Thread, x: Value, i: Value, value: Value): void {
  if (x instanceof Dict) x.set(thread, i, value);
  else indexing.setIndex(thread, x, i, value);
}

function contains(thread: Thread, item: Value, container: Value): boolean {
  return settle(thread, 'in', beginContains(thread, item, container)) as boolean;
}

function beginContains(thread: Thread, item: Value, container: Value): Begun {
  if (container instanceof Dict && isQuickKey(item)) return container.map.has(item);
  return containsItem(thread, container, item);
}

/** The values of `*args` in a call. */
function spread(thread: Thread, value: Value): readonly Value[] {
  const items = tryIterate(thread, value);
  if (items === undefined)
    throw new StarlarkError('type', `argument after * must be iterable, not ${typeName(value)}`);
  thread.charge(8 * items.length);
  thread.work(2 * items.length);
  return items instanceof Range ? items.toArray() : items;
}

/** The arguments given by name in a call: names and values by turns. */
function named(parts: readonly Value[]): Map<string, Value> {
  const made = new Map<string, Value>();
  for (let at = 0; at < parts.length; at += 2) made.set(parts[at] as string, parts[at + 1]!);
  return made;
}

/** Adds the entries of `**kwargs` in a call to the arguments given by name; `twice` begins what is wrong with one given so. */
function spreadNamed(
  thread: Thread,
  twice: string,
  given: Map<string, Value>,
  value: Value,
): Map<string, Value> {
  if (!(value instanceof Dict)) {
    throw new StarlarkError('type', `argument after ** must be a mapping, not ${typeName(value)}`);
  }
  thread.charge(48 + 64 * value.size);
  thread.work(2 * perEntry * value.size);
  value.forEach((key, held) => {
    if (typeof key !== 'string') {
      throw new StarlarkError('type', `keywords must be strings, not ${typeName(key)}`);
    }
    if (given.has(key)) throw new StarlarkError('arguments', `${twice} "${beginningOf(key)}"`);
    given.set(key, held);
  });
  return given;
}

/* Loading modules */

function* loadModule(thread: Thread, module: string): Resumable {
  const { load } = thread.options;
  if (load === undefined) throw new StarlarkError('load', `cannot load ${module}: there are no modules here`);
  thread.request = load(module);
  yield nothingLive;
  return takeAnswer(thread);
}

function loaded(globals: ReadonlyMap<string, Value>, module: string, name: string): Value {
  const value = globals.get(name);
  if (value !== undefined) return value;
  const near = nearest(name, globals.keys());
  const hint = near === undefined ? '' : ` (did you mean ${near}?)`;
  throw new StarlarkError('load', `load: name ${name} not found in module ${module}${hint}`);
}

/** By the names that compiled code uses. */
export const runtime: Readonly<Record<string, unknown>> = {
  ...calls,
  suspended,
  begin,
  takeAnswer,
  note,
  unwind,
  noKwargs,
  Dict,
  List,
  Range,
  StarlarkFunction,
  tuple,
  list,
  dict,
  record,
  setEntry,
  join,
  range,
  unpack,
  truth,
  equals,
  compare,
  index,
  indexToChange,
  setIndex,
  slice: indexing.slice,
  open,
  itemAt,
  close,
  repr,
  toStr,
  formatValue,
  inplace,
  inplaceAdd,
  len,
  str,
  type,
  spread,
  named,
  spreadNamed,
  loadModule,
  loaded,
  binary,
  beginBinary: operators.binary,
  beginSubtract,
  beginInplace: operators.inplace,
  beginContains,
  add,
  subtract,
  multiply,
  divide: (_thread: Thread, x: Value, y: Value): Value => operators.divide(x, y),
  floorDivide: operators.floorDivide,
  modulo: operators.modulo,
  contains,
  unary: operators.unary,
  getAttr: attributes.getAttr,
  assertAttr: attributes.assertAttr,
  setAttr: attributes.setAttr,
};
