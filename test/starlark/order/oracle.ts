/**
 * Evaluates programs of tree.ts from left to right, as the specification says, by walking the tree: the oracle for the
 * order in which compiled code evaluates. It knows the few values and methods that the generator uses.
 */
import type { Argument, Clause, Expression, FormatPart, Param, Program, Statement } from './tree.ts';

type Held = null | boolean | number | string | Sequence | Dict | Callable;

/** `locks`: loops that go through it, during which it cannot change. */
class Sequence {
  readonly items: Held[];
  readonly isTuple: boolean;
  locks = 0;

  constructor(items: Held[], isTuple: boolean) {
    this.items = items;
    this.isTuple = isTuple;
    this.assertSmall();
  }

  assertSmall(): void {
    if (this.items.length > mostItems) throw new TooLarge();
  }
}

class Dict {
  readonly entries: Map<string, Held>;
  locks = 0;

  constructor(entries: Map<string, Held> = new Map()) {
    this.entries = entries;
  }

  set(key: Held, value: Held): void {
    if (this.locks > 0) throw new Failure();
    this.entries.set(key as string, value);
  }
}

type Callable = (args: readonly Held[], kwargs: ReadonlyMap<string, Held>) => Held;

/** A program that doubles a list again and again is not worth its time. */
const mostItems = 2000;

class TooLarge extends Error {}

/** An error of the script's: what it says plays no part. */
class Failure extends Error {}

class Returned {
  readonly value: Held;

  constructor(value: Held) {
    this.value = value;
  }
}

/** Names by function and comprehension, the innermost first. */
class Scope {
  readonly #names = new Map<string, Held>();
  readonly #outer: Scope | null;

  constructor(outer: Scope | null) {
    this.#outer = outer;
  }

  get(name: string): Held {
    const value = this.#names.get(name);
    if (value !== undefined) return value;
    if (this.#outer === null) throw new Failure();
    return this.#outer.get(name);
  }

  set(name: string, value: Held): void {
    this.#names.set(name, value);
  }
}

export interface Observed {
  /** The value's text; `error` when the program failed. */
  readonly result: string;
  /** What was handed to `note` and its kin, in order. */
  readonly trace: readonly string[];
}

/** What the program does: see order.ts for the functions that it calls. Undefined when its lists grow too long. */
export function evaluate(program: Program): Observed | undefined {
  const trace: string[] = [];
  const scope = new Scope(null);
  const note: Callable = (args, kwargs) => {
    trace.push(
      callText(
        args.map(show),
        [...kwargs].map(([name, value]) => `${name}=${show(value)}`),
      ),
    );
    return args[1]!;
  };
  const globals: Record<string, Held> = {
    note,
    wait: note,
    hash: ([value]) => hashOf(show(value!)),
    boom: (args) => {
      trace.push(`boom ${args.map(show).join()}`);
      throw new Failure();
    },
    list: ([value]) => new Sequence([...itemsOf(value!)], false),
    len: ([value]) => itemsOf(value!).length,
    range: ([count]) =>
      new Sequence(
        Array.from({ length: Math.max(0, count as number) }, (_, at) => at),
        false,
      ),
    dict: (args, kwargs) => new Dict(new Map([...entriesOf(args[0]), ...kwargs])),
    sorted: ([value], kwargs) => sort([...itemsOf(value!)], kwargs.get('key') as Callable),
    attempt: ([act]) => attempt(act as Callable),
    None: null,
    True: true,
    False: false,
  };
  for (const [name, value] of Object.entries(globals)) scope.set(name, value);
  try {
    const returned = runBlock(program, scope);
    return { result: show(returned?.value ?? null), trace };
  } catch (error) {
    if (error instanceof TooLarge) return undefined;
    if (!(error instanceof Failure)) throw error;
    return { result: 'error', trace };
  }
}

/** How one call of `note` is traced, given its arguments as texts. */
export function callText(args: readonly string[], kwargs: readonly string[]): string {
  return [...args, ...kwargs].join(' ');
}

/** A number from 0 to 96 that tells one value's text from another. */
export function hashOf(text: string): number {
  let hash = 7;
  for (let at = 0; at < text.length; at++) hash = (hash * 31 + text.charCodeAt(at)) % 97;
  return hash;
}

function sort(items: Held[], key: Callable): Sequence {
  const keyed = items.map((item) => [key([item], new Map()) as number, item] as const);
  return new Sequence(
    keyed.toSorted(([one], [other]) => one - other).map(([, item]) => item),
    false,
  );
}

function attempt(act: Callable): Held {
  try {
    return new Dict(
      new Map<string, Held>([
        ['ok', true],
        ['value', act([], new Map())],
      ]),
    );
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return new Dict(
      new Map<string, Held>([
        ['ok', false],
        ['value', null],
      ]),
    );
  }
}

/* Statements */

function runBlock(body: readonly Statement[], scope: Scope): Returned | null {
  for (const statement of body) {
    const returned = runStatement(statement, scope);
    if (returned !== null) return returned;
  }
  return null;
}

function runStatement(statement: Statement, scope: Scope): Returned | null {
  switch (statement.kind) {
    case 'assign':
      store(statement.target, value(statement.value, scope), scope);
      return null;
    case 'augmented':
      augment(statement, scope);
      return null;
    case 'expression':
      value(statement.value, scope);
      return null;
    case 'return':
      return new Returned(value(statement.value, scope));
    case 'if':
      return runBlock(
        isTrue(value(statement.condition, scope)) ? statement.then : statement.otherwise,
        scope,
      );
    case 'def':
      scope.set(statement.name, makeFunction(statement.params, statement.body, scope));
      return null;
    case 'for':
      return locked(value(statement.iterable, scope), (items) => {
        for (const item of items) {
          scope.set(statement.name, item);
          const returned = runBlock(statement.body, scope);
          if (returned !== null) return returned;
        }
        return null;
      });
  }
}

function store(target: Expression, held: Held, scope: Scope): void {
  if (target.kind === 'name') scope.set(target.name, held);
  else if (target.kind === 'index') {
    const object = value(target.object, scope);
    setItem(object, value(target.index, scope), held);
  } else if (target.kind === 'tuple') {
    const items = [...itemsOf(held)];
    if (items.length !== target.items.length) throw new Failure();
    target.items.forEach((item, at) => store(item, items[at]!, scope));
  }
}

function augment(
  { target, operator, value: right }: Extract<Statement, { kind: 'augmented' }>,
  scope: Scope,
): void {
  if (target.kind !== 'index') {
    const old = value(target, scope);
    return store(target, combineInPlace(operator, old, value(right, scope)), scope);
  }
  const object = value(target.object, scope);
  const index = value(target.index, scope);
  const old = itemAt(object, index);
  setItem(object, index, combineInPlace(operator, old, value(right, scope)));
}

function combineInPlace(operator: '+' | '-', old: Held, right: Held): Held {
  if (!(old instanceof Sequence) || old.isTuple) return combine(operator, old, right);
  extend(old, right);
  return old;
}

function extend(list: Sequence, more: Held): void {
  const items = [...itemsOf(more)];
  if (list.locks > 0) throw new Failure();
  list.items.push(...items);
  list.assertSmall();
}

function makeFunction(params: readonly Param[], body: readonly Statement[], scope: Scope): Callable {
  const fallbacks = params.map(({ fallback }) => (fallback === null ? undefined : value(fallback, scope)));
  return (args, kwargs) => {
    const inner = new Scope(scope);
    bind(params, fallbacks, args, kwargs).forEach((held, name) => inner.set(name, held));
    return runBlock(body, inner)?.value ?? null;
  };
}

function bind(
  params: readonly Param[],
  fallbacks: readonly (Held | undefined)[],
  args: readonly Held[],
  kwargs: ReadonlyMap<string, Held>,
): Map<string, Held> {
  const bound = new Map<string, Held>();
  const star = params.findIndex(({ kind }) => kind === 'args');
  const named = params.filter(({ kind }) => kind === 'required' || kind === 'optional');
  const positional = star < 0 ? named.length : star;
  if (star < 0 && args.length > positional) throw new Failure();
  named.slice(0, Math.min(positional, args.length)).forEach(({ name }, at) => bound.set(name, args[at]!));
  const rest = new Map<string, Held>();
  for (const [name, held] of kwargs) {
    if (bound.has(name)) throw new Failure();
    (named.some((param) => param.name === name) ? bound : rest).set(name, held);
  }
  const takesRest = params.find(({ kind }) => kind === 'kwargs');
  if (takesRest === undefined && rest.size > 0) throw new Failure();
  params.forEach(({ kind, name }, at) => {
    if (kind === 'args') bound.set(name, new Sequence(args.slice(positional), true));
    else if (kind === 'kwargs') bound.set(name, new Dict(rest));
    else if (!bound.has(name)) {
      const fallback = fallbacks[at];
      if (fallback === undefined) throw new Failure();
      bound.set(name, fallback);
    }
  });
  return bound;
}

/* Expressions */

function value(node: Expression, scope: Scope): Held {
  switch (node.kind) {
    case 'int':
    case 'text':
      return node.value;
    case 'name':
      return scope.get(node.name);
    case 'list':
    case 'tuple':
      return new Sequence(
        node.items.map((item) => value(item, scope)),
        node.kind === 'tuple',
      );
    case 'dict': {
      const made = new Dict();
      for (const [key, held] of node.entries) made.set(value(key, scope), value(held, scope));
      return made;
    }
    case 'operator':
      return operate(node, scope);
    case 'not':
      return !isTrue(value(node.operand, scope));
    case 'minus':
      return -(value(node.operand, scope) as number) + 0;
    case 'conditional':
      return value(isTrue(value(node.condition, scope)) ? node.then : node.otherwise, scope);
    case 'index': {
      const object = value(node.object, scope);
      return itemAt(object, value(node.index, scope));
    }
    case 'slice':
      return slice(node, scope);
    case 'format':
      return node.parts.map((part) => formatPart(part, scope)).join('');
    case 'lambda':
      return makeFunction(node.params, [{ kind: 'return', value: node.body }], scope);
    case 'call': {
      const callee = value(node.callee, scope) as Callable;
      const { args, kwargs } = valuesOf(node.args, scope);
      return callee(args, kwargs);
    }
    case 'method': {
      const object = value(node.object, scope);
      if (object instanceof Sequence && object.isTuple) throw new Failure();
      const { args, kwargs } = valuesOf(node.args, scope);
      return callMethod(object, node.name, args, kwargs);
    }
    case 'comprehension':
      return comprehend(node, scope);
  }
}

function operate(node: Extract<Expression, { kind: 'operator' }>, scope: Scope): Held {
  const left = value(node.left, scope);
  if (node.operator === 'and') return isTrue(left) ? value(node.right, scope) : left;
  if (node.operator === 'or') return isTrue(left) ? left : value(node.right, scope);
  return combine(node.operator, left, value(node.right, scope));
}

function combine(operator: string, left: Held, right: Held): Held {
  switch (operator) {
    case '+':
      if (left instanceof Sequence) return concatenate(left, right as Sequence);
      return typeof left === 'string' ? left + (right as string) : (left as number) + (right as number);
    case '-':
      return (left as number) - (right as number);
    case '%':
      if (right === 0) throw new Failure();
      return (((left as number) % (right as number)) + (right as number)) % (right as number);
    case '==':
      return isSame(left, right);
    case '!=':
      return !isSame(left, right);
    case '<':
      return (left as number) < (right as number);
    case '>=':
      return (left as number) >= (right as number);
    default: {
      const found =
        right instanceof Dict
          ? right.entries.has(left as string)
          : itemsOf(right).some((item) => isSame(item, left));
      return operator === 'in' ? found : !found;
    }
  }
}

function concatenate(left: Sequence, right: Sequence): Sequence {
  if (left.isTuple !== right.isTuple) throw new Failure();
  return new Sequence([...left.items, ...right.items], left.isTuple);
}

function itemAt(object: Held, index: Held): Held {
  const found =
    object instanceof Dict ? object.entries.get(index as string) : itemsOf(object).at(index as number);
  if (found === undefined) throw new Failure();
  return found;
}

function setItem(object: Held, index: Held, held: Held): void {
  if (object instanceof Dict) return object.set(index, held);
  const { items, locks, isTuple } = object as Sequence;
  const at = (index as number) < 0 ? items.length + (index as number) : (index as number);
  if (isTuple || locks > 0 || at < 0 || at >= items.length) throw new Failure();
  items[at] = held;
}

function slice(node: Extract<Expression, { kind: 'slice' }>, scope: Scope): Held {
  const object = value(node.object, scope);
  const low = node.low === null ? undefined : (value(node.low, scope) as number);
  const high = node.high === null ? undefined : (value(node.high, scope) as number);
  return new Sequence(itemsOf(object).slice(low, high), (object as Sequence).isTuple);
}

function formatPart(part: FormatPart, scope: Scope): string {
  if (typeof part === 'string') return part;
  const held = value(part.value, scope);
  if (part.width === null) return typeof held === 'string' ? held : show(held);
  return String(held).padStart(value(part.width, scope) as number);
}

function valuesOf(args: readonly Argument[], scope: Scope): { args: Held[]; kwargs: Map<string, Held> } {
  const given: Held[] = [];
  const kwargs = new Map<string, Held>();
  let spread: Dict = new Dict();
  for (const argument of args) {
    const held = value(argument.value, scope);
    if (argument.kind === 'positional') given.push(held);
    else if (argument.kind === 'named') kwargs.set(argument.name, held);
    else if (argument.kind === 'args') given.push(...itemsOf(held));
    else spread = held as Dict;
  }
  for (const [name, held] of spread.entries) {
    if (kwargs.has(name)) throw new Failure();
    kwargs.set(name, held);
  }
  return { args: given, kwargs };
}

function comprehend(node: Extract<Expression, { kind: 'comprehension' }>, scope: Scope): Held {
  const inner = new Scope(scope);
  const list = new Sequence([], false);
  const dict = new Dict();
  const [first, ...others] = node.clauses as [Extract<Clause, { kind: 'for' }>, ...Clause[]];
  const go = (clauses: readonly Clause[]): void => {
    const [clause, ...more] = clauses;
    if (clause === undefined) {
      if (node.key === null) list.items.push(value(node.value, inner));
      else dict.set(value(node.key, inner), value(node.value, inner));
    } else if (clause.kind === 'if') {
      if (isTrue(value(clause.condition, inner))) go(more);
    } else loop(clause, value(clause.iterable, inner), () => go(more));
  };
  const loop = (clause: Extract<Clause, { kind: 'for' }>, iterable: Held, act: () => void): void => {
    locked(iterable, (items) => {
      for (const item of items) {
        const parts = clause.names.length === 1 ? [item] : itemsOf(item);
        clause.names.forEach((name, at) => inner.set(name, parts[at]!));
        act();
      }
    });
  };
  loop(first, value(first.iterable, scope), () => go(others));
  return node.key === null ? list : dict;
}

/** Goes through a value, which cannot be changed meanwhile. */
function locked<T>(held: Held, act: (items: readonly Held[]) => T): T {
  const items = [...itemsOf(held)];
  const container = held as Sequence | Dict;
  container.locks++;
  try {
    return act(items);
  } finally {
    container.locks--;
  }
}

/* Values */

function callMethod(
  object: Held,
  name: string,
  args: readonly Held[],
  kwargs: ReadonlyMap<string, Held>,
): Held {
  if (typeof object === 'string') return formatBraces(object, args, kwargs);
  return object instanceof Dict
    ? callDictMethod(object, name, args, kwargs)
    : callListMethod(object as Sequence, name, args);
}

function formatBraces(text: string, args: readonly Held[], kwargs: ReadonlyMap<string, Held>): string {
  let next = 0;
  return text.replace(/\{(\w*)\}/gu, (_, name: string) => {
    const held = name === '' ? args[next++] : kwargs.get(name);
    if (held === undefined) throw new Failure();
    return typeof held === 'string' ? held : show(held);
  });
}

function callListMethod(list: Sequence, name: string, args: readonly Held[]): Held {
  if (name === 'index') {
    const at = list.items.findIndex((item) => isSame(item, args[0]!));
    if (at < 0) throw new Failure();
    return at;
  }
  if (list.locks > 0) throw new Failure();
  if (name === 'append') list.items.push(args[0]!);
  else if (name === 'extend') extend(list, args[0]!);
  else list.items.splice(args[0] as number, 0, args[1]!);
  return null;
}

function callDictMethod(
  dict: Dict,
  name: string,
  args: readonly Held[],
  kwargs: ReadonlyMap<string, Held>,
): Held {
  const [key, fallback = null] = args;
  switch (name) {
    case 'get':
      return dict.entries.get(key as string) ?? fallback;
    case 'keys':
      return new Sequence([...dict.entries.keys()], false);
    case 'setdefault':
      if (!dict.entries.has(key as string)) dict.set(key!, fallback);
      return dict.entries.get(key as string)!;
    default:
      if (dict.locks > 0) throw new Failure();
      for (const [each, held] of [...entriesOf(args[0]), ...kwargs]) dict.set(each, held);
      return null;
  }
}

function entriesOf(held: Held | undefined): (readonly [string, Held])[] {
  if (held === undefined) return [];
  if (held instanceof Dict) return [...held.entries];
  return itemsOf(held).map((pair) => itemsOf(pair) as readonly [string, Held]);
}

function itemsOf(held: Held): readonly Held[] {
  return held instanceof Dict ? [...held.entries.keys()] : (held as Sequence).items;
}

function isTrue(held: Held): boolean {
  if (held instanceof Sequence) return held.items.length > 0;
  if (held instanceof Dict) return held.entries.size > 0;
  return Boolean(held);
}

function isSame(one: Held, other: Held): boolean {
  if (one instanceof Dict && other instanceof Dict) {
    const { entries } = other;
    const holds = ([key, held]: [string, Held]): boolean => isSame(held, entries.get(key) ?? null);
    return one.entries.size === entries.size && [...one.entries].every(holds);
  }
  return show(one) === show(other);
}

/** The value as `repr` shows it. */
function show(held: Held): string {
  if (held === null) return 'None';
  if (held === true) return 'True';
  if (held === false) return 'False';
  if (typeof held === 'string') return JSON.stringify(held);
  if (held instanceof Dict) {
    return `{${[...held.entries].map(([key, each]) => `${JSON.stringify(key)}: ${show(each)}`).join(', ')}}`;
  }
  if (!(held instanceof Sequence)) return typeof held === 'number' ? String(held) : '<function>';
  const shown = held.items.map(show).join(', ');
  if (!held.isTuple) return `[${shown}]`;
  return held.items.length === 1 ? `(${shown},)` : `(${shown})`;
}
