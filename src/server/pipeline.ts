/**
 * The order of the funnel, as one list that reads aloud. A request meets the parts from top to bottom; what a provider of
 * tools asks for comes in again at `every`.
 */
import {
  createPipeline,
  requireCurrentCredential,
  type Gateway,
  type RequestSource,
  type Stage,
} from '../gateway/index.ts';
import type { FeatureParts } from '../features/feature.ts';
import { countToolCalls, type Telemetry } from '../telemetry/index.ts';

export interface PipelineOptions {
  /** Keeps a generation whole while requests are under way in it. */
  readonly inFlight: Stage;
  readonly telemetry: Telemetry;
  /** Told of each call of a client, where calls are logged. */
  readonly callLog: Stage | undefined;
  /** What each feature that is on puts in, in the order of `features.ts`. */
  readonly parts: readonly FeatureParts[];
  readonly catalogue: RequestSource;
}

export function createGateway({ inFlight, telemetry, callLog, parts, catalogue }: PipelineOptions): Gateway {
  const { instruments, tracing } = telemetry;
  return createPipeline({
    edge: [
      inFlight,
      ...parts.flatMap(({ edge }) => edge ?? []),
      countToolCalls(instruments),
      ...(tracing === undefined ? [] : [tracing.stage]),
      ...(callLog === undefined ? [] : [callLog]),
    ],
    every: [requireCurrentCredential(), ...parts.flatMap(({ every }) => every ?? [])],
    providers: parts.flatMap(({ provider }) => provider ?? []),
    events: parts.flatMap(({ events }) => events ?? []),
    catalogue,
  });
}
