import { onlyFor, type Ran, type Stage, type ToolResult } from '../gateway/index.ts';
import { AbandonedError } from '../protocol/index.ts';
import { toErrorType, toolError } from './error-type.ts';
import type { Instruments } from './instruments.ts';

/** `none` is no outcome: the exchange goes on with a retry, or was never finished. */
type Outcome = 'success' | 'none' | { readonly errorType: string };

/**
 * The stage at the edge that counts each tool call of a client once, when its outcome is known. Whichever of outcome and
 * cancellation comes first decides. A script's own calls enter below the edge and are never seen.
 *
 * The rules are those of docs/observability.md, "How a client's tool call is counted".
 * @param now monotonic clock in milliseconds
 */
export function countToolCalls(instruments: Instruments, now: () => number = () => performance.now()): Stage {
  function count(ran: Ran, outcome: Outcome, durationMs: number): void {
    if (outcome === 'none') return;
    instruments.countToolCall(ran.countAs, outcome === 'success' ? 'success' : 'error');
    instruments.operations.recordServerOperation({
      method: 'tools/call',
      durationMs,
      toolName: ran.tool,
      errorType: outcome === 'success' ? undefined : outcome.errorType,
    });
  }

  return onlyFor(['tools/call'], async (call, next) => {
    const startMs = now();
    const ran: Ran = { countAs: 'tool_call', tool: undefined };
    let outcome: Outcome = 'none';
    try {
      const result = (await next({ ...call, ran })) as ToolResult;
      outcome = toOutcome(result);
      return result;
    } catch (error) {
      outcome = error instanceof AbandonedError ? 'none' : { errorType: toErrorType(error) };
      throw error;
    } finally {
      // An abort that is seen here came before the outcome, so it decides. A listener would know no better, and costs
      // more than all the rest of counting.
      count(ran, call.signal.aborted ? toAborted(call.signal.reason) : outcome, now() - startMs);
    }
  });
}

/** A task handle is an outcome like any result without `isError`; a question to the client is none. */
function toOutcome(result: ToolResult): Outcome {
  if (result['resultType'] === 'input_required') return 'none';
  return result.isError === true ? { errorType: toolError } : 'success';
}

function toAborted(reason: unknown): Outcome {
  return reason instanceof AbandonedError ? 'none' : { errorType: 'cancelled' };
}
