import {
  AbandonedError,
  type Gateway,
  type Layer,
  type ToolCall,
  type ToolResult,
} from '../gateway/index.ts';
import type { CallMethod } from './declarations.ts';
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

  /** Records how long an operation other than a tool call takes. */
  async function timed<T>(method: string, operation: Promise<T>): Promise<T> {
    const startMs = now();
    const record = (failure: { errorType?: string }): void =>
      instruments.operations.recordServerOperation({ method, durationMs: now() - startMs, ...failure });
    try {
      const result = await operation;
      record({});
      return result;
    } catch (error) {
      record({ errorType: toErrorType(error) });
      throw error;
    }
  }

  return (inner: Gateway): Gateway => ({
    listTools: (caller) => timed('tools/list', inner.listTools(caller)),
    list: (what, caller) => timed(listMethods[what], inner.list(what, caller)),
    request: (request) => timed(request.method, inner.request(request)),
    capabilities: (caller) => inner.capabilities(caller),
    instructions: (caller) => inner.instructions(caller),
    subscribe: (listener) => inner.subscribe(listener),
    endSession: (sessionId) => inner.endSession(sessionId),
    callTool(call) {
      const method: CallMethod =
        options.scriptTool !== undefined && call.name === options.scriptTool
          ? 'execute_tool_script'
          : 'tool_call';
      const startMs = now();
      return settleOnce(inner, call, (outcome) => {
        if (outcome === 'none') return;
        instruments.countToolCall(method, outcome === 'success' ? 'success' : 'error');
        instruments.operations.recordServerOperation({
          method: 'tools/call',
          durationMs: now() - startMs,
          ...(isKnown(call.name, options) && { toolName: call.name }),
          ...(outcome !== 'success' && outcome),
        });
      });
    },
  });
}

/** Calls the tool and reports its outcome exactly once, at once when the call is cancelled before it has one. */
async function settleOnce(
  inner: Gateway,
  call: ToolCall,
  report: (outcome: Outcome) => void,
): Promise<ToolResult> {
  const { signal } = call;
  let reported = false;
  const settle = (outcome: Outcome): void => {
    if (reported) return;
    reported = true;
    signal.removeEventListener('abort', onAbort);
    report(outcome);
  };
  const onAbort = (): void => settle(isAbandoned(signal.reason) ? 'none' : { errorType: 'cancelled' });
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  try {
    const result = await inner.callTool(call);
    settle(toOutcome(result));
    return result;
  } catch (error) {
    settle(isAbandoned(error) ? 'none' : { errorType: toErrorType(error) });
    throw error;
  }
}

/** A task handle is an outcome like any result without `isError`; a question to the client is none. */
function toOutcome(result: ToolResult): Outcome {
  if (result['resultType'] === 'input_required') return 'none';
  return result.isError === true ? { errorType: toolError } : 'success';
}

function isAbandoned(reason: unknown): boolean {
  return reason instanceof AbandonedError;
}

function isKnown(name: string, { scriptTool, isTool }: CountOptions): boolean {
  return name === scriptTool || isTool?.(name) === true;
}

const listMethods = {
  resources: 'resources/list',
  resourceTemplates: 'resources/templates/list',
  prompts: 'prompts/list',
} as const;
