import { noWishes, principalKey, type Caller, type Principal, type Wishes } from '../../../gateway/index.ts';
import { isObject } from '../../wire/jsonrpc.ts';
import { isLegacyRevision } from '../../wire/revisions.ts';
import type { SharedParts } from '../exchange/shared-parts.ts';

/** A session ends after so long, however much it is used. */
export const maxSessionMs: number = 24 * 60 * 60_000;

/** Longer ones would meet the limits of proxies on headers. What a client says of itself seldom takes 1,000. */
const maxTokenLength = 4_000;

/** What never changes about a session, and stands in its id. */
export interface SessionIdentity {
  readonly caller: Omit<Caller, 'principal' | 'forwardedHeaders'>;
  /** Milliseconds since 1970. */
  readonly endsAtMs: number;
}

/**
 * The session id that a client is given. Every replica can open it, for the same principal alone.
 * @returns undefined where it would be too long for a header
 */
export function sealSession(
  { sealer, fleet }: SharedParts,
  { caller, endsAtMs }: SessionIdentity,
  principal: Principal,
): string | undefined {
  const { sessionId, revision, capabilities, clientInfo, wishes } = caller;
  const text = JSON.stringify([sessionId, endsAtMs, revision, capabilities, clientInfo, wishes]);
  const token = sealer.seal('session', text, [...fleet, principalKey(principal)]);
  return token.length <= maxTokenLength ? token : undefined;
}

/** What a session id says; undefined for one that is not ours, not this principal's, or has ended. */
export function openSession(
  { sealer, fleet }: SharedParts,
  token: string,
  principal: Principal,
  nowMs: number,
): SessionIdentity | undefined {
  if (token.length > maxTokenLength) return undefined;
  const text = sealer.open('session', token, [...fleet, principalKey(principal)]);
  if (text === undefined) return undefined;
  const [sessionId, endsAtMs, revision, capabilities, clientInfo, wished] = JSON.parse(text) as unknown[];
  if (typeof sessionId !== 'string' || typeof endsAtMs !== 'number' || endsAtMs <= nowMs) return undefined;
  // A replica of another version may know other revisions.
  if (!isLegacyRevision(revision) || !isObject(capabilities)) return undefined;
  const wishes = isWishes(wished) ? wished : noWishes;
  const caller = { sessionId, hasSession: true, revision, capabilities, wishes };
  return { endsAtMs, caller: isObject(clientInfo) ? { ...caller, clientInfo } : caller };
}

function isWishes(value: unknown): value is Wishes {
  return isObject(value) && Object.values(value).every((wish) => typeof wish === 'string');
}
