/** Asks one token endpoint for tokens. Brings `oauth4webapi`, which loads when a token is first asked for. */
import type { AuthorizationServer, Client, ClientAuth, TokenEndpointResponse } from 'oauth4webapi';
import { CredentialError } from '../../../../gateway/index.ts';
import { messageOf } from '../../../../lib/thrown.ts';
import { FetchFault, type GuardedFetch } from './guarded-fetch.ts';

/** Where tokens are asked for, and as which client. */
export interface TokenEndpoint {
  readonly tokenUrl: string;
  /** Absent where the provider knows the caller by the token alone. */
  readonly clientId?: string;
  /** Absent for a public client. Sent as `Basic`, unless `secretInBody`. */
  readonly clientSecret?: string;
  readonly secretInBody?: boolean;
  /** What the token must be issued by, where that is known. */
  readonly issuer?: string;
}

export interface IssuedToken {
  readonly text: string;
  /** In milliseconds since 1970; absent where the endpoint does not say. */
  readonly expiresAtMs?: number;
  readonly refreshToken?: string;
  readonly scope?: string;
}

export interface Grant {
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** What `issued_token_type` must be; the token is then one for another provider, not for a backend. */
  readonly issues?: string;
}

export interface AskOptions {
  readonly fetch: GuardedFetch;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
}

/**
 * What the endpoint gives for a grant.
 * @throws CredentialError that says what the provider answered; it holds no token
 */
export async function askForToken(
  endpoint: TokenEndpoint,
  { type, parameters, issues }: Grant,
  { fetch, wallClock }: AskOptions,
): Promise<IssuedToken> {
  const oauth = await import('oauth4webapi');
  const { tokenUrl, clientId, clientSecret, secretInBody = false } = endpoint;
  const { origin, protocol } = new URL(tokenUrl);
  const server: AuthorizationServer = { issuer: endpoint.issuer ?? origin, token_endpoint: tokenUrl };
  const client: Client = { client_id: clientId ?? 'none' };
  const askedAtMs = wallClock();
  try {
    const response = await oauth.genericTokenEndpointRequest(
      server,
      client,
      authenticationOf(oauth, clientId, clientSecret, secretInBody),
      type,
      { ...parameters },
      {
        [oauth.customFetch]: (url, init) => fetch(url, init),
        [oauth.allowInsecureRequests]: protocol === 'http:',
      },
    );
    const issued = await oauth.processGenericTokenEndpointResponse(server, client, response, {
      ...(issues !== undefined && { recognizedTokenTypes: { n_a: () => undefined } }),
    });
    if (issues !== undefined && issued['issued_token_type'] !== issues) {
      throw new CredentialError(`the provider at ${origin} issued another kind of token than ${issues}`);
    }
    return toToken(issued, askedAtMs);
  } catch (error) {
    throw toCredentialError(oauth, error, origin);
  }
}

type OAuth = typeof import('oauth4webapi');

function authenticationOf(
  oauth: OAuth,
  clientId: string | undefined,
  clientSecret: string | undefined,
  secretInBody: boolean,
): ClientAuth {
  if (clientId === undefined) return () => undefined;
  if (clientSecret === undefined) return oauth.None();
  return secretInBody ? oauth.ClientSecretPost(clientSecret) : oauth.ClientSecretBasic(clientSecret);
}

function toToken(issued: TokenEndpointResponse, askedAtMs: number): IssuedToken {
  const { access_token: text, expires_in: lifetimeS, refresh_token: refreshToken, scope } = issued;
  return {
    text,
    ...(lifetimeS !== undefined && { expiresAtMs: askedAtMs + lifetimeS * 1000 }),
    ...(refreshToken !== undefined && { refreshToken }),
    ...(scope !== undefined && { scope }),
  };
}

/** A provider refused a grant, in the terms of RFC 6749 §5.2. */
export class GrantRefused extends CredentialError {
  /** Such as `invalid_grant`. */
  readonly error: string;
  constructor(message: string, error: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'GrantRefused';
    this.error = error;
  }
}

const maxDescription = 200;

function toCredentialError(oauth: OAuth, error: unknown, origin: string): CredentialError {
  if (error instanceof CredentialError) return error;
  const provider = `the provider at ${origin}`;
  if (error instanceof oauth.ResponseBodyError) {
    const { error: code, error_description: described, status } = error;
    const why = described === undefined ? '' : `: ${described.slice(0, maxDescription)}`;
    const what = `refused to give a token (${code.slice(0, 60)}, HTTP ${status})${why}`;
    return new GrantRefused(`${provider} ${what}`, code, { cause: error });
  }
  if (error instanceof oauth.WWWAuthenticateChallengeError)
    return new CredentialError(
      `${provider} does not accept the client's id and secret (HTTP ${error.status})`,
      {
        cause: error,
      },
    );
  if (error instanceof FetchFault)
    return new CredentialError(`the provider ${error.message}`, { cause: error });
  const why = error instanceof oauth.OperationProcessingError ? messageOf(error) : 'the request failed';
  return new CredentialError(`${provider} did not answer as a token endpoint does: ${why}`, { cause: error });
}
