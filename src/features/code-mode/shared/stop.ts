/** Why the main thread stops a script, on both sides of the thread's boundary. */
import { CodeModeError } from './errors.ts';
import type { StopReason } from './protocol.ts';

/** The reason of a signal that stops a script. */
export class StopError extends Error {
  readonly reason: StopReason;
  constructor(reason: StopReason) {
    super(`the script was stopped: ${reason}`);
    this.name = 'StopError';
    this.reason = reason;
  }
}

/** What a signal stops a script for; a signal that was aborted for any other reason means the client cancelled. */
export function stopReasonOf(signal: AbortSignal): StopReason {
  return signal.reason instanceof StopError ? signal.reason.reason : 'cancelled';
}

/** The error that a stopped script ends with. */
export function toStopError(reason: StopReason, scriptTimeoutMs: number): CodeModeError {
  switch (reason) {
    case 'cancelled':
      return new CodeModeError('cancelled', 'the client cancelled the script');
    case 'closed':
      return new CodeModeError('closed', 'the gateway is shutting down; run the script again later');
    case 'script_timeout':
      return new CodeModeError(
        'script_timeout',
        `the script ran longer than scriptTimeout (${scriptTimeoutMs / 1000} s). Make fewer calls one after another: ` +
          'run independent ones with parallel([...]), ask tools for less, or split the work over several scripts.',
        { limit: 'scriptTimeout' },
      );
  }
}
