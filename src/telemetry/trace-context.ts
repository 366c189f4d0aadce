import {
  createTraceState,
  INVALID_SPAN_CONTEXT,
  isSpanContextValid,
  type SpanContext,
} from '@opentelemetry/api';
import type { TraceContext } from '../gateway/index.ts';

/** https://www.w3.org/TR/trace-context/#traceparent-header; later versions may append further fields. */
const pattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** The span that a client's trace context names; the invalid one when it names none, as the specification has it. */
export function toSpanContext(trace: TraceContext | undefined): SpanContext {
  const match = pattern.exec(trace?.traceparent.trim() ?? '');
  if (match === null) return INVALID_SPAN_CONTEXT;
  const [, version, traceId, spanId, flags, rest] = match as unknown as string[];
  if (version === 'ff' || (version === '00' && rest !== undefined)) return INVALID_SPAN_CONTEXT;
  const context: SpanContext = {
    traceId: traceId!,
    spanId: spanId!,
    traceFlags: Number.parseInt(flags!, 16) & 1,
    isRemote: true,
    ...(trace?.tracestate !== undefined && { traceState: createTraceState(trace.tracestate) }),
  };
  return isSpanContextValid(context) ? context : INVALID_SPAN_CONTEXT;
}

/** A span as the trace context that goes on through the funnel and to backends. */
export function fromSpanContext({ traceId, spanId, traceFlags, traceState }: SpanContext): TraceContext {
  const tracestate = traceState?.serialize();
  return {
    traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
    ...(tracestate !== undefined && tracestate !== '' && { tracestate }),
  };
}
