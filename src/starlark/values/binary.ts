/**
 * The operators, in full generality. Generated code has its own short ways for small ints and strings and comes here
 * for the rest.
 */
import { StarlarkError } from '../errors.ts';
import type { Pieces } from '../eval/pieces.ts';
import { begin, type Begun } from '../eval/suspend.ts';
import type { Thread } from '../eval/thread.ts';
import { Bytes } from './bytes.ts';
import { copying, joining, payExtend, payLength } from './costs.ts';
import { Dict } from './dict.ts';
import { mergeDict } from './dict-update.ts';
import { floorDivideFloat, intToFloat, moduloFloat, StarlarkFloat } from './float.ts';
import { formatPercent } from './format-percent.ts';
import { HostValue } from './host-value.ts';
import * as int from './int.ts';
import { isInt } from './int.ts';
import { tryElements } from './iterate.ts';
import { List } from './list.ts';
import { assertMutable } from './locks.ts';
import type { BinaryOperator, UnaryOperator } from './operator.ts';

import { addAll, become, difference, intersection, symmetricDifference, union } from './set-algebra.ts';
import { StarlarkSet } from './set.ts';
import { Tuple } from './tuple.ts';
import { typeName } from './type-name.ts';
import { unknownOperator } from './unknown-operator.ts';
import type { Value } from './value.ts';
import { unaryHint } from './wrong-kind.ts';

/** Operators that make a value of two, and no question. */
type Operator = Exclude<BinaryOperator, 'in' | 'not in'>;

/** `x operator y`, begun. */
export function binary(thread: Thread, operator: Operator, x: Value, y: Value): Begun {
  switch (operator) {
    case '+':
      return add(thread, x, y);
    case '-':
      return subtract(thread, x, y);
    case '*':
      return multiply(thread, x, y);
    case '/':
      return divide(x, y);
    case '//':
      return floorDivide(thread, x, y);
    case '%':
      return modulo(thread, x, y);
    default:
      return bitwise(thread, operator, x, y);
  }
}

/** `x + y`: a sum, or two sequences of one type joined. */
export function add(thread: Thread, x: Value, y: Value): Value {
  if (typeof x === 'string' && typeof y === 'string') {
    return concatenate(thread, x, y);
  }
  if (isInt(x) && isInt(y)) return int.addInt(thread, x, y);
  const floats = asFloats(x, y);
  if (floats !== undefined) return new StarlarkFloat(floats.x + floats.y);
  if (x instanceof List && y instanceof List) return new List(joinElems(thread, x.elems, y.elems));
  if (x instanceof Tuple && y instanceof Tuple) return new Tuple(joinElems(thread, x.elems, y.elems));
  if (x instanceof Bytes && y instanceof Bytes) {
    thread.charge(16 + x.data.length + y.data.length);
    thread.make(copying(x.data.length + y.data.length));
    const data = new Uint8Array(x.data.length + y.data.length);
    data.set(x.data);
    data.set(y.data, x.data.length);
    return new Bytes(data);
  }
  return hostBinary('+', x, y);
}

function joinElems(thread: Thread, x: readonly Value[], y: readonly Value[]): Value[] {
  thread.charge(32 + 8 * (x.length + y.length));
  payLength(thread, x.length + y.length);
  return x.concat(y);
}

/**
 * Two texts as one. JavaScript puts off joining them until somebody looks: from a size on where that takes long, it is
 * paid for here.
 */
export function concatenate(thread: Thread, x: string, y: string): string {
  const length = x.length + y.length;
  thread.charge(16 + length);
  if (length > longJoined) thread.make(joining(length));
  return x + y;
}

const longJoined = 2 ** 23;

/** `x - y`, begun: a difference of numbers or sets. */
export function subtract(thread: Thread, x: Value, y: Value): Begun {
  if (isInt(x) && isInt(y)) return int.subtractInt(thread, x, y);
  const floats = asFloats(x, y);
  if (floats !== undefined) return new StarlarkFloat(floats.x - floats.y);
  if (x instanceof StarlarkSet && y instanceof StarlarkSet) return begin(thread, difference(thread, x, [y]));
  return hostBinary('-', x, y);
}

/** `x * y`: a product, or a sequence repeated. */
export function multiply(thread: Thread, x: Value, y: Value): Value {
  if (isInt(x))
    return isInt(y) ? int.multiplyInt(thread, x, y) : (repeat(thread, y, x) ?? multiplyFloats(x, y));
  return isInt(y) ? (repeat(thread, x, y) ?? multiplyFloats(x, y)) : multiplyFloats(x, y);
}

function multiplyFloats(x: Value, y: Value): Value {
  const floats = asFloats(x, y);
  if (floats === undefined) return hostBinary('*', x, y);
  return new StarlarkFloat(floats.x * floats.y);
}

/** `sequence` put together `count` times; undefined when it is no sequence that repeats. */
function repeat(thread: Thread, sequence: Value, count: int.Int): Value | undefined {
  const times = count <= 0 ? 0 : Number(count);
  if (typeof sequence === 'string') {
    if (times === 0 || sequence === '') return '';
    thread.charge(16 + sequence.length * times);
    thread.make(joining(sequence.length * times));
    return sequence.repeat(times);
  }
  if (sequence instanceof List) return new List(repeatElems(thread, sequence.elems, times));
  if (sequence instanceof Tuple) return new Tuple(repeatElems(thread, sequence.elems, times));
  if (!(sequence instanceof Bytes)) return undefined;
  const { data } = sequence;
  thread.charge(16 + data.length * times);
  thread.make(copying(data.length * times) + 4 * times);
  const repeated = new Uint8Array(data.length * times);
  for (let at = 0; at < repeated.length; at += data.length) repeated.set(data, at);
  return new Bytes(repeated);
}

function repeatElems(thread: Thread, elems: readonly Value[], times: number): Value[] {
  const { length } = elems;
  if (length === 0 || times === 0) return [];
  thread.charge(32 + 8 * length * times);
  payLength(thread, length * times);
  // oxlint-disable-next-line unicorn/no-new-array -- the argument is the length, and filling it is the quickest way
  if (length === 1) return new Array<Value>(times).fill(elems[0] as Value);
  thread.make((length * times) >>> 2);
  // oxlint-disable-next-line unicorn/no-new-array -- the argument is the length
  const repeated = new Array<Value>(length * times);
  let at = 0;
  for (let n = 0; n < times; n++) for (let i = 0; i < length; i++) repeated[at++] = elems[i] as Value;
  return repeated;
}

/** `x / y`: always a float. */
export function divide(x: Value, y: Value): Value {
  const floats = isInt(x) && isInt(y) ? { x: intToFloat(x), y: intToFloat(y) } : asFloats(x, y);
  if (floats === undefined) return hostBinary('/', x, y);
  if (floats.y === 0) throw new StarlarkError('zero_division', 'floating-point division by zero');
  return new StarlarkFloat(floats.x / floats.y);
}

/** `x // y`: the quotient rounded towards minus infinity. */
export function floorDivide(thread: Thread, x: Value, y: Value): Value {
  if (isInt(x) && isInt(y)) return int.floorDivideInt(thread, x, y);
  const floats = asFloats(x, y);
  if (floats === undefined) return hostBinary('//', x, y);
  return new StarlarkFloat(floorDivideFloat(floats.x, floats.y));
}

/** `x % y`: a remainder with the sign of `y`, or a format string filled in. */
export function modulo(thread: Thread, x: Value, y: Value): Value {
  if (isInt(x) && isInt(y)) return int.moduloInt(thread, x, y);
  if (typeof x === 'string') return formatPercent(thread, x, y);
  const floats = asFloats(x, y);
  if (floats === undefined) return hostBinary('%', x, y);
  return new StarlarkFloat(moduloFloat(floats.x, floats.y));
}

function bitwise(thread: Thread, operator: '|' | '&' | '^' | '<<' | '>>', x: Value, y: Value): Begun {
  if (isInt(x) && isInt(y)) return bitwiseInts(thread, operator, x, y);
  if (x instanceof StarlarkSet && y instanceof StarlarkSet) {
    if (operator === '|') return begin(thread, union(thread, x, [y]));
    if (operator === '&') return begin(thread, intersection(thread, x, [y]));
    if (operator === '^') return begin(thread, symmetricDifference(thread, x, [y]));
  }
  if (operator === '|' && x instanceof Dict && y instanceof Dict) return begin(thread, merged(thread, x, y));
  return hostBinary(operator, x, y);
}

function* merged(thread: Thread, x: Dict, y: Dict): Pieces<Dict> {
  const both = new Dict();
  yield* mergeDict(thread, both, x);
  yield* mergeDict(thread, both, y);
  return both;
}

function bitwiseInts(
  thread: Thread,
  operator: '|' | '&' | '^' | '<<' | '>>',
  x: int.Int,
  y: int.Int,
): int.Int {
  switch (operator) {
    case '|':
      return int.orInt(thread, x, y);
    case '&':
      return int.andInt(thread, x, y);
    case '^':
      return int.xorInt(thread, x, y);
    case '<<':
      return int.shiftLeft(thread, x, y);
    case '>>':
      return int.shiftRight(thread, x, y);
  }
}

/** `operator x`. */
export function unary(operator: UnaryOperator, x: Value): Value {
  if (isInt(x)) return operator === '-' ? int.negateInt(x) : operator === '+' ? x : int.invertInt(x);
  if (x instanceof StarlarkFloat && operator !== '~')
    return operator === '-' ? new StarlarkFloat(-x.value) : x;
  throw new StarlarkError('type', `unknown unary op: ${operator} ${typeName(x)}${unaryHint(operator, x)}`);
}

/**
 * `x operator= y`, begun: changes a list, dict or set in place where the language says so, else as `x operator y`.
 * Gives the new value of `x`.
 */
export function inplace(thread: Thread, operator: Operator, x: Value, y: Value): Begun {
  if (x instanceof List && operator === '+') return inplaceAdd(thread, x, y);
  if (x instanceof Dict && operator === '|' && y instanceof Dict) {
    assertMutable(x, 'apply |= to', 'hash table');
    return begin(thread, inplaceMerged(thread, x, y));
  }
  if (x instanceof StarlarkSet && y instanceof StarlarkSet) return inplaceSet(thread, operator, x, y);
  return binary(thread, operator, x, y);
}

/** `x += y`: a list takes the elements of any iterable. */
export function inplaceAdd(thread: Thread, x: Value, y: Value): Value {
  if (!(x instanceof List)) return add(thread, x, y);
  const elements = tryElements(thread, y);
  if (elements === undefined) return hostBinary('+', x, y);
  x.assertMutable('apply += to');
  const count = elements.length;
  thread.charge(8 * count);
  payExtend(thread, x.elems.length, count);
  x.extend(elements, 0, count);
  return x;
}

function* inplaceMerged(thread: Thread, x: Dict, y: Dict): Pieces<Dict> {
  yield* mergeDict(thread, x, y);
  return x;
}

function inplaceSet(thread: Thread, operator: Operator, x: StarlarkSet, y: StarlarkSet): Begun {
  if (!setOperators.has(operator)) return binary(thread, operator, x, y);
  assertMutable(x, `apply ${operator}= to`, 'hash table');
  return begin(thread, changeSet(thread, operator, x, y));
}

function* changeSet(thread: Thread, operator: Operator, x: StarlarkSet, y: StarlarkSet): Pieces<StarlarkSet> {
  if (operator === '|') yield* addAll(thread, x, [y]);
  else if (operator === '&') yield* become(thread, x, yield* intersection(thread, x, [y]));
  else if (operator === '-') yield* become(thread, x, yield* difference(thread, x, [y]));
  else yield* become(thread, x, yield* symmetricDifference(thread, x, [y]));
  return x;
}

const setOperators: ReadonlySet<BinaryOperator> = new Set(['|', '&', '-', '^']);

/** The two as floats when both are numbers and at least one is a float. */
function asFloats(x: Value, y: Value): { x: number; y: number } | undefined {
  if (x instanceof StarlarkFloat) {
    if (y instanceof StarlarkFloat) return { x: x.value, y: y.value };
    return isInt(y) ? { x: x.value, y: intToFloat(y) } : undefined;
  }
  return y instanceof StarlarkFloat && isInt(x) ? { x: intToFloat(x), y: y.value } : undefined;
}

/** Asks an operand of a type beyond the language's own; fails when there is none that knows the operator. */
function hostBinary(operator: BinaryOperator, x: Value, y: Value): Value {
  const result =
    (x instanceof HostValue ? x.binary(operator, y, false) : undefined) ??
    (y instanceof HostValue ? y.binary(operator, x, true) : undefined);
  if (result === undefined) throw unknownOperator(operator, x, y);
  return result;
}
