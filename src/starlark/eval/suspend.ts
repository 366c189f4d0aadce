import type { Live, Outcome, Resumable } from './callable.ts';
import { fromBuiltin } from './origin.ts';
import type { Thread } from './thread.ts';
import type { Value } from '../values/value.ts';

/**
 * How compiled code calls what may wait, at little cost when it does not. `begin` runs the call up to its first wait.
 * If it ends before, `begin` returns its value. Else it notes the call in `thread.suspendedCalls` and returns
 * `suspended`, upon which the caller, itself a generator, yields; its own caller learns of that in the same way, and
 * so on outwards to the driver, who is left with a stack of suspended calls. When the innermost ends, its value is the
 * answer that the next one finds in `thread.answer`. It is not handed to `next`, for a generator keeps that, and one that
 * waited for long is old to V8's collector (see late-value.ts).
 */
export const suspended: unique symbol = Symbol('suspended');

/** What beginning a call comes to: its value, or that it is suspended. */
export type Begun = Value | typeof suspended;

/**
 * What a built-in function yields between two pieces of its work (see pieces.ts). It stands for what is not known: the
 * calls around it do not say what they refer to meanwhile, since code for that would be needed at every call.
 */
export const uncounted: Live = [];

/** A call that waits for a call of its own, or for the host. */
export interface SuspendedCall {
  readonly running: Resumable;
  readonly live: Live;
  /** The name of a built-in function of the library's, which its errors bear. */
  readonly origin?: string | undefined;
}

/** Runs a call until it ends or waits. */
export function begin(thread: Thread, running: Resumable): Begun {
  const step = running.next();
  if (step.done === true) return step.value;
  thread.suspendedCalls.push({ running, live: step.value });
  return suspended;
}

/** For a call that goes on: what it waited for, which is then forgotten. */
export function takeAnswer(thread: Thread): Value {
  const { answer } = thread;
  thread.answer = null;
  return answer as Value;
}

/**
 * Goes on with a stack of suspended calls, the innermost last.
 * @param reply how the wait of the innermost ended
 * @returns the outcome of the outermost; null when the calls, on the stack as before, wait again
 */
export function advance(thread: Thread, stack: SuspendedCall[], reply: Outcome): Outcome | null {
  let outcome = reply;
  for (let call = stack.pop(); call !== undefined; call = stack.pop()) {
    const { running, origin } = call;
    try {
      if (outcome.ok) thread.answer = outcome.value;
      const step = outcome.ok ? running.next() : running.throw(outcome.error);
      if (step.done !== true) {
        stack.push({ running, live: step.value, origin });
        for (
          let inner = thread.suspendedCalls.pop();
          inner !== undefined;
          inner = thread.suspendedCalls.pop()
        ) {
          stack.push(inner);
        }
        return null;
      }
      outcome = { ok: true, value: step.value };
    } catch (error) {
      outcome = { ok: false, error: origin === undefined ? error : fromBuiltin(error, origin) };
    }
  }
  return outcome;
}
