import { StarlarkError } from '../errors.ts';
import type { Value } from '../values/value.ts';
import {
  type Callable,
  type Kwargs,
  type Live,
  nothingLive,
  type Outcome,
  type Resumable,
  type Start,
} from './callable.ts';
import { LateValue } from './late-value.ts';
import { advance, type SuspendedCall, takeAnswer } from './suspend.ts';
import type { Thread } from './thread.ts';

/** A function of the host's or of the library's, as a script sees it. */
export class Builtin implements Callable {
  readonly name: string;
  readonly start: Start | null;
  readonly #call: PlainCall | null;

  constructor(name: string, call: PlainCall | null, start: Start | null) {
    this.name = name;
    this.#call = call;
    this.start = start;
  }

  /** Whether a call with positional arguments alone calls nothing back, and so never waits. */
  get hasPlainForm(): boolean {
    return this.#call !== null;
  }

  call(thread: Thread, args: readonly Value[], kwargs: Kwargs): Value {
    if (this.#call !== null) return this.#call(thread, args, kwargs);
    return runWithoutWaiting(thread, this.name, this.start!(thread, args, kwargs));
  }
}

export type PlainCall = (thread: Thread, args: readonly Value[], kwargs: Kwargs) => Value;
export type HostCall = (
  thread: Thread,
  args: readonly Value[],
  kwargs: Kwargs,
) => Value | PromiseLike<Value | LateValue>;

/**
 * A function of the host's. It may return a promise unless `mayWait` is false: of its value or, for one that may be large,
 * of a {@link LateValue}. While it is under way, `thread.onCancel` (asked before the first await) tells it when the run or
 * its branch is cancelled. What it throws becomes a StarlarkError with code `host` at the place of the call.
 */
export function createBuiltin(name: string, call: HostCall, options: { mayWait?: boolean } = {}): Builtin {
  const guarded: HostCall = (thread, args, kwargs) => {
    try {
      return call(thread, args, kwargs);
    } catch (error) {
      throw toHostError(error);
    }
  };
  if (options.mayWait === false) return new Builtin(name, guarded as PlainCall, null);
  return new Builtin(name, null, (thread, args, kwargs) =>
    waitFor(thread, guarded(thread, args, kwargs), args),
  );
}

/** A library function that never waits: the usual kind. */
export function plainBuiltin(name: string, call: PlainCall): Builtin {
  return new Builtin(name, call, null);
}

/**
 * A library function that calls back into the script, written as a generator (see callable.ts). If it calls back
 * only what it is given by keyword, `plain` serves the calls that have positional arguments alone, without the
 * cost of a generator.
 */
export function callbackBuiltin(name: string, start: Start, plain: PlainCall | null = null): Builtin {
  return new Builtin(name, plain, start);
}

function* waitFor(thread: Thread, result: ReturnType<HostCall>, live: Live): Resumable {
  if (!isPromise(result)) return result;
  thread.request = result;
  try {
    yield live;
    const given: Value | LateValue = takeAnswer(thread);
    return given instanceof LateValue ? given.take() : given;
  } catch (error) {
    throw toHostError(error);
  }
}

function toHostError(error: unknown): StarlarkError {
  if (error instanceof StarlarkError) return error;
  return new StarlarkError('host', error instanceof Error ? error.message : String(error), { cause: error });
}

function isPromise(value: ReturnType<HostCall>): value is PromiseLike<Value | LateValue> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}

/** Runs a call that is not expected to wait; pauses are skipped, a wait is refused. */
export function runWithoutWaiting(thread: Thread, name: string, running: Resumable): Value {
  const stack: SuspendedCall[] = [{ running, live: nothingLive }];
  let reply: Outcome = { ok: true, value: null };
  for (;;) {
    const outcome = advance(thread, stack, reply);
    if (outcome?.ok === true) return outcome.value as Value;
    if (outcome !== null) throw outcome.error;
    if (thread.request === null) reply = { ok: true, value: null };
    else reply = { ok: false, error: new StarlarkError('host', `${name}: cannot wait for the host here`) };
  }
}
