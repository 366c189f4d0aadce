/**
 * How a request is refused for its credential: the status, the challenge that tells a client where to get a better one
 * (RFC 6750 §3, RFC 9728 §5.1), and a body as ToolHive has it.
 */
import type { AuthenticationRefusal } from '../../../../gateway/index.ts';

/** Why a credential is not taken. */
export type CredentialFault =
  | { readonly kind: 'missing' }
  | { readonly kind: 'malformed'; readonly status: 400 | 401; readonly description: string }
  | { readonly kind: 'invalid'; readonly description: string }
  | { readonly kind: 'insufficient'; readonly missing: readonly string[] }
  | { readonly kind: 'unavailable'; readonly description: string; readonly retryAfterS: number };

/** What a challenge tells beside the fault. */
export interface ChallengeTerms {
  readonly realm: string;
  /** Where the metadata of this resource is; absent where there is no provider. */
  readonly resourceMetadata?: string | undefined;
  readonly scopes: readonly string[];
}

export function refusalFor(fault: CredentialFault, terms: ChallengeTerms): AuthenticationRefusal {
  switch (fault.kind) {
    case 'missing': {
      const description =
        'this server wants to know who calls: send the header "Authorization: Bearer TOKEN"';
      // RFC 6750 §3.1: a request without any credential is told no error code in the challenge.
      return refusal(401, 'invalid_request', description, { challenge: challenge(terms) });
    }
    case 'malformed':
      return challenged(fault.status, 'invalid_request', fault.description, terms);
    case 'invalid':
      return challenged(401, 'invalid_token', fault.description, terms);
    case 'insufficient': {
      const description = `the token lacks the scope ${fault.missing.join(' ')}`;
      return challenged(403, 'insufficient_scope', description, terms);
    }
    case 'unavailable':
      return refusal(503, 'temporarily_unavailable', fault.description, { retryAfterS: fault.retryAfterS });
  }
}

function challenged(
  status: number,
  error: string,
  description: string,
  terms: ChallengeTerms,
): AuthenticationRefusal {
  const parts = { error, error_description: description };
  return refusal(status, error, description, { challenge: challenge(terms, parts) });
}

function refusal(
  status: number,
  error: string,
  description: string,
  more: { readonly challenge?: string; readonly retryAfterS?: number },
): AuthenticationRefusal {
  return {
    status,
    message: description,
    body: { error, error_description: description },
    headers: {
      ...(more.challenge !== undefined && { 'www-authenticate': more.challenge }),
      ...(more.retryAfterS !== undefined && { 'retry-after': String(more.retryAfterS) }),
      'cache-control': 'no-store',
    },
  };
}

function challenge(
  { realm, resourceMetadata, scopes }: ChallengeTerms,
  more: Readonly<Record<string, string>> = {},
): string {
  const parameters = {
    realm,
    ...(resourceMetadata !== undefined && { resource_metadata: resourceMetadata }),
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
    ...more,
  };
  const written = Object.entries(parameters).map(([name, value]) => `${name}="${quoted(value)}"`);
  return `Bearer ${written.join(', ')}`;
}

/** As a quoted string of HTTP: printable ASCII, and quotes that do not end it. */
function quoted(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, (mark) => `\\${mark}`);
}
