import { toError } from '../lib/thrown.ts';
import type { JsonValue } from './json.ts';

/** JSON-RPC and MCP error codes that the gateway itself gives. A backend's own codes pass through as numbers. */
export const errorCodes = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  /** Implementation-defined range: the backend is not there, or did not answer in time. */
  backendUnavailable: -32000,
  timeout: -32001,
  resourceNotFound: -32002,
  requestCancelled: -32800,
  headerMismatch: -32020,
  missingRequiredClientCapability: -32021,
  unsupportedProtocolVersion: -32022,
  /** By which 2025-11-25 says that the user must first visit a page. Later revisions ask for input instead. */
  urlElicitationRequired: -32042,
} as const;

/** A JSON-RPC error on its way to the client: its own, or a backend's passed through with code and data. */
export class ProtocolError extends Error {
  readonly code: number;
  readonly data?: JsonValue;
  constructor(code: number, message: string, options: { data?: JsonValue; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ProtocolError';
    this.code = code;
    if (options.data !== undefined) this.data = options.data;
  }
}

/** A tool asked the client something in mid-call that this client cannot be asked; the tool may have run up to there. */
export class InputRefusedError extends ProtocolError {
  constructor(code: number, message: string, data?: JsonValue) {
    super(code, message, data === undefined ? {} : { data });
    this.name = 'InputRefusedError';
  }
}

/** What a policy forbids, or does not permit. It never tells whether what was asked for exists. HTTP says 403, too. */
export class DeniedError extends ProtocolError {
  /** @param what the kind of request: `call`, `read`, `prompt`, `request` */
  constructor(what: string) {
    super(403, `${what} denied by authorization policy`);
    this.name = 'DeniedError';
  }
}

/** The abort reason of a call whose input-required exchange was never finished: no outcome, so it counts nothing. */
export class AbandonedError extends Error {
  constructor() {
    super('the client never finished an input-required exchange');
    this.name = 'AbandonedError';
  }
}

/** The abort reason when the client cancelled, by its revision's own rule, or its session ended. */
export class CancelledError extends Error {
  constructor(reason = 'the client cancelled the request') {
    super(reason);
    this.name = 'CancelledError';
  }
}

/**
 * Why an aborted signal was, as an error. A reason can be any value; one that is no error says no more than that the
 * request is cancelled.
 */
export function abortReason(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  const error = toError(reason);
  return error === reason ? error : new CancelledError();
}
