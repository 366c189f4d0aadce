import { type Gateway, passOn, type Layer, type ToolCall, type ToolResult } from '../gateway/index.ts';
import { AbandonedError } from '../protocol/index.ts';
import { toErrorType, toolError } from './error-type.ts';
import type { Instruments } from './instruments.ts';

/** Options of {@link countToolCalls}. */
export interface CountOptions {
  /**
   * The name under which the script tool stands, where this gateway has one. A call of any other tool, and a call of that
   * name where there is no script tool, counts as `tool_call`.
   */
  readonly scriptTool?: string;
  /** Whether a tool of this name exists. Only then may the name stand in a label: a client can invent names. */
  readonly isTool?: (name: string) => boolean;
  /** Monotonic clock in milliseconds. */
  readonly now?: () => number;
}

/** `none` is no outcome: the exchange goes on with a retry, or was never finished. */
type Outcome = 'success' | 'none' | { readonly errorType: string };

/**
 * The layer at the client's edge that counts each tool call of a client once, when its outcome is known. Whichever of
 * outcome and cancellation comes first decides; calls that a script makes start below this layer and are never seen.
 *
 * The rules are those of docs/observability.md, "How a client's tool call is counted".
 */
export function countToolCalls(instruments: Instruments, options: CountOptions = {}): Layer {
  const now = options.now ?? (() => performance.now());

  function count(call: ToolCall, outcome: Outcome, durationMs: number): void {
    if (outcome === 'none') return;
    const ofScript = options.scriptTool !== undefined && call.name === options.scriptTool;
    instruments.countToolCall(
      ofScript ? 'execute_tool_script' : 'tool_call',
      outcome === 'success' ? 'success' : 'error',
    );
    instruments.operations.recordServerOperation({
      method: 'tools/call',
      durationMs,
      toolName: ofScript || options.isTool?.(call.name) === true ? call.name : undefined,
      errorType: outcome === 'success' ? undefined : outcome.errorType,
    });
  }

  return (inner: Gateway): Gateway => ({
    ...passOn(inner),
    async callTool(call) {
      const startMs = now();
      let outcome: Outcome = 'none';
      try {
        const result = await inner.callTool(call);
        outcome = toOutcome(result);
        return result;
      } catch (error) {
        outcome = error instanceof AbandonedError ? 'none' : { errorType: toErrorType(error) };
        throw error;
      } finally {
        // An abort that is seen here came before the outcome, so it decides. A listener would know no better, and costs
        // more than all the rest of counting.
        count(call, call.signal.aborted ? toAborted(call.signal.reason) : outcome, now() - startMs);
      }
    },
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
