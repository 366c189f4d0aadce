import type { Kwargs } from '../../eval/callable.ts';
import { noKwargs } from '../../eval/callable.ts';
import type { Cost } from '../../eval/builtin.ts';
import type { Begun } from '../../eval/suspend.ts';
import type { Thread } from '../../eval/thread.ts';
import { assertPositional } from '../arguments.ts';
import type { Value } from '../value.ts';

/** How a method takes any call: `self` is the value it was taken from. */
export type MethodCall<Self> = (thread: Thread, self: Self, args: readonly Value[], kwargs: Kwargs) => Begun;

/**
 * A method of a built-in type. The `callN` forms do the same as `call` with N positional arguments, without an array
 * for them where the method has a short way.
 */
export interface Method<Self> {
  readonly name: string;
  readonly cost: Cost;
  readonly call: MethodCall<Self>;
  readonly call0: (thread: Thread, self: Self) => Begun;
  readonly call1: (thread: Thread, self: Self, a: Value) => Begun;
  readonly call2: (thread: Thread, self: Self, a: Value, b: Value) => Begun;
}

/** The short ways a method may have; each must agree with `call`. */
export type ShortCalls<Self> = Partial<Pick<Method<Self>, 'call0' | 'call1' | 'call2'>>;

/** A method that reads its own arguments. */
export function method<Self>(
  name: string,
  cost: Cost,
  call: MethodCall<Self>,
  short: ShortCalls<Self> = {},
): Method<Self> {
  return {
    name,
    cost,
    call,
    call0: short.call0 ?? ((thread, self) => call(thread, self, [], noKwargs)),
    call1: short.call1 ?? ((thread, self, a) => call(thread, self, [a], noKwargs)),
    call2: short.call2 ?? ((thread, self, a, b) => call(thread, self, [a, b], noKwargs)),
  };
}

/** A method without parameters. */
export function method0<Self>(
  name: string,
  cost: Cost,
  call0: (thread: Thread, self: Self) => Begun,
): Method<Self> {
  const call: MethodCall<Self> = (thread, self, args, kwargs) => {
    assertPositional(name, args, kwargs, 0, 0);
    return call0(thread, self);
  };
  return method(name, cost, call, { call0 });
}

/** A method with one parameter, given by position. */
export function method1<Self>(
  name: string,
  cost: Cost,
  call1: (thread: Thread, self: Self, a: Value) => Begun,
): Method<Self> {
  const call: MethodCall<Self> = (thread, self, args, kwargs) => {
    assertPositional(name, args, kwargs, 1, 1);
    return call1(thread, self, args[0] as Value);
  };
  return method(name, cost, call, { call1 });
}

/** The methods of one type by name. */
export type MethodTable<Self> = ReadonlyMap<string, Method<Self>>;

export function methodTable<Self>(methods: readonly Method<Self>[]): MethodTable<Self> {
  return new Map(methods.map((entry) => [entry.name, entry]));
}
