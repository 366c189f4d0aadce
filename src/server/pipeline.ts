/**
 * The order of the funnel, as one list that reads aloud. A request meets the parts from top to bottom; what a provider of
 * tools asks for comes in again at `every`.
 */
import {
  createPipeline,
  type Gateway,
  type RequestSource,
  type Stage,
  type ToolProvider,
} from '../gateway/index.ts';
import { countToolCalls, type Telemetry } from '../telemetry/index.ts';

export interface PipelineOptions {
  /** Keeps a generation whole while requests are under way in it. */
  readonly inFlight: Stage;
  readonly telemetry: Telemetry;
  readonly providers: readonly ToolProvider[];
  readonly catalogue: RequestSource;
}

export function createGateway({ inFlight, telemetry, providers, catalogue }: PipelineOptions): Gateway {
  const { instruments, tracing } = telemetry;
  return createPipeline({
    edge: [inFlight, countToolCalls(instruments), ...(tracing === undefined ? [] : [tracing.stage])],
    every: [],
    providers,
    events: [],
    catalogue,
  });
}
