/** A login at a backend's authorization server, by a person in a browser: authorization code with PKCE, always. */
import type { AuthorizationServer, Client } from 'oauth4webapi';
import { messageOf } from '../../../../lib/thrown.ts';
import { discover, LoginError, type Discovered } from './discover.ts';
import { isLoopbackUrl, type GuardedFetch } from './guarded-fetch.ts';
import { everyone, type Logins, type StoredLogin } from './stored-login.ts';

/** How this server is known to authorization servers; what is left out is found out. */
export interface OAuthOptions {
  readonly scopes: readonly string[];
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** Where this server's client metadata document is. */
  readonly clientMetadataUrl?: string;
}

export interface LoginRequest {
  /** The `name` of the configuration. */
  readonly server: string;
  readonly backend: string;
  readonly url: URL;
  readonly oauth: OAuthOptions;
  /** Where the browser comes back to. */
  readonly redirectUri: string;
  readonly logins: Logins;
  readonly fetch: GuardedFetch;
  /** Milliseconds since 1970. */
  readonly wallClock?: () => number;
}

/** A login that waits for its person. */
export interface PendingLogin {
  /** Where the person has to go. */
  readonly url: string;
  readonly issuer: string;
  /**
   * Ends it, with where the browser came back to.
   * @returns the scopes that were granted; undefined where the server does not say
   * @throws LoginError
   */
  finish(returned: URL): Promise<{ readonly scope?: string }>;
}

/** @throws LoginError */
export async function beginLogin(request: LoginRequest): Promise<PendingLogin> {
  const { url, oauth: options, redirectUri, fetch } = request;
  const oauth = await import('oauth4webapi');
  const discovered = await discover(url, fetch);
  const { server, resource } = discovered;
  const client = await clientFor(server, request);
  const [verifier, state] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomState()];
  const scopes = options.scopes.length > 0 ? options.scopes : discovered.scopes;
  const place = new URL(server.authorization_endpoint ?? '');
  for (const [name, value] of Object.entries({
    response_type: 'code',
    client_id: client.client_id,
    redirect_uri: redirectUri,
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    resource,
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
    // OpenID providers give a refresh token to those alone whose user was asked.
    ...(scopes.includes('offline_access') && { prompt: 'consent' }),
  }))
    place.searchParams.set(name, value);
  return {
    url: place.href,
    issuer: server.issuer,
    finish: async (returned) => {
      const login = await redeem(request, { discovered, client, verifier, state }, returned);
      await keep(request, server.issuer, login);
      return { ...(login.scope !== undefined && { scope: login.scope }) };
    },
  };
}

interface RegisteredClient {
  readonly client_id: string;
  readonly client_secret?: string;
  readonly secretInBody?: boolean;
}

/** One that the file names, one that the server can look up, or else one that is registered for this server alone. */
async function clientFor(server: AuthorizationServer, request: LoginRequest): Promise<RegisteredClient> {
  const { clientId, clientSecret, clientMetadataUrl } = request.oauth;
  const methods = server.token_endpoint_auth_methods_supported;
  const secretInBody = methods?.includes('client_secret_basic') === false;
  if (clientId !== undefined) {
    return {
      client_id: clientId,
      ...(clientSecret !== undefined && { client_secret: clientSecret, secretInBody }),
    };
  }
  if (clientMetadataUrl !== undefined && server['client_id_metadata_document_supported'] === true)
    return { client_id: clientMetadataUrl };
  if (server.registration_endpoint === undefined)
    throw new LoginError(
      `the authorization server ${server.issuer} registers no clients by itself: register one there with the redirect URI http://127.0.0.1/callback, and set "oauth.clientId" of the backend`,
    );
  return register(server, request);
}

/** RFC 7591. */
async function register(
  server: AuthorizationServer,
  { redirectUri, fetch }: LoginRequest,
): Promise<RegisteredClient> {
  const oauth = await import('oauth4webapi');
  try {
    const response = await oauth.dynamicClientRegistrationRequest(
      server,
      {
        client_name: 'vmcp',
        application_type: 'native',
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
      },
      fetchOptions(oauth, server, fetch),
    );
    const client = await oauth.processDynamicClientRegistrationResponse(response);
    const secret = client.client_secret;
    const secretInBody = client['token_endpoint_auth_method'] === 'client_secret_post';
    return {
      client_id: client.client_id,
      ...(typeof secret === 'string' &&
        client['token_endpoint_auth_method'] !== 'none' && { client_secret: secret, secretInBody }),
    };
  } catch (error) {
    throw new LoginError(
      `the authorization server ${server.issuer} did not register this client: ${wordsFor(error)}`,
      { cause: error },
    );
  }
}

interface Begun {
  readonly discovered: Discovered;
  readonly client: RegisteredClient;
  readonly verifier: string;
  readonly state: string;
}

async function redeem(
  { redirectUri, fetch, wallClock = Date.now }: LoginRequest,
  { discovered, client: registered, verifier, state }: Begun,
  returned: URL,
): Promise<StoredLogin> {
  const oauth = await import('oauth4webapi');
  const { server, resource } = discovered;
  const { secretInBody = false, client_secret: clientSecret } = registered;
  const client: Client = { client_id: registered.client_id };
  const authentication =
    clientSecret === undefined
      ? oauth.None()
      : secretInBody
        ? oauth.ClientSecretPost(clientSecret)
        : oauth.ClientSecretBasic(clientSecret);
  const askedAtMs = wallClock();
  try {
    const parameters = oauth.validateAuthResponse(server, client, returned, state);
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      authentication,
      parameters,
      redirectUri,
      verifier,
      { ...fetchOptions(oauth, server, fetch), additionalParameters: { resource } },
    );
    const issued = await oauth.processAuthorizationCodeResponse(server, client, response);
    const { access_token, expires_in, refresh_token, scope } = issued;
    return {
      resource,
      accessToken: access_token,
      ...(expires_in !== undefined && { expiresAtMs: askedAtMs + expires_in * 1000 }),
      ...(refresh_token !== undefined && { refreshToken: refresh_token }),
      ...(scope !== undefined && { scope }),
      tokenUrl: server.token_endpoint ?? '',
      ...(server.revocation_endpoint !== undefined && { revocationUrl: server.revocation_endpoint }),
      clientId: client.client_id,
      ...(clientSecret !== undefined && { clientSecret, secretInBody }),
    };
  } catch (error) {
    throw new LoginError(`the login at ${server.issuer} failed: ${wordsFor(error)}`, { cause: error });
  }
}

async function keep(
  { logins, server, backend }: LoginRequest,
  issuer: string,
  value: StoredLogin,
): Promise<void> {
  const owner = { server, backend, issuer, subject: everyone };
  await logins.update(async (entries) => [
    ...entries.filter(
      (entry) =>
        entry.owner.server !== server || entry.owner.backend !== backend || entry.owner.subject !== everyone,
    ),
    { owner, value },
  ]);
}

type OAuth = typeof import('oauth4webapi');

function fetchOptions(oauth: OAuth, { issuer }: AuthorizationServer, fetch: GuardedFetch) {
  return {
    [oauth.customFetch]: (url: string, init: Parameters<GuardedFetch>[1]) => fetch(url, init),
    [oauth.allowInsecureRequests]: isLoopbackUrl(new URL(issuer)),
  };
}

/** What an authorization server answered, as far as it may be shown. */
function wordsFor(error: unknown): string {
  const said = error as { readonly error?: unknown; readonly error_description?: unknown };
  if (typeof said?.error === 'string') {
    const more =
      typeof said.error_description === 'string' ? `: ${said.error_description.slice(0, 200)}` : '';
    return `${said.error.slice(0, 60)}${more}`;
  }
  return messageOf(error);
}

/** Tells the server that issued a login that it is over (RFC 7009), where the server takes that. Never rejects. */
export async function revoke(issuer: string, login: StoredLogin, fetch: GuardedFetch): Promise<boolean> {
  const { revocationUrl, clientId, clientSecret, secretInBody = false } = login;
  if (revocationUrl === undefined) return false;
  const oauth = await import('oauth4webapi');
  const server: AuthorizationServer = { issuer, revocation_endpoint: revocationUrl };
  const authentication =
    clientSecret === undefined
      ? oauth.None()
      : secretInBody
        ? oauth.ClientSecretPost(clientSecret)
        : oauth.ClientSecretBasic(clientSecret);
  try {
    const response = await oauth.revocationRequest(
      server,
      { client_id: clientId },
      authentication,
      login.refreshToken ?? login.accessToken,
      fetchOptions(oauth, server, fetch),
    );
    await oauth.processRevocationResponse(response);
    return true;
  } catch {
    return false;
  }
}
