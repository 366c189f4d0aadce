import type { Outcome, Reply, Resumable } from './callable.ts';
import type { Thread } from './thread.ts';
import type { Value } from '../values/value.ts';

/**
 * How compiled code calls what may wait, at no cost when it does not: `begin` runs the call up to its first wait.
 * If it finishes before, `begin` returns its value. Else it returns `suspended`, and the caller, itself a generator,
 * passes the waits outwards with `yield* resume(…)`.
 */
export const suspended: unique symbol = Symbol('suspended');

/** Runs a call until it ends or waits. */
export function begin(thread: Thread, call: Resumable): Value | typeof suspended {
  const step = call.next(undefined);
  if (step.done === true) return step.value;
  thread.pending = call;
  thread.pendingRequest = step.value;
  return suspended;
}

/**
 * Goes on with the call that `begin` has left suspended, until it ends.
 * @param live what the caller's variables refer to meanwhile, for the count of bytes held
 */
export function* resume(thread: Thread, live: unknown[]): Resumable {
  const call = thread.pending!;
  let request = thread.pendingRequest;
  thread.pending = null;
  const { fiber } = thread;
  fiber.live.push(live);
  try {
    for (;;) {
      const step = call.next(yield request);
      if (step.done === true) return step.value;
      request = step.value;
    }
  } finally {
    fiber.live.pop();
  }
}

/** Gives way to the event loop, and has the bytes held counted anew if that is due. */
export function* pause(thread: Thread, live: unknown[]): Generator<null, void, Reply> {
  const { fiber } = thread;
  fiber.live.push(live);
  try {
    checkReply(yield null);
  } finally {
    fiber.live.pop();
  }
}

/** The value of a wait that succeeded; throws the error of one that failed. */
export function checkReply(reply: Reply): Value {
  if (reply === undefined) return null;
  const outcome: Outcome = reply;
  if (outcome.ok) return outcome.value as Value;
  throw outcome.error;
}
