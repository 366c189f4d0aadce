/** `x.name`: the methods of built-in types, the members of modules, and calls of methods without binding them first. */
import { StarlarkError } from '../errors.ts';
import { Builtin, type Cost } from '../eval/builtin.ts';
import type { Kwargs } from '../eval/callable.ts';
import { noKwargs } from '../eval/callable.ts';
import type { Begun } from '../eval/suspend.ts';
import type { Thread } from '../eval/thread.ts';
import { attributeInstead, memberInstead } from './attribute-hints.ts';
import { BoundMethod } from './bound-method.ts';
import { Bytes } from './bytes.ts';
import { Dict } from './dict.ts';
import { HostValue } from './host-value.ts';
import { List } from './list.ts';
import { bytesMethods } from './methods/bytes.ts';
import { dictMethods } from './methods/dict.ts';
import { listMethods } from './methods/list.ts';
import type { Method, MethodTable } from './methods/method.ts';
import { setMethods } from './methods/set.ts';
import { stringMethods } from './methods/string.ts';
import { Module } from './module.ts';
import { nearest } from '../near-miss/index.ts';
import { StarlarkSet } from './set.ts';
import { isFunction, typeName } from './type-name.ts';
import type { Value } from './value.ts';
import { setAttributeHint } from './wrong-kind.ts';

/** The value of `x.name`. Fails, with a near miss where there is one, when `x` has no such attribute. */
export function getAttr(x: Value, name: string): Value {
  const value = tryAttr(x, name);
  if (value === undefined) throw noAttribute(x, name);
  return value;
}

/** As {@link getAttr}, but undefined when there is no such attribute. */
export function tryAttr(x: Value, name: string): Value | undefined {
  if (x instanceof Module) return x.members.get(name);
  if (x instanceof HostValue) return x.attr(name);
  if (x instanceof Builtin) return x.members?.get(name);
  const found = methodOf(x, name);
  if (found === undefined) return undefined;
  return new BoundMethod(name, x, found.cost, (thread, args, kwargs) => found.call(thread, x, args, kwargs));
}

/** Fails as {@link getAttr} does when `x` has no such attribute. */
export function assertAttr(x: Value, name: string): void {
  if (tryAttr(x, name) === undefined) throw noAttribute(x, name);
}

/** Which of these types have a method of this name. */
export function typesWithMethod(name: string): { string: boolean; list: boolean; dict: boolean } {
  return { string: stringMethods.has(name), list: listMethods.has(name), dict: dictMethods.has(name) };
}

/** The methods of all built-in types, by the type's name. */
export const methodTables: ReadonlyMap<string, MethodTable<Value>> = new Map(
  Object.entries({
    string: stringMethods,
    bytes: bytesMethods,
    list: listMethods,
    dict: dictMethods,
    set: setMethods,
  }).map(([type, table]) => [type, table as MethodTable<never> as MethodTable<Value>]),
);

const inPieces: ReadonlySet<Cost> = new Set<Cost>(['pieces', 'long']);

/** The names of all methods that pause where they have much to do, whatever their type. */
export const pausingMethods: ReadonlySet<string> = new Set(
  Array.from(methodTables.values(), (table) => [...table.values()])
    .flat()
    .filter(({ cost }) => inPieces.has(cost))
    .map(({ name }) => name),
);

/** A dict with more keys holds data rather than fields. */
const mostCompared = 20;

/** No built-in value has attributes that can be set. */
export function setAttr(x: Value, name: string): never {
  throw new StarlarkError(
    'attribute',
    `can't assign to .${name} field of ${typeName(x)}${setAttributeHint(x, name)}`,
  );
}

/** The names that `dir(x)` gives, sorted. */
export function attributeNames(x: Value): string[] {
  if (x instanceof Module) return Array.from(x.members.keys()).sort();
  if (x instanceof HostValue) return x.attributeNames().toSorted();
  return Array.from(methodsOf(x)?.keys() ?? []).sort();
}

/** `x.name(*args, **kwargs)`, begun, for values whose attributes never wait on the host. */
export function callMethod(
  thread: Thread,
  x: Value,
  name: string,
  args: readonly Value[],
  kwargs: Kwargs,
): Begun {
  const found = methodOf(x, name);
  return found === undefined
    ? callMember(thread, x, name, args, kwargs)
    : found.call(thread, x, args, kwargs);
}

/** `x.name()`. */
export function callMethod0(thread: Thread, x: Value, name: string): Begun {
  const found = methodOf(x, name);
  return found === undefined ? callMember(thread, x, name, [], noKwargs) : found.call0(thread, x);
}

/** `x.name(a)`. */
export function callMethod1(thread: Thread, x: Value, name: string, a: Value): Begun {
  const found = methodOf(x, name);
  return found === undefined ? callMember(thread, x, name, [a], noKwargs) : found.call1(thread, x, a);
}

/** `x.name(a, b)`. */
export function callMethod2(thread: Thread, x: Value, name: string, a: Value, b: Value): Begun {
  const found = methodOf(x, name);
  return found === undefined ? callMember(thread, x, name, [a, b], noKwargs) : found.call2(thread, x, a, b);
}

function callMember(thread: Thread, x: Value, name: string, args: readonly Value[], kwargs: Kwargs): Begun {
  const member = getAttr(x, name);
  if (member instanceof Builtin) return member.begin(thread, args, kwargs);
  if (isFunction(member)) return member.call(thread, args, kwargs);
  throw new StarlarkError('type', `invalid call of non-function (${typeName(member)})`);
}

function methodOf(x: Value, name: string): Method<Value> | undefined {
  return methodsOf(x)?.get(name);
}

/** Each table takes only values of its own type as `self`, and it is picked by that type. */
function methodsOf(x: Value): MethodTable<Value> | undefined {
  if (typeof x === 'string') return stringMethods as MethodTable<never> as MethodTable<Value>;
  if (x instanceof List) return listMethods as MethodTable<never> as MethodTable<Value>;
  if (x instanceof Dict) return dictMethods as MethodTable<never> as MethodTable<Value>;
  if (x instanceof StarlarkSet) return setMethods as MethodTable<never> as MethodTable<Value>;
  if (x instanceof Bytes) return bytesMethods as MethodTable<never> as MethodTable<Value>;
  return undefined;
}

/** What is wrong with `x.name` where there is none; `asker` begins the message. */
export function noAttribute(x: Value, name: string, asker: string = ''): StarlarkError {
  const type = x instanceof Module ? `module ${x.name}` : typeName(x);
  const message = `${asker}${type} has no .${name} field or method${attributeHint(x, name)}`;
  return new StarlarkError('attribute', message);
}

/** For an attribute of a dict: the item that was meant. */
function itemHint(x: Dict, name: string): string {
  const keys = x.size > mostCompared ? [] : x.keys().filter((key) => typeof key === 'string');
  const near = nearest(name, keys);
  return near === undefined ? ` (an item is read as x["${name}"])` : ` (did you mean x["${near}"]?)`;
}

/** What to write instead: a field where an item was meant, or the nearest name. */
function attributeHint(x: Value, name: string): string {
  if (x instanceof Dict && x.has(name)) return ` (write x["${name}"])`;
  const instead = x instanceof Module ? memberInstead(x.name, name) : attributeInstead(typeName(x), name);
  if (instead !== undefined) return ` (${instead})`;
  const near = nearest(name, attributeNames(x));
  if (near !== undefined) return ` (did you mean .${near}?)`;
  if (x === null) return ' (the value is None; test it first)';
  return x instanceof Dict ? itemHint(x, name) : '';
}
