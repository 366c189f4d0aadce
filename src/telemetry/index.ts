/**
 * Every metric of the server, declared once; the stage that counts clients' tool calls; `/metrics`; OTLP; traces.
 *
 * Features never import this folder: they declare a callback, and `server` connects it to a recorder here. A metric's
 * label never carries a user, a session, an argument, or a name that a client can invent.
 */
export { countToolCalls } from './count-tool-calls.ts';
export type { Declaration } from './kit/declaration.ts';
export { declarations, instrumentationName } from './declarations.ts';
export type { Instruments } from './instruments.ts';
export type { BackendRequest, OperationSeries, ServerOperation } from './operation-series.ts';
export { createTelemetry, type Telemetry, type TelemetryOptions } from './telemetry.ts';
export type { OtlpOptions, OtlpSignal } from './otlp.ts';
export type { Tracing } from './tracing.ts';
