import { StarlarkError } from '../errors.ts';
import type { Value } from '../values/value.ts';
import {
  type Callable,
  type Fork,
  type Kwargs,
  type Live,
  nothingLive,
  type Outcome,
  type Resumable,
  type Start,
} from './callable.ts';
import { LateValue } from './late-value.ts';
import { SubProgram } from './sub-program.ts';
import { advance, begin, type Begun, suspended, type SuspendedCall, takeAnswer } from './suspend.ts';
import type { Thread } from './thread.ts';

/**
 * How a function of the library's pays for the time that it takes, which depends on what it is given. One of these has to
 * be named for each, and a test calls them all with the largest values that there can be (costs.test.ts).
 * - `step`: there is nothing to pay, it takes about as long as a step whatever it is given;
 * - `paid`: it tells the thread before it goes through anything (`Thread.work`), and is refused beyond what may be done
 *   in one go;
 * - `pieces`: it does what is long in pieces, and others have their turn between them (see pieces.ts);
 * - `long`: the same, and mostly there is much: a function that calls it is compiled so that it can be interrupted.
 */
export type Cost = 'step' | 'paid' | 'pieces' | 'long';

/** A function of the host's or of the library's, as a script sees it. */
export class Builtin implements Callable {
  readonly name: string;
  readonly start: Start | null;
  /** Undefined for what knows its host's costs alone. */
  readonly cost: Cost | undefined;
  /** What stands behind its name and a dot, such as `str.lower`; null where nothing does. */
  readonly members: ReadonlyMap<string, Value> | null;
  readonly #call: PlainCall | null;

  constructor(
    name: string,
    call: PlainCall | null,
    start: Start | null,
    cost?: Cost,
    members: ReadonlyMap<string, Value> | null = null,
  ) {
    this.name = name;
    this.members = members;
    this.#call = call;
    this.start = start;
    this.cost = cost;
  }

  /** Whether a call with positional arguments alone calls nothing back, and so never waits. */
  get hasPlainForm(): boolean {
    return this.#call !== null;
  }

  call(thread: Thread, args: readonly Value[], kwargs: Kwargs): Value {
    if (this.#call !== null) return settle(thread, this.name, this.#call(thread, args, kwargs));
    return runWithoutWaiting(thread, this.name, this.start!(thread, args, kwargs));
  }

  /** For a caller that can be suspended. */
  begin(thread: Thread, args: readonly Value[], kwargs: Kwargs): Begun {
    if (this.#call !== null) return this.#call(thread, args, kwargs);
    return begin(thread, this.start!(thread, args, kwargs));
  }
}

export type PlainCall = (thread: Thread, args: readonly Value[], kwargs: Kwargs) => Begun;
export type HostCall = (
  thread: Thread,
  args: readonly Value[],
  kwargs: Kwargs,
) => Value | PromiseLike<Value | LateValue | SubProgram>;

/**
 * A function of the host's. It may return a promise unless `mayWait` is false: of its value or, for one that may be large,
 * of a {@link LateValue}; or of a {@link SubProgram}, which then runs in its place. While it is under way, `thread.onCancel` (asked before the first await) tells it when the run or
 * its branch is cancelled. A run that was cancelled calls it no more. What it throws becomes a StarlarkError with code `host` at the place of the call.
 */
export function createBuiltin(name: string, call: HostCall, options: { mayWait?: boolean } = {}): Builtin {
  const guarded: HostCall = (thread, args, kwargs) => {
    if (thread.cancelled !== null) throw thread.cancelled;
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
export function plainBuiltin(name: string, cost: Cost, call: PlainCall): Builtin {
  return new Builtin(name, call, null, cost);
}

/** A library function that calls back into the script, written as a generator (see callable.ts). */
export function callbackBuiltin(name: string, start: Start): Builtin {
  return new Builtin(name, null, start);
}

function* waitFor(thread: Thread, result: ReturnType<HostCall>, live: Live): Resumable {
  if (!isPromise(result)) return result;
  thread.request = result;
  try {
    yield live;
    let given: Value | LateValue | SubProgram = takeAnswer(thread);
    if (given instanceof SubProgram) given = yield* given.run(thread);
    return given instanceof LateValue ? given.take() : given;
  } catch (error) {
    throw toHostError(error);
  }
}

function toHostError(error: unknown): StarlarkError {
  if (error instanceof StarlarkError) return error;
  return new StarlarkError('host', error instanceof Error ? error.message : String(error), { cause: error });
}

function isPromise(value: ReturnType<HostCall>): value is PromiseLike<Value | LateValue | SubProgram> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}

/** The value of a call that was begun where it cannot be suspended: what is left of it is done at once. */
export function settle(thread: Thread, name: string, begun: Begun): Value {
  if (begun !== suspended) return begun;
  return runWithoutWaiting(thread, name, thread.suspendedCalls.pop()!.running);
}

/** Runs a call that is not expected to wait; pauses are skipped, a wait is refused, and the host told that it is. */
export function runWithoutWaiting(thread: Thread, name: string, running: Resumable): Value {
  const stack: SuspendedCall[] = [{ running, live: nothingLive }];
  let reply: Outcome = { ok: true, value: null };
  for (;;) {
    const outcome = advance(thread, stack, reply);
    if (outcome?.ok === true) return outcome.value as Value;
    if (outcome !== null) throw outcome.error;
    const { request } = thread;
    reply =
      request === null ? { ok: true, value: null } : { ok: false, error: refuseWait(thread, name, request) };
  }
}

/** The host has begun what cannot be waited for: it is told, and how that ends concerns the script no more. */
function refuseWait(thread: Thread, name: string, request: PromiseLike<unknown> | Fork): unknown {
  const error = new StarlarkError('host', `${name}: cannot wait for the host here`);
  if ('branches' in request) return error;
  request.then(ignore, ignore);
  try {
    thread.fiber.notifyCancelled(error);
    return error;
  } catch (thrown) {
    return thrown;
  }
}

function ignore(): void {}
