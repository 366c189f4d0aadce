import { StarlarkError } from '../errors.ts';

/**
 * A value that can change has `locks`: 0 while it may, 1 for each loop that is going through it, and
 * {@link frozenLock} on top once it is frozen for good. So one comparison tells whether a change is allowed.
 */
export interface Lockable {
  locks: number;
}

/** Far above any count of loops, and still a small integer. */
export const frozenLock: number = 1 << 28;

export function isFrozen(value: Lockable): boolean {
  return value.locks >= frozenLock;
}

/** Fails unless the value may change now; `doing` is such as `append to`. */
export function assertMutable(value: Lockable, doing: string, type: string): void {
  if (value.locks !== 0) refuseChange(value, doing, type);
}

/** Explains why a locked value cannot change; `doing` is such as `append to`. */
export function refuseChange(value: Lockable, doing: string, type: string): never {
  if (isFrozen(value)) throw new StarlarkError('frozen', `cannot ${doing} frozen ${type}`);
  throw new StarlarkError(
    'iterating',
    `cannot ${doing} ${type} during iteration (loop over list(x) instead)`,
  );
}
