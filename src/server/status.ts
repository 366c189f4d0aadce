/** What `/status` and `/readyz` tell, and whom. */
import type { IncomingMessage } from 'node:http';
import type { ConfigFingerprints } from '../config/index.ts';
import type { BackendHealth, BackendStatus } from '../gateway/index.ts';
import type { StatusAnswer } from '../http/index.ts';
import type { Redact } from '../lib/redact.ts';
import type { McpEndpoint } from '../mcp/server/index.ts';
import type { Config } from './config.ts';
import type { DiscoveryStatus, DiscoveryView } from './discovery.ts';
import { optionsOf, type AnyFeature } from './features.ts';
import type { Generation } from './generation.ts';

/** What `/status` is made of. */
export interface StatusSource {
  readonly generation: Generation;
  readonly endpoint: McpEndpoint;
  readonly version: string;
  readonly features: readonly AnyFeature[];
  /** Of the configuration in force; absent beyond a loopback bind. */
  readonly fingerprints: ConfigFingerprints | undefined;
  readonly discovery: DiscoveryView | undefined;
  /** Hides what errors of backends may hold and is never told. */
  readonly redact: Redact;
}

/** What a server tells of itself, and beside it the part of each feature that has one. Holds no secret. */
export interface AppStatus {
  readonly name: string;
  readonly version: string;
  readonly groupRef?: string;
  readonly backends: readonly BackendStatus[];
  /** Of the search for backends of the group, where there is one. */
  readonly discovery?: DiscoveryStatus;
  readonly codeMode?: { readonly enabled: boolean; readonly mode?: string };
  readonly toolCount: number;
  /** Of the configuration in force; told on a loopback bind alone. */
  readonly config?: ConfigFingerprints;
  readonly load: McpEndpoint['load'];
}

/** A caller who may not know is told no names; one whose credential fails is told so. */
export async function answerStatus(request: IncomingMessage, source: StatusSource): Promise<StatusAnswer> {
  const { generation } = source;
  const { authenticator } = generation;
  const status = await statusOf(source);
  if (!authenticator.statusRequiresAuth) return { status: 200, body: status };
  const who = await authenticator.authenticate(request);
  if (!('refusal' in who)) return { status: 200, body: status };
  const { refusal } = who;
  if (refusal.status === 401 && request.headers.authorization === undefined) {
    const { config: _, discovery: _discovery, ...rest } = status;
    return { status: 200, body: { ...rest, backends: backendCounts(generation) } };
  }
  const { status: code, headers = {}, body = { error: refusal.message } } = refusal;
  return { status: code, headers, body };
}

/**
 * Where backends are found, a server is ready as ToolHive's is: once the group is known, and its backends have been tried.
 * Then a backend that fails takes no pod out, whatever `partialFailureMode` says, which the operator sets to "fail".
 */
export function isReady(generation: Generation, discovery?: DiscoveryView): boolean {
  if (discovery !== undefined) return discovery.isKnown && hasBeenTried(generation);
  const { partialFailureMode } = generation.config.operational.failureHandling;
  const serving = healthsOf(generation).map(([, health]) => servingHealths.has(health));
  return partialFailureMode === 'fail' ? serving.every(Boolean) : serving.some(Boolean);
}

/** Whether one backend serves, or there is none that still might. */
function hasBeenTried(generation: Generation): boolean {
  const healths = healthsOf(generation).map(([, health]) => health);
  return (
    healths.some((health) => servingHealths.has(health)) ||
    healths.every((health) => failedHealths.has(health))
  );
}

/**
 * A probe proves nothing: where callers must be known, `/readyz` names no backend.
 * @param named false where it names none in any case
 */
export function readinessOf(generation: Generation | undefined, named: boolean): object {
  if (generation === undefined) return { backends: {} };
  if (!named || generation.authenticator.statusRequiresAuth) return { backends: backendCounts(generation) };
  return { backends: Object.fromEntries(healthsOf(generation)) };
}

function backendCounts(generation: Generation): object {
  const healths = healthsOf(generation).map(([, health]) => health);
  return { total: healths.length, serving: healths.filter((health) => servingHealths.has(health)).length };
}

/** How many backends have been tried and do not serve. */
export function unavailableCount(generation: Generation): number {
  return healthsOf(generation).filter(([, health]) => failedHealths.has(health)).length;
}

function healthsOf({ catalogue }: Generation): [name: string, health: BackendHealth][] {
  return catalogue.status().map(({ name, health }) => [name, health]);
}

/** What may be told to those who may know. Waits for backends that are still connecting, as a list does. */
export async function statusOf({
  generation,
  endpoint,
  version,
  features,
  fingerprints,
  discovery,
  redact,
}: StatusSource): Promise<AppStatus> {
  const { config, catalogue, ownTools } = generation;
  const toolCount = (await catalogue.toolCount()) + ownTools.length;
  return {
    name: config.name,
    version,
    ...(config.groupRef !== undefined && { groupRef: config.groupRef }),
    backends: backendsOf(generation, redact),
    ...(discovery && { discovery: redactedStatus(discovery.status, redact) }),
    ...statusOfFeatures(features, config),
    toolCount,
    ...(fingerprints !== undefined && { config: fingerprints }),
    load: endpoint.load,
  };
}

function redactedStatus({ problems, skipped, ...rest }: DiscoveryStatus, redact: Redact): DiscoveryStatus {
  return {
    ...rest,
    problems: problems.map(redact),
    skipped: skipped.map(({ reason, ...which }) => ({ ...which, reason: redact(reason) })),
  };
}

/** Each backend as it stands, without what may not be shown. */
export function backendsOf({ catalogue }: Generation, redact: Redact): BackendStatus[] {
  return catalogue
    .status()
    .map(({ error, ...rest }) => ({ ...rest, ...(error !== undefined && { error: redact(error) }) }));
}

/** A lazy backend that sleeps counts as serving: probes must not keep clients away until one has come. */
const servingHealths: ReadonlySet<BackendHealth> = new Set(['healthy', 'degraded', 'asleep']);

/** One that has not answered yet is not among them. */
const failedHealths: ReadonlySet<BackendHealth> = new Set(['unhealthy', 'unauthenticated']);

/** The part of each feature that has one, under its key. */
function statusOfFeatures(features: readonly AnyFeature[], config: Config): object {
  return Object.fromEntries(
    features.flatMap((feature) => {
      const options = optionsOf(feature, config);
      return feature.status === undefined ? [] : [[feature.key, feature.status(options)]];
    }),
  );
}
