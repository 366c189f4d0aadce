import { StarlarkError } from '../errors.ts';
import { Dict } from '../values/dict.ts';
import type { Value } from '../values/value.ts';
import { typeName, isFunction } from '../values/type-name.ts';
import { type Builtin, callbackBuiltin } from './builtin.ts';
import { StarlarkFunction } from './function.ts';
import { type Callable, noKwargs } from './callable.ts';
import type { Thread } from './thread.ts';

/**
 * `attempt(fn)`: calls `fn` and returns `{"ok": True, "value": …}`, or `{"ok": False, "error": …}` with the error's
 * message when it fails. Limits, cancellation and defects of the
 * interpreter are never caught.
 */
export const attempt: Builtin = callbackBuiltin('attempt', function* (thread, args, kwargs) {
  const fn = args[0];
  if (args.length !== 1 || kwargs.size > 0) {
    throw new StarlarkError(
      'arguments',
      `attempt: got ${args.length + kwargs.size} arguments, want 1: attempt(lambda: …)`,
    );
  }
  const callable = toBranch('attempt', fn!);
  const { depth } = thread;
  try {
    const value =
      callable.start === null
        ? callable.call(thread, [], noKwargs)
        : yield* callable.start(thread, [], noKwargs);
    return success(thread, value);
  } catch (error) {
    if (!(error instanceof StarlarkError) || !error.catchable) throw error;
    thread.depth = depth;
    return failure(thread, error);
  }
});

/** Something that can be called without arguments. */
export function toBranch(name: string, value: Value): Callable {
  if (isFunction(value)) {
    if (value instanceof StarlarkFunction) assertCallableAlone(name, value);
    return value;
  }
  throw new StarlarkError(
    'type',
    `${name}: got ${typeName(value)}, want a function; write lambda: … around the call instead of calling it here`,
  );
}

function assertCallableAlone(name: string, { shape, defaults }: StarlarkFunction): void {
  const needed = shape.params.filter((_, at) => defaults?.[at] === undefined);
  const [first] = needed;
  if (first === undefined) return;
  throw new StarlarkError(
    'arguments',
    `${name}: function ${shape.name} missing ${needed.length} argument${needed.length === 1 ? '' : 's'} ` +
      `(${needed.join(', ')}); ${name} gives it none: write lambda ${first}=${first}: … to bind a value`,
  );
}

export function success(thread: Thread, value: Value): Dict {
  const result = new Dict();
  result.set(thread, 'ok', true);
  result.set(thread, 'value', value);
  return result;
}

export function failure(thread: Thread, error: StarlarkError): Dict {
  const result = new Dict();
  result.set(thread, 'ok', false);
  result.set(thread, 'error', error.message);
  return result;
}
