import type { Value } from '../values/value.ts';
import type { Thread } from './thread.ts';

/**
 * How anything callable is called, from generated code, from built-ins and from the host.
 *
 * A callable has one of two forms. A *plain* one has `start === null`: `call` returns its value at once.
 * One that may wait on the host, or may run so long that it has to give way to the event loop, has a `start`,
 * which makes a {@link Resumable} that the caller runs with `yield*`. Built-ins that take callbacks are written
 * as generators and pass each callback through:
 *
 *     const key = fn.start === null ? fn.call(thread, [x], noKwargs) : yield* fn.start(thread, [x], noKwargs);
 */
export interface Callable {
  readonly name: string;
  readonly start: Start | null;
  /** Runs to the end without waiting. If that turns out impossible, throws a StarlarkError. */
  call(thread: Thread, args: readonly Value[], kwargs: Kwargs): Value;
}

/** Keyword arguments in the order written. Never changed by the callee. */
export type Kwargs = ReadonlyMap<string, Value>;

export const noKwargs: Kwargs = new Map();

/** Begins a call that may wait. */
export type Start = (thread: Thread, args: readonly Value[], kwargs: Kwargs) => Resumable;

/** A call in progress. What it yields is for the thread's driver alone; pass it on with `yield*`. */
export type Resumable = Generator<Request, Value, Reply>;

/**
 * What a call in progress asks of the driver: a promise is a wait on the host, `null` a pause (let the event
 * loop run, then go on), a {@link Fork} the branches of `parallel`.
 */
export type Request = PromiseLike<unknown> | null | Fork;

/** The driver's answer: undefined after a pause, else how the wait ended. */
export type Reply = undefined | Outcome;

export type Outcome =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown };

/** Asks for branches to be run side by side; answered with an Outcome whose value is a list of Outcomes. */
export interface Fork {
  readonly branches: readonly Callable[];
  readonly onError: 'fail' | 'collect';
}
