import type { TraceContext } from '../../gateway/index.ts';

/** What a span may say: names, numbers and codes, never a payload. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** A span under way. */
export interface OpenSpan {
  /** What goes on to the funnel and to backends. */
  readonly trace: TraceContext;
  startChild(name: string, attributes: SpanAttributes): OpenSpan;
  /** Ends it, as failed where there is an error type. Messages never enter a span: they can hold what a tool said. */
  end(attributes?: SpanAttributes, errorType?: string): void;
}

/** Makes a feature's spans. */
export interface SpanMaker {
  /** Opens a span under `parent`, or at the root where there is none. */
  start(name: string, attributes: SpanAttributes, parent: TraceContext | undefined): OpenSpan;
}
