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
  type ToolProvider,
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
  const witnesses = parts.flatMap(({ witness }) => witness ?? []);
  return createPipeline({
    edge: [
      inFlight,
      ...parts.flatMap(({ edge }) => edge ?? []),
      countToolCalls(instruments),
      ...witnesses,
      ...(tracing === undefined ? [] : [tracing.stage]),
      ...(callLog === undefined ? [] : [callLog]),
    ],
    every: [
      ...witnesses.map(forInnerCalls),
      requireCurrentCredential(),
      ...parts.flatMap(({ every }) => every ?? []),
    ],
    providers: providersOf(parts),
    below: parts.flatMap(({ below }) => below ?? []),
    events: parts.flatMap(({ events }) => events ?? []),
    catalogue,
  });
}

/** What has tools of its own, in the order in which requests meet it. */
export function providersOf(parts: readonly FeatureParts[]): ToolProvider[] {
  return parts.flatMap(({ provider, providersBelow = [] }) => [
    ...(provider === undefined ? [] : [provider]),
    ...providersBelow,
  ]);
}

/** A client's own request has been seen at the edge. */
function forInnerCalls(witness: Stage): Stage {
  return (request, next) => (request.origin === 'script' ? witness(request, next) : next(request));
}
