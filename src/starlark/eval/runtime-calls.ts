/**
 * The functions of the runtime that have to do with calls; see runtime.ts for what they have in common. All that this
 * file exports is for compiled code.
 */
import { StarlarkError } from '../errors.ts';
import * as attributes from '../values/attributes.ts';
import { payAppend } from '../values/costs.ts';
import { Dict } from '../values/dict.ts';
import { isQuickKey } from '../values/keys.ts';
import { List } from '../values/list.ts';
import { isFunction, typeName } from '../values/type-name.ts';
import type { Value } from '../values/value.ts';
import { Builtin, settle } from './builtin.ts';
import { type Callable, type Kwargs, noKwargs, type Resumable } from './callable.ts';
import { type ModuleInfo, unwind } from './failures.ts';
import { fromBuiltin } from './origin.ts';
import { type FunctionShape, StarlarkFunction } from './function.ts';
import { begin, type Begun, suspended } from './suspend.ts';
import type { Thread } from './thread.ts';

const unboundGlobal = 'no line that gives it a value has run before this one';
const unboundLocal =
  'no line that gives it a value has run; a function that assigns to a name has a variable of its own, ' +
  'so keep what is shared in a dict, d["n"] += 1';

export function unbound(name: string, isGlobal: boolean): never {
  throw new StarlarkError(
    'unbound',
    `${isGlobal ? 'global' : 'local'} variable ${name} referenced before assignment (${isGlobal ? unboundGlobal : unboundLocal})`,
  );
}

/** A call begins. */
export function enter(thread: Thread): void {
  if (++thread.depth > thread.maxDepth) tooDeep(thread);
}

/** A call ends with a value. */
export function leave(thread: Thread, value: Value): Value {
  thread.depth--;
  return value;
}

/** Pays for steps. True when the caller, if it can, should pause. */
export function spend(thread: Thread, steps: number): boolean {
  return (thread.fuel -= steps) < 0 && thread.refill();
}

function tooDeep(thread: Thread): never {
  thread.depth--;
  throw new StarlarkError(
    'depth_limit',
    `too many calls within calls: at most ${thread.maxDepth} can be active`,
  );
}

const withoutRecursion =
  'write a loop instead, over a list of what is left to do: todo = [x], for i in range(10000): ' +
  'if i == len(todo): break, then take todo[i] and append what follows from it';

/** As {@link enter}, for a function that must not be active already. */
export function enterOnce(thread: Thread, id: number, { name }: FunctionShape): void {
  enter(thread);
  const { active } = thread.fiber;
  if (active.has(id)) {
    thread.depth--;
    throw new StarlarkError('recursion', `function ${name} called recursively; ${withoutRecursion}`);
  }
  active.add(id);
}

/** As {@link leave}, for a function that `enterOnce` began. */
export function leaveOnce(thread: Thread, value: Value, id: number): Value {
  thread.depth--;
  thread.fiber.active.delete(id);
  return value;
}

/** As `unwind`, for a function that `enterOnce` began. */
export function unwindOnce(
  thread: Thread,
  error: unknown,
  module: ModuleInfo,
  id: number,
  site: number,
  ...locked: readonly (Value | null)[]
): StarlarkError {
  thread.fiber.active.delete(id);
  return unwind(thread, error, module, id, site, ...locked);
}

function toCallable(value: Value): Callable {
  if (isFunction(value)) return value;
  throw new StarlarkError(
    'type',
    `invalid call of non-function (${typeName(value)}); a variable may hide a function of its name`,
  );
}

export function callPlain(
  thread: Thread,
  callee: Builtin | StarlarkFunction,
  args: Value[],
  kwargs: Kwargs,
): Value {
  try {
    return callee.call(thread, args, kwargs);
  } catch (error) {
    throw callee instanceof Builtin ? fromBuiltin(error, callee.name) : error;
  }
}

export function callAny(thread: Thread, callee: Value, args: Value[], kwargs: Kwargs): Value {
  return callPlain(thread, toCallable(callee) as Builtin, args, kwargs);
}

export function call0(thread: Thread, callee: Value): Value {
  if (callee instanceof StarlarkFunction && callee.arity === 0 && callee.start === null)
    return callee.code(thread) as Value;
  return callAny(thread, callee, [], noKwargs);
}

export function call1(thread: Thread, callee: Value, a: Value): Value {
  if (callee instanceof StarlarkFunction && callee.arity === 1 && callee.start === null)
    return callee.code(thread, a) as Value;
  return callAny(thread, callee, [a], noKwargs);
}

export function call2(thread: Thread, callee: Value, a: Value, b: Value): Value {
  if (callee instanceof StarlarkFunction && callee.arity === 2 && callee.start === null)
    return callee.code(thread, a, b) as Value;
  return callAny(thread, callee, [a, b], noKwargs);
}

export function call3(thread: Thread, callee: Value, a: Value, b: Value, c: Value): Value {
  return callAny(thread, callee, [a, b, c], noKwargs);
}

/** As {@link callPlain}, for a built-in function that pauses where it has much to do. */
export function beginPlain(thread: Thread, callee: Builtin, args: Value[], kwargs: Kwargs): Begun {
  try {
    return named(thread, callee.name, callee.begin(thread, args, kwargs));
  } catch (error) {
    throw fromBuiltin(error, callee.name);
  }
}

/** Notes which built-in function a call that paused is one of. */
function named(thread: Thread, origin: string, begun: Begun): Begun {
  if (begun === suspended) {
    const calls = thread.suspendedCalls;
    const { running, live } = calls.pop()!;
    calls.push({ running, live, origin });
  }
  return begun;
}

/** Begins a call of something that has a `start`; errors of a built-in function bear its name. */
export function beginWaiting(
  thread: Thread,
  callee: Callable,
  args: Value[],
  kwargs: Kwargs,
  site: number,
): Begun {
  thread.site = site;
  if (callee instanceof Builtin) return beginPlain(thread, callee, args, kwargs);
  return begin(thread, callee.start!(thread, args, kwargs));
}

export function beginAny(thread: Thread, callee: Value, args: Value[], kwargs: Kwargs, site: number): Begun {
  thread.site = site;
  const callable = toCallable(callee);
  if (callable instanceof Builtin) return beginPlain(thread, callable, args, kwargs);
  if (callable.start === null) return callPlain(thread, callable as StarlarkFunction, args, kwargs);
  return beginWaiting(thread, callable, args, kwargs, site);
}

export function begin0(thread: Thread, callee: Value, site: number): Begun {
  if (!(callee instanceof StarlarkFunction) || callee.arity !== 0)
    return beginAny(thread, callee, [], noKwargs, site);
  const result = callee.code(thread);
  return callee.start === null ? (result as Value) : begin(thread, result as Resumable);
}

export function begin1(thread: Thread, callee: Value, a: Value, site: number): Begun {
  if (!(callee instanceof StarlarkFunction) || callee.arity !== 1)
    return beginAny(thread, callee, [a], noKwargs, site);
  const result = callee.code(thread, a);
  return callee.start === null ? (result as Value) : begin(thread, result as Resumable);
}

export function begin2(thread: Thread, callee: Value, a: Value, b: Value, site: number): Begun {
  if (!(callee instanceof StarlarkFunction) || callee.arity !== 2)
    return beginAny(thread, callee, [a, b], noKwargs, site);
  const result = callee.code(thread, a, b);
  return callee.start === null ? (result as Value) : begin(thread, result as Resumable);
}

export function begin3(thread: Thread, callee: Value, a: Value, b: Value, c: Value, site: number): Begun {
  return beginAny(thread, callee, [a, b, c], noKwargs, site);
}

/* Methods; an error of one bears its name */

export function callMethod(thread: Thread, x: Value, name: string, args: Value[], kwargs: Kwargs): Value {
  try {
    return settle(thread, name, attributes.callMethod(thread, x, name, args, kwargs));
  } catch (error) {
    throw fromBuiltin(error, name);
  }
}

export function callMethod0(thread: Thread, x: Value, name: string): Value {
  try {
    return settle(thread, name, attributes.callMethod0(thread, x, name));
  } catch (error) {
    throw fromBuiltin(error, name);
  }
}

export function callMethod1(thread: Thread, x: Value, name: string, a: Value): Value {
  try {
    return settle(thread, name, attributes.callMethod1(thread, x, name, a));
  } catch (error) {
    throw fromBuiltin(error, name);
  }
}

export function callMethod2(thread: Thread, x: Value, name: string, a: Value, b: Value): Value {
  try {
    return settle(thread, name, attributes.callMethod2(thread, x, name, a, b));
  } catch (error) {
    throw fromBuiltin(error, name);
  }
}

/* The same for methods that pause where they have much to do, called from code that can be suspended */

export function beginMethod(thread: Thread, x: Value, name: string, args: Value[], kwargs: Kwargs): Begun {
  try {
    return named(thread, name, attributes.callMethod(thread, x, name, args, kwargs));
  } catch (error) {
    throw fromBuiltin(error, name);
  }
}

export function beginMethod0(thread: Thread, x: Value, name: string): Begun {
  try {
    return named(thread, name, attributes.callMethod0(thread, x, name));
  } catch (error) {
    throw fromBuiltin(error, name);
  }
}

export function beginMethod1(thread: Thread, x: Value, name: string, a: Value): Begun {
  try {
    return named(thread, name, attributes.callMethod1(thread, x, name, a));
  } catch (error) {
    throw fromBuiltin(error, name);
  }
}

export function beginMethod2(thread: Thread, x: Value, name: string, a: Value, b: Value): Begun {
  try {
    return named(thread, name, attributes.callMethod2(thread, x, name, a, b));
  } catch (error) {
    throw fromBuiltin(error, name);
  }
}

export function append(thread: Thread, x: Value, value: Value): Value {
  if (!(x instanceof List) || x.locks !== 0) return callMethod1(thread, x, 'append', value);
  thread.charge(8);
  payAppend(thread, x.elems.length);
  x.elems.push(value);
  return null;
}

export function get1(thread: Thread, x: Value, key: Value): Value {
  if (!(x instanceof Dict) || !isQuickKey(key)) return callMethod1(thread, x, 'get', key);
  return x.map.get(key) ?? null;
}

export function get2(thread: Thread, x: Value, key: Value, fallback: Value): Value {
  if (!(x instanceof Dict) || !isQuickKey(key)) return callMethod2(thread, x, 'get', key, fallback);
  const value = x.map.get(key);
  return value === undefined ? fallback : value;
}
