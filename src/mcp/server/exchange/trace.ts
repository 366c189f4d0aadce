import type { TraceContext } from '../../../gateway/index.ts';
import type { JsonObject } from '../../../protocol/index.ts';
import { metaKeys } from '../../wire/revisions.ts';

/** Headers of a request, as Node gives them; empty for stdio. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>;

const traceparentForm = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}/;

/**
 * The W3C trace context of a request: that of the message where it has one, because a proxy may have put its own into
 * the headers. A value that is not well formed counts as none.
 */
export function traceOf(meta: JsonObject | undefined, headers: Headers): TraceContext | undefined {
  const own = toTrace(meta?.[metaKeys.traceparent], meta?.[metaKeys.tracestate]);
  return own ?? toTrace(headers[metaKeys.traceparent], headers[metaKeys.tracestate]);
}

function toTrace(traceparent: unknown, tracestate: unknown): TraceContext | undefined {
  if (typeof traceparent !== 'string' || !traceparentForm.test(traceparent)) return undefined;
  return typeof tracestate === 'string' && tracestate !== '' ? { traceparent, tracestate } : { traceparent };
}
