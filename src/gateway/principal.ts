/**
 * Who is calling, as an authenticator found out. Made before the funnel; every stage and the catalogue trust it.
 */
import type { JsonObject } from '../protocol/index.ts';
import type { SubjectToken } from './subject-token.ts';

export interface Principal {
  /** Who vouches for the subject: an OpenID provider's URL, or a name of ours such as `vmcp:anonymous`. */
  readonly issuer: string;
  /** Unique within the issuer, never by itself: two issuers may know an `alice` each. Never a metric label. */
  readonly subject: string;
  /** What the issuer says of the subject; empty where it says nothing. */
  readonly claims: JsonObject;
  readonly groups: readonly string[];
  readonly scopes: readonly string[];
  /** When what proves it ends, in milliseconds since 1970; absent where it does not end. */
  readonly expiresAtMs?: number;
  /** What proves it, where that is a token of an OpenID provider. An API key is never one. */
  readonly token?: SubjectToken;
}

/** The principal where callers need not prove who they are, and the one under which the gateway itself asks. */
export const anonymous: Principal = {
  issuer: 'vmcp:anonymous',
  subject: 'anonymous',
  claims: {},
  groups: [],
  scopes: [],
};

/**
 * The key under which state is kept for a principal: issuer and subject. An issuer is an absolute URL or a name of ours,
 * and neither holds a NUL, so that no two principals share a key.
 */
export function principalKey({ issuer, subject }: Principal): string {
  return `${issuer}\0${subject}`;
}

/** True when the credential behind a principal has ended. `nowMs` in milliseconds since 1970. */
export function isExpired({ expiresAtMs }: Principal, nowMs: number): boolean {
  return expiresAtMs !== undefined && nowMs >= expiresAtMs;
}

export function isSamePrincipal(left: Principal, right: Principal): boolean {
  return left.issuer === right.issuer && left.subject === right.subject;
}
