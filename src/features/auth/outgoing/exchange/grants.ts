/** How each strategy that asks a provider comes to a token: which grants, in which order. */
import { CredentialError, type Principal, type SubjectToken } from '../../../../gateway/index.ts';
import {
  askForToken,
  type AskOptions,
  type IssuedToken,
  type TokenEndpoint,
} from '../oauth/token-endpoint.ts';

/** A strategy that asks a provider for tokens. Its URLs are of https, or of this machine. */
export type ExchangeOptions = ClientCredentialsOptions | TokenExchangeOptions | XaaOptions;

export interface ClientCredentialsOptions {
  readonly type: 'client_credentials';
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
  readonly audience?: string;
  /** RFC 8707. */
  readonly resource?: string;
}

export interface TokenExchangeOptions {
  readonly type: 'token_exchange';
  readonly tokenUrl: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly audience?: string;
  readonly scopes: readonly string[];
  /** A whole URN. */
  readonly subjectTokenType: string;
}

export interface XaaOptions {
  readonly type: 'xaa';
  readonly idpTokenUrl: string;
  readonly idpClientId?: string;
  readonly idpClientSecret?: string;
  readonly targetTokenUrl: string;
  readonly targetClientId?: string;
  readonly targetClientSecret?: string;
  /** The authorization server of the backend. */
  readonly targetAudience: string;
  readonly targetResource: string;
  readonly scopes: readonly string[];
  /** A whole URN. */
  readonly subjectTokenType: string;
}

const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';
const assertionGrant = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';
/** https://datatracker.ietf.org/doc/draft-ietf-oauth-identity-assertion-authz-grant/ */
const assertionTokenType = 'urn:ietf:params:oauth:token-type:id-jag';

/** A token of the gateway itself. */
export function askAsClient(options: ClientCredentialsOptions, ask: AskOptions): Promise<IssuedToken> {
  const { tokenUrl, clientId, clientSecret, audience, resource, scopes } = options;
  const parameters = present({ scope: scopes.join(' '), audience, resource });
  return askForToken({ tokenUrl, clientId, clientSecret }, { type: 'client_credentials', parameters }, ask);
}

/** A token of the caller's, for the token that the caller came with. */
export function askForCaller(
  options: TokenExchangeOptions | XaaOptions,
  token: SubjectToken,
  ask: AskOptions,
): Promise<IssuedToken> {
  return options.type === 'xaa' ? askAcross(options, token, ask) : exchange(options, token, ask);
}

/** RFC 8693 §2.1. */
function exchange(options: TokenExchangeOptions, token: SubjectToken, ask: AskOptions): Promise<IssuedToken> {
  const { tokenUrl, clientId, clientSecret, audience, scopes, subjectTokenType } = options;
  const parameters = present({
    subject_token: token.reveal(),
    subject_token_type: subjectTokenType,
    requested_token_type: accessTokenType,
    audience,
    scope: scopes.join(' '),
  });
  const endpoint = endpointOf(tokenUrl, clientId, clientSecret);
  return askForToken(endpoint, { type: exchangeGrant, parameters }, ask);
}

/** The caller's provider vouches for the caller to the authorization server of the backend, which then gives the token. */
async function askAcross(options: XaaOptions, token: SubjectToken, ask: AskOptions): Promise<IssuedToken> {
  const { targetAudience, targetResource, subjectTokenType } = options;
  const scope = options.scopes.join(' ');
  const assertion = await askForToken(
    endpointOf(options.idpTokenUrl, options.idpClientId, options.idpClientSecret),
    {
      type: exchangeGrant,
      issues: assertionTokenType,
      parameters: present({
        subject_token: token.reveal(),
        subject_token_type: subjectTokenType,
        requested_token_type: assertionTokenType,
        audience: targetAudience,
        resource: targetResource,
        scope,
      }),
    },
    ask,
  );
  return askForToken(
    endpointOf(options.targetTokenUrl, options.targetClientId, options.targetClientSecret),
    { type: assertionGrant, parameters: present({ assertion: assertion.text, scope }) },
    ask,
  );
}

function endpointOf(
  tokenUrl: string,
  clientId: string | undefined,
  clientSecret: string | undefined,
): TokenEndpoint {
  return {
    tokenUrl,
    ...(clientId !== undefined && { clientId }),
    ...(clientSecret !== undefined && { clientSecret }),
  };
}

function present(parameters: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );
}

/**
 * The caller's own token, which alone may be exchanged.
 * @throws CredentialError where the caller came with none, or with one that has ended
 */
export function subjectTokenOf({ token, issuer }: Principal, nowMs: number): SubjectToken {
  if (token === undefined) {
    const who = issuer === 'vmcp:anonymous' ? 'an anonymous caller' : 'this caller';
    const what = `${who} has no token of an OpenID provider to exchange: its backend needs callers who sign in ("incomingAuth.type: oidc")`;
    throw new CredentialError(what);
  }
  if (token.expiresAtMs !== undefined && token.expiresAtMs <= nowMs)
    throw new CredentialError("the caller's token has ended: sign in again");
  return token;
}
