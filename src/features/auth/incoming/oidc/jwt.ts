/** Checks tokens that are JWTs, by the provider's keys. */
import { decodeProtectedHeader, errors, jwtVerify, type JWTVerifyGetKey } from 'jose';
import type { JsonObject } from '../../../../protocol/index.ts';
import { invalid, type Checked } from '../credential/check.ts';
import { faultOfClaims, principalOf, skewS } from './claims.ts';
import type { Provider } from './provider.ts';

/** Those that a public key can verify: a secret that is shared, or no signature at all, proves nothing here. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

export interface JwtTerms {
  readonly provider: Pick<Provider, 'keys' | 'newerKeys'>;
  readonly issuer: string;
  readonly audience: string;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
}

/** True for a text of three parts, the first of which is a header as JWTs have it. */
export function isJwt(token: string): boolean {
  if (token.split('.').length !== 3) return false;
  try {
    return typeof decodeProtectedHeader(token).alg === 'string';
  } catch {
    return false;
  }
}

/** Whose the token is. Never rejects. */
export async function checkJwt(token: string, terms: JwtTerms): Promise<Checked> {
  const { provider } = terms;
  const fault = faultOfHeader(token);
  if (fault !== undefined) return invalid(fault);
  const keys = await provider.keys();
  if (keys === undefined) {
    const description = 'the keys of the provider cannot be fetched now; try again';
    return { fault: { kind: 'unavailable', description, retryAfterS: 5 } };
  }
  const checked = await verify(token, keys, terms);
  if (checked !== 'unknown key') return checked;
  const newer = await provider.newerKeys();
  const again = newer === undefined ? 'unknown key' : await verify(token, newer, terms);
  return again === 'unknown key'
    ? invalid('the token is signed by a key that the provider does not have')
    : again;
}

function faultOfHeader(token: string): string | undefined {
  const { alg, kid } = decodeProtectedHeader(token);
  if (!algorithms.includes(alg ?? '')) return 'the token is signed by an algorithm that is not taken here';
  return typeof kid === 'string' ? undefined : 'the token does not name its key (kid)';
}

async function verify(
  token: string,
  keys: JWTVerifyGetKey,
  { issuer, audience, wallClock }: JwtTerms,
): Promise<Checked | 'unknown key'> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      algorithms,
      issuer,
      audience,
      clockTolerance: skewS,
      currentDate: new Date(wallClock()),
      requiredClaims: ['exp', 'sub'],
    });
    const claims = payload as JsonObject;
    const fault = faultOfClaims(claims);
    return fault === undefined ? { principal: principalOf(claims, issuer) } : invalid(fault);
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return 'unknown key';
    return invalid(wordsFor(error));
  }
}

function wordsFor(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'the token has expired';
  if (error instanceof errors.JWTClaimValidationFailed) return claimWords(error);
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'the signature of the token is wrong';
  return 'the token is malformed';
}

function claimWords({ claim, reason }: errors.JWTClaimValidationFailed): string {
  if (reason === 'missing') return `the token lacks the claim ${claim}`;
  switch (claim) {
    case 'aud':
      return 'the token is for another audience (aud)';
    case 'iss':
      return 'the token is of another issuer (iss)';
    case 'nbf':
      return 'the token is not valid yet (nbf)';
    default:
      return `the claim ${claim} of the token is wrong`;
  }
}
