import { StarlarkError } from '../errors.ts';

/** Notes which built-in function an error came from, if it is new. */
export function fromBuiltin(error: unknown, name: string): unknown {
  const isNew = error instanceof StarlarkError && error.origin === null && error.isFresh;
  if (isNew && error.code !== 'attribute') error.origin = name;
  return error;
}
