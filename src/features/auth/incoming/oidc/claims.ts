/** What a provider says of a caller, as a principal. */
import type { JsonObject, JsonValue } from '../../../../protocol/index.ts';
import type { Principal } from '../../../../gateway/index.ts';

/** Seconds by which the clocks of the provider and of this server may differ. */
export const skewS = 30;

/** Claims that hold groups, the first that is there counts; as in ToolHive. */
const groupClaims = ['groups', 'roles', 'cognito:groups'] as const;

/**
 * @param claims with `sub`; verified
 * @param issuer who vouches for them
 */
export function principalOf(claims: JsonObject, issuer: string): Principal {
  const { sub, exp } = claims;
  return {
    issuer,
    subject: String(sub),
    claims,
    groups: groupsOf(claims),
    scopes: scopesOf(claims),
    ...(typeof exp === 'number' && { expiresAtMs: (exp + skewS) * 1000 }),
  };
}

/**
 * Why a caller cannot be made of these claims, whose signature, issuer, audience and times are in order; undefined where
 * one can.
 */
export function faultOfClaims({ sub, cnf }: JsonObject): string | undefined {
  if (typeof sub !== 'string' || sub === '' || sub.includes('\0')) return 'the token names no subject (sub)';
  // RFC 7800: of use to the holder of a key alone, which a bearer does not prove to be.
  if (cnf !== undefined) return 'the token is bound to a key (cnf); this server takes bearer tokens alone';
  return undefined;
}

function groupsOf(claims: JsonObject): string[] {
  for (const name of groupClaims) {
    const groups = textsOf(claims[name]);
    if (groups.length > 0) return groups;
  }
  return [];
}

/** `scope` is a text (RFC 9068), `scp` a text or a list (Entra ID, Okta). */
function scopesOf({ scope, scp }: JsonObject): string[] {
  const written = scope ?? scp;
  return typeof written === 'string' ? written.split(' ').filter((word) => word !== '') : textsOf(written);
}

function textsOf(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
