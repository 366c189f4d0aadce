import { StarlarkError } from '../errors.ts';
import type { Source } from '../syntax/source.ts';
import { unlock } from '../values/iterate.ts';
import type { Value } from '../values/value.ts';
import type { FunctionShape } from './function.ts';
import type { Thread } from './thread.ts';

/** What running code must know about the program it belongs to, to say where an error happened. */
export interface ModuleInfo {
  readonly source: Source;
  /** Start and end offset of site 1, of site 2, and so on. */
  readonly sites: readonly number[];
  readonly shapes: readonly FunctionShape[];
}

/** Places inside comprehensions, which have no frame of their own: the innermost place of an error on its way out. */
class Place {
  readonly error: StarlarkError;
  readonly site: number;

  constructor(error: StarlarkError, site: number) {
    this.error = error;
    this.site = site;
  }
}

/** Notes that an error left a comprehension; the function around it will take the place up. */
export function note(error: unknown, site: number, ...locked: readonly (Value | null)[]): unknown {
  locked.forEach(unlock);
  return error instanceof Place ? error : new Place(toStarlarkError(error), site);
}

/**
 * Ends a call that failed: adds its frame to the error that is leaving it.
 * @param locked what the call's loops were going through, null for those that were over
 * @returns the error to be thrown
 */
export function unwind(
  thread: Thread,
  error: unknown,
  module: ModuleInfo,
  shape: number,
  site: number,
  ...locked: readonly (Value | null)[]
): StarlarkError {
  thread.depth--;
  locked.forEach(unlock);
  const failure = error instanceof Place ? error.error : toStarlarkError(error);
  const at = error instanceof Place ? error.site : site;
  const { source, sites, shapes } = module;
  failure.leave({
    name: shapes[shape]!.name,
    source,
    start: sites[2 * at - 2] ?? 0,
    end: sites[2 * at - 1] ?? 0,
  });
  return failure;
}

/** What JavaScript itself throws when a limit of its own is met, in words for a script's author. */
export function toStarlarkError(error: unknown): StarlarkError {
  if (error instanceof StarlarkError) return error;
  const text = error instanceof Error ? error.message : '';
  // The second is what a regular expression throws where the stack ends.
  if (text.includes('call stack') || text.includes('Stack overflow')) {
    return new StarlarkError('depth_limit', 'too many calls within calls', { cause: error });
  }
  if (error instanceof RangeError && (text.includes('length') || text.includes('size'))) {
    return new StarlarkError('memory_limit', 'out of memory: this value is too large', { cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new StarlarkError('internal', `internal error: ${message}`, { cause: error });
}
