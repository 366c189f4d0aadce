import type { Value } from '../values/value.ts';
import type { Thread } from './thread.ts';

/**
 * How anything callable is called, from generated code, from built-ins and from the host.
 *
 * A callable has one of two forms. A *plain* one has `start === null`: `call` returns its value at once.
 * One that may wait on the host, or may run so long that it has to give way to the event loop, has a `start`,
 * which makes a {@link Resumable} that a generator runs with `yield*`. Built-ins that take callbacks are written
 * as generators and pass each callback through:
 *
 *     const key = fn.start === null ? fn.call(thread, [x], noKwargs) : yield* fn.start(thread, [x], noKwargs);
 */
export interface Callable {
  readonly name: string;
  /** To be called as a method. */
  readonly start: Start | null;
  /** Runs to the end without waiting. If that turns out impossible, throws a StarlarkError. */
  call(thread: Thread, args: readonly Value[], kwargs: Kwargs): Value;
}

/** Keyword arguments in the order written. Never changed by the callee. */
export type Kwargs = ReadonlyMap<string, Value>;

export const noKwargs: Kwargs = new Map();

/** Begins a call that may wait. */
export type Start = (thread: Thread, args: readonly Value[], kwargs: Kwargs) => Resumable;

/**
 * A call in progress. It yields when it must be suspended, after noting in `thread.request` why; what it yields is what
 * it refers to meanwhile, for the count of bytes held. It finds the value that it waited for in `thread.answer`, by
 * `takeAnswer`; an error is thrown into it.
 */
export type Resumable = Generator<Live, Value, void>;

/** A list of it, or a function that makes one: to be called while the call is suspended. */
export type Live = readonly unknown[] | (() => readonly unknown[]);

export const nothingLive: Live = [];

/**
 * Why a call is suspended: a promise is a wait on the host, `null` a pause (let the event loop run, then go on), a
 * {@link Fork} the branches of `parallel`.
 */
export type Request = PromiseLike<unknown> | null | Fork;

/** How a wait ended. */
export type Outcome =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown };

/** Asks for branches to be run side by side; answered with a list of Outcomes, or the error of the first to fail. */
export interface Fork {
  readonly branches: readonly Callable[];
  readonly onError: 'fail' | 'collect';
}
