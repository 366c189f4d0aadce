import { StarlarkError } from '../errors.ts';
import { Dict } from '../values/dict.ts';
import { Tuple } from '../values/tuple.ts';
import type { Value } from '../values/value.ts';
import { runWithoutWaiting } from './builtin.ts';
import type { Callable, Kwargs, Resumable, Start } from './callable.ts';
import type { Thread } from './thread.ts';

/** What all closures of one `def` or `lambda` share. */
export interface FunctionShape {
  readonly name: string;
  /** Names of the parameters in order, without `*args` and `**kwargs`. */
  readonly params: readonly string[];
  /** How many of them can be given by position; the rest are keyword-only. */
  readonly positional: number;
  /** How many of those that can be given by position have a default. */
  readonly optional: number;
  readonly hasArgs: boolean;
  readonly hasKwargs: boolean;
  readonly doc: string | null;
  /** Whether the compiled code is a generator, because it may wait or run for long. */
  readonly isResumable: boolean;
  /** Variables that the loop in which its closures are made binds, and that they read only when they are called. */
  readonly loopReads: readonly string[];
}

/**
 * Compiled code: the thread, then a value for each parameter in the order of `params`, then the tuple of `*args`,
 * then the dict of `**kwargs`.
 */
export type Code = (thread: Thread, ...values: Value[]) => Value | Resumable;

/** A function of the script's: compiled code, and the defaults that its `def` evaluated. */
export class StarlarkFunction implements Callable {
  readonly shape: FunctionShape;
  readonly code: Code;
  /** One for each parameter; undefined where none was given. Null when no parameter has any. */
  readonly defaults: readonly (Value | undefined)[] | null;
  /** The present values of the variables that the function took from around it. */
  readonly captured: (() => readonly (Value | undefined)[]) | null;
  /** How many values a call by position alone must give so that `code` can be called at once; -1 when it never can. */
  readonly arity: number;
  readonly start: ((this: StarlarkFunction, ...args: Parameters<Start>) => Resumable) | null;

  constructor(
    shape: FunctionShape,
    code: Code,
    defaults: readonly (Value | undefined)[] | null = null,
    captured: (() => readonly (Value | undefined)[]) | null = null,
  ) {
    this.shape = shape;
    this.code = code;
    this.defaults = defaults;
    this.captured = captured;
    const isSimple = !shape.hasArgs && !shape.hasKwargs && shape.positional === shape.params.length;
    this.arity = isSimple ? shape.positional : -1;
    this.start = shape.isResumable ? startFunction : null;
  }

  get name(): string {
    return this.shape.name;
  }

  call(thread: Thread, args: readonly Value[], kwargs: Kwargs): Value {
    const result = this.code(thread, ...bindArguments(this, args, kwargs));
    return this.shape.isResumable
      ? runWithoutWaiting(thread, this.name, result as Resumable)
      : (result as Value);
  }
}

function startFunction(
  this: StarlarkFunction,
  thread: Thread,
  args: readonly Value[],
  kwargs: Kwargs,
): Resumable {
  return this.code(thread, ...bindArguments(this, args, kwargs)) as Resumable;
}

/** Arranges a call's arguments as the code takes them. @throws StarlarkError 'arguments', in the Go implementation's words */
export function bindArguments(fn: StarlarkFunction, args: readonly Value[], kwargs: Kwargs): Value[] {
  const { shape } = fn;
  if (args.length === fn.arity && kwargs.size === 0) return args as Value[];
  const count = shape.params.length;
  const bound: (Value | undefined)[] = args.slice(0, shape.positional);
  if (args.length > shape.positional && !shape.hasArgs) refuseSurplus(fn, args.length, kwargs.size);
  while (bound.length < count) bound.push(undefined);
  const surplus = bindNamed(shape, bound, kwargs);
  fillDefaults(fn, bound);
  if (shape.hasArgs) bound.push(new Tuple(args.slice(shape.positional)));
  if (shape.hasKwargs) bound.push(surplus ?? new Dict());
  return bound as Value[];
}

function refuseSurplus({ shape }: StarlarkFunction, given: number, named: number): never {
  const { name, params, positional, optional, hasKwargs } = shape;
  if (params.length === 0 && !hasKwargs)
    throw refusal(`function ${name} accepts no arguments (${given + named} given)`);
  throw refusal(
    `function ${name} accepts ${optional > 0 ? 'at most ' : ''}${positional} positional argument${positional === 1 ? '' : 's'} (${given} given)`,
  );
}

function refusal(message: string): StarlarkError {
  return new StarlarkError('arguments', message);
}

function bindNamed(shape: FunctionShape, bound: (Value | undefined)[], kwargs: Kwargs): Dict | null {
  let surplus: Dict | null = null;
  for (const [name, value] of kwargs) {
    const at = shape.params.indexOf(name);
    if (at >= 0) {
      if (bound[at] !== undefined) {
        throw refusal(`function ${shape.name} got multiple values for parameter "${name}"`);
      }
      bound[at] = value;
    } else if (shape.hasKwargs) {
      surplus ??= new Dict();
      surplus.map.set(name, value);
    } else {
      throw refusal(unexpectedKeyword(shape, name, kwargs.size));
    }
  }
  return surplus;
}

function unexpectedKeyword(
  { name: fn, params, hasArgs }: FunctionShape,
  name: string,
  given: number,
): string {
  if (params.length === 0 && !hasArgs)
    return `function ${fn} accepts no arguments (${given} given): unexpected keyword argument "${name}"`;
  const known =
    params.length === 0 ? 'it has no named parameters' : `its parameters are ${params.join(', ')}`;
  return `function ${fn} got an unexpected keyword argument "${name}"; ${known}`;
}

function fillDefaults({ shape, defaults }: StarlarkFunction, bound: (Value | undefined)[]): void {
  let missing: string[] | null = null;
  for (let at = 0; at < shape.params.length; at++) {
    if (bound[at] !== undefined) continue;
    bound[at] = defaults?.[at];
    if (bound[at] === undefined) (missing ??= []).push(shape.params[at]!);
  }
  if (missing === null) return;
  throw refusal(
    `function ${shape.name} missing ${missing.length} argument${missing.length === 1 ? '' : 's'} (${missing.join(', ')})`,
  );
}
