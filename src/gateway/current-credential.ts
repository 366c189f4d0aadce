import { errorCodes, ProtocolError } from '../protocol/index.ts';
import { onlyFor, type Stage } from './pipeline.ts';
import { isExpired } from './principal.ts';

/**
 * Refuses what a script still calls after its caller's credential has ended. A client's own request was authenticated
 * when it came, and runs to its end.
 * @param wallClock milliseconds since 1970
 */
export function requireCurrentCredential(wallClock: () => number = Date.now): Stage {
  return onlyFor(['tools/call'], (call, next) => {
    if (call.origin !== 'script' || !isExpired(call.caller.principal, wallClock())) return next(call);
    const message = "the caller's credential has ended: authenticate again, then run the rest of the script";
    throw new ProtocolError(errorCodes.invalidRequest, message);
  });
}
