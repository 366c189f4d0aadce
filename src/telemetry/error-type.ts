import { CancelledError, errorCodes, ProtocolError } from '../protocol/index.ts';

const known: ReadonlySet<number> = new Set(Object.values(errorCodes));

/**
 * The `error.type` of a failed operation, of few values whatever a backend answers: a JSON-RPC error's code where this
 * program knows it, `cancelled`, and `_OTHER`, which OpenTelemetry reserves for the rest.
 * A result with `isError` is `tool_error`, as the MCP conventions say.
 */
export function toErrorType(error: unknown): string {
  if (error instanceof CancelledError) return 'cancelled';
  return error instanceof ProtocolError ? fromErrorCode(error.code) : '_OTHER';
}

/** The `error.type` of a JSON-RPC error's code. */
export function fromErrorCode(code: number): string {
  return known.has(code) ? String(code) : '_OTHER';
}

/** The `error.type` of a result with `isError`. */
export const toolError = 'tool_error';
