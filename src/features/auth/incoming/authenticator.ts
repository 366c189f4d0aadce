/** Puts the checks of all types together. A credential is checked by one type, and one that fails is not tried again. */
import type {
  Authentication,
  AuthenticationRefusal,
  Authenticator,
  Principal,
  RequestHead,
} from '../../../gateway/index.ts';
import { apiKeyPrefix } from '../../../lib/api-key.ts';
import { FeatureError } from '../../feature.ts';
import { refusalFor, type ChallengeTerms, type CredentialFault } from './credential/challenge.ts';
import type { Checked, TokenCheck } from './credential/check.ts';
import { presentedBy } from './credential/credential.ts';

export interface TokenAuthenticatorOptions {
  /** At least one of both. */
  readonly apiKeys?: TokenCheck | undefined;
  readonly oidc?: TokenCheck | undefined;
  /** Scopes that each OIDC token must have. */
  readonly requiredScopes: readonly string[];
  readonly statusRequiresAuth: boolean;
  /** What a challenge to this request tells. */
  readonly termsFor: (request: RequestHead) => ChallengeTerms;
  /** Told why a request was refused, without its credential. */
  readonly onRefused?: (refusal: AuthenticationRefusal) => void;
}

export function authenticateByToken(options: TokenAuthenticatorOptions): Authenticator {
  const { apiKeys, oidc, requiredScopes, statusRequiresAuth, termsFor } = options;

  const check = (token: string): Checked | Promise<Checked> => {
    if (apiKeys !== undefined && (oidc === undefined || token.startsWith(apiKeyPrefix))) {
      return apiKeys.check(token);
    }
    const checked = oidc?.check(token) ?? { fault: { kind: 'missing' } };
    return checked instanceof Promise ? checked.then(withScopes) : withScopes(checked);
  };
  const withScopes = (checked: Checked): Checked => {
    if ('fault' in checked) return checked;
    const missing = requiredScopes.filter((scope) => !checked.principal.scopes.includes(scope));
    return missing.length === 0 ? checked : { fault: { kind: 'insufficient', missing } };
  };
  const refuse = (fault: CredentialFault, request: RequestHead): Authentication => {
    const refusal = refusalFor(fault, termsFor(request));
    options.onRefused?.(refusal);
    return { refusal };
  };
  const answer = (checked: Checked, request: RequestHead): Authentication =>
    'principal' in checked ? checked : refuse(checked.fault, request);

  return {
    statusRequiresAuth,
    authenticate(request) {
      const presented = presentedBy(request);
      if (presented.kind === 'none') return refuse({ kind: 'missing' }, request);
      if (presented.kind === 'malformed') return refuse(presented, request);
      const checked = check(presented.token);
      return checked instanceof Promise
        ? checked.then((settled) => answer(settled, request))
        : answer(checked, request);
    },
    authenticateStdio: async (token) => principalOfStdio(token, check),
  };
}

async function principalOfStdio(
  token: string | undefined,
  check: (token: string) => Checked | Promise<Checked>,
): Promise<Principal> {
  if (token === undefined || token === '') {
    throw new FeatureError(
      'incomingAuth asks who calls, and VMCP_TOKEN is not set: put the credential of the client on stdin into it',
    );
  }
  const checked = await check(token);
  if ('principal' in checked) return checked.principal;
  throw new FeatureError(`VMCP_TOKEN is not accepted: ${wordsFor(checked.fault)}`);
}

function wordsFor(fault: CredentialFault): string {
  if (fault.kind === 'missing') return 'no type of incomingAuth takes it';
  if (fault.kind === 'insufficient') return `it lacks the scope ${fault.missing.join(' ')}`;
  return fault.description;
}
