import { onlyFor, type Stage, type ToolCall, type ToolResult } from '../../gateway/index.ts';
import { abortReason, errorCodes, ProtocolError } from '../../protocol/index.ts';
import { messageOf } from '../../lib/thrown.ts';
import { BucketStoreError, type BucketStore } from '../../storage/index.ts';
import type { InstrumentsOf } from '../../telemetry/kit/index.ts';
import type { Limit } from './limits.ts';
import type { rateLimitMetrics } from './metrics.ts';

export interface LimitOptions {
  readonly limitsOf: (call: ToolCall) => Limit[];
  readonly store: BucketStore;
  /** What becomes of a limited call of a script. */
  readonly scripts: 'fail' | 'wait';
  /** Whether calls are refused, and do not pass, while the store cannot be asked. */
  readonly failsClosed?: boolean;
  readonly instruments: InstrumentsOf<typeof rateLimitMetrics>;
  /** Of every series. */
  readonly labels: { readonly namespace: string; readonly server: string };
  /** Told of a store that cannot be asked; calls go on unlimited. */
  readonly onStoreFailure: (why: string) => void;
  readonly onStoreAnswer?: () => void;
  /** Monotonic clock in milliseconds. */
  readonly now?: () => number;
  /** Waits; rejects when the signal aborts. */
  readonly wait?: ((ms: number, signal: AbortSignal) => Promise<void>) | undefined;
}

const limitedCode = 429;
const limitedMessage = 'Rate limit exceeded';

/**
 * The stage that takes tokens for each call that goes to a backend, and refuses those that it gets none for. It stands
 * below the providers: a script takes none itself, each of its calls does.
 */
export function limitCalls(options: LimitOptions): Stage {
  const { limitsOf, scripts, wait = waitFor } = options;
  return onlyFor(['tools/call'], async (call, next) => {
    const limits = limitsOf(call);
    if (limits.length === 0) return next(call);
    let waitMs = await take(limits, options, true);
    while (waitMs > 0 && call.origin === 'script' && scripts === 'wait') {
      await wait(Math.ceil(waitMs), call.signal);
      waitMs = await take(limits, options, false);
    }
    return waitMs > 0 ? limited(call, Math.ceil(waitMs / 1000)) : next(call);
  });
}

/**
 * @param isFirst false for a call that waited: it is rejected once, however often it tries
 * @returns 0, or how long it takes until there are tokens
 * @throws ProtocolError where the store cannot be asked and calls do not pass then
 */
async function take(
  limits: readonly Limit[],
  {
    store,
    failsClosed,
    instruments,
    labels,
    onStoreFailure,
    onStoreAnswer,
    now = () => performance.now(),
  }: LimitOptions,
  isFirst: boolean,
): Promise<number> {
  const count = (decision: 'allowed' | 'rejected', { scope, operation }: Limit): void =>
    instruments.decisions.add(1, { ...labels, decision, scope, operation_type: operation });
  const startMs = now();
  try {
    const taken = await store.take(limits);
    onStoreAnswer?.();
    if (taken.taken) {
      for (const limit of limits) count('allowed', limit);
      return 0;
    }
    const empty = limits[taken.emptyAt];
    if (isFirst && empty !== undefined) count('rejected', empty);
    return taken.waitMs;
  } catch (error) {
    const kind = error instanceof BucketStoreError ? error.code : 'other';
    instruments.redisErrors.add(1, { ...labels, error_type: kind });
    if (!failsClosed) instruments.failOpen.add(1, labels);
    onStoreFailure(messageOf(error));
    if (failsClosed)
      throw new ProtocolError(errorCodes.internalError, 'rate limits cannot be checked; try again later');
    return 0;
  } finally {
    instruments.checkLatency.record((now() - startMs) / 1000, labels);
  }
}

/** ToolHive's answers: a result before 2026-07-28, since then an error. A script catches the error. */
function limited({ origin, caller }: ToolCall, retryAfterSeconds: number): ToolResult {
  const data = { retryAfterSeconds };
  if (origin === 'script')
    throw new ProtocolError(limitedCode, `${limitedMessage}: retry after ${retryAfterSeconds} s`, { data });
  if (caller.revision === '2026-07-28') throw new ProtocolError(limitedCode, limitedMessage, { data });
  return {
    isError: true,
    content: [{ type: 'text', text: `${limitedMessage}: retry after ${retryAfterSeconds} s` }],
    structuredContent: { code: limitedCode, message: limitedMessage, data },
  };
}

function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(abortReason(signal));
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(abortReason(signal));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
