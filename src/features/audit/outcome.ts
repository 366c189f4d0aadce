/** How a request ended, in ToolHive's words. */
import type { Result } from '../../gateway/index.ts';
import { AbandonedError, errorCodes, ProtocolError } from '../../protocol/index.ts';

export interface Outcome {
  /** `application_error`: a result with `isError`, or a JSON-RPC error that is none of the gateway's own. */
  readonly outcome: 'success' | 'denied' | 'failure' | 'error' | 'application_error';
  /** The JSON-RPC error code, where the answer is an error. */
  readonly errorCode?: number;
  /** `cancelled` by the client, or `abandoned` by one that never came back with its input. */
  readonly ended?: 'cancelled' | 'abandoned';
  /** What the result is, where it is not the whole answer: `input_required`, `task`. */
  readonly resultType?: string;
}

const ownErrors: ReadonlySet<number> = new Set([
  errorCodes.internalError,
  errorCodes.backendUnavailable,
  errorCodes.timeout,
]);

/** @param detect whether what the protocol takes for an answer can be an error (`detectApplicationErrors`) */
export function outcomeOfResult(result: Result, detect: boolean): Outcome {
  if (Array.isArray(result)) return { outcome: 'success' };
  const { isError, resultType } = result as { readonly isError?: unknown; readonly resultType?: unknown };
  const outcome = isError === true && detect ? 'application_error' : 'success';
  return typeof resultType === 'string' && resultType !== 'complete' ? { outcome, resultType } : { outcome };
}

export function outcomeOfError(thrown: unknown, detect: boolean): Outcome {
  return thrown instanceof ProtocolError ? outcomeOfCode(thrown.code, detect) : { outcome: 'error' };
}

/** @param errorCode of the JSON-RPC answer; undefined for a result */
export function outcomeOfCode(errorCode: number | undefined, detect: boolean): Outcome {
  if (errorCode === undefined) return { outcome: 'success' };
  if (errorCode === 401 || errorCode === 403) return { outcome: 'denied', errorCode };
  if (errorCode === errorCodes.requestCancelled) return { outcome: 'failure', errorCode, ended: 'cancelled' };
  if (ownErrors.has(errorCode)) return { outcome: 'error', errorCode };
  return { outcome: detect ? 'application_error' : 'success', errorCode };
}

/** @param reason why the request's signal was aborted */
export function outcomeOfAbort(reason: unknown): Outcome {
  return { outcome: 'failure', ended: reason instanceof AbandonedError ? 'abandoned' : 'cancelled' };
}

/** @param status of an HTTP answer */
export function outcomeOfStatus(status: number): Outcome {
  if (status === 401 || status === 403) return { outcome: 'denied' };
  if (status >= 500) return { outcome: 'error' };
  return { outcome: status >= 400 ? 'failure' : 'success' };
}
