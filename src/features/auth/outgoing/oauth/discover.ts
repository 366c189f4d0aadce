/** Finds the authorization server of a backend: by its 401, its metadata (RFC 9728), and that server's own (RFC 8414). */
import type { AuthorizationServer } from 'oauth4webapi';
import { isObject, type JsonObject } from '../../../../protocol/index.ts';
import { messageOf } from '../../../../lib/thrown.ts';
import { FetchFault, isLoopbackUrl, type GuardedFetch } from './guarded-fetch.ts';

/** What a login needs to know of a backend and its authorization server. */
export interface Discovered {
  readonly server: AuthorizationServer;
  /** What tokens are asked for (RFC 8707). */
  readonly resource: string;
  /** Those that the backend asks for; empty where it does not say. */
  readonly scopes: readonly string[];
}

/** A login cannot be made. The message says what was found and what to do. */
export class LoginError extends Error {
  readonly code = 'login';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LoginError';
  }
}

/** What tokens for a backend name it by: its URL, without a fragment, a query, a name and a password. */
export function resourceOf(url: URL): string {
  const { origin, pathname } = url;
  return pathname === '/' ? origin : `${origin}${pathname}`;
}

/** @throws LoginError where something is missing, or is not as it must be */
export async function discover(url: URL, fetch: GuardedFetch): Promise<Discovered> {
  const challenge = await challengeOf(url, fetch);
  const found = await resourceMetadata(url, challenge['resource_metadata'], fetch);
  const issuer = found?.issuer ?? url.origin;
  return {
    server: await authorizationServer(issuer, fetch),
    resource: found?.resource ?? resourceOf(url),
    scopes: challenge['scope']?.split(' ').filter(Boolean) ?? found?.scopes ?? [],
  };
}

/** What the backend says to a request without a credential. */
async function challengeOf(url: URL, fetch: GuardedFetch): Promise<Record<string, string>> {
  const response = await inWords(`the backend at ${url.origin}`, () =>
    fetch(`${url.origin}${url.pathname}${url.search}`, {
      method: 'POST',
      headers: {
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping', params: {} }),
    }),
  );
  return parametersOf(response.headers.get('www-authenticate') ?? '');
}

/** The parameters of the first `Bearer` challenge. */
function parametersOf(header: string): Record<string, string> {
  const start = /(?:^|,\s*)bearer\s+/i.exec(header);
  if (start === null) return {};
  const rest = header.slice(start.index + start[0].length);
  const found = [...rest.matchAll(/([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))/g)];
  return Object.fromEntries(
    found.map(([, name = '', quoted, bare]) => [
      name.toLowerCase(),
      (quoted ?? bare ?? '').replace(/\\(.)/g, '$1'),
    ]),
  );
}

interface ResourceMetadata {
  readonly issuer: string;
  readonly resource: string;
  readonly scopes?: readonly string[];
}

/** Undefined where the backend has none, as servers from before RFC 9728. */
async function resourceMetadata(
  url: URL,
  named: string | undefined,
  fetch: GuardedFetch,
): Promise<ResourceMetadata | undefined> {
  const wellKnown = `${url.origin}/.well-known/oauth-protected-resource`;
  const path = url.pathname === '/' ? '' : url.pathname;
  const places = named === undefined ? [...new Set([wellKnown + path, wellKnown])] : [named];
  for (const place of places) {
    const metadata = await fetchJson(place, fetch);
    if (metadata === undefined) continue;
    return checked(metadata, url, place);
  }
  if (named !== undefined) throw new LoginError(`expected metadata of the backend at ${named}, found none`);
  return undefined;
}

function checked(metadata: JsonObject, url: URL, place: string): ResourceMetadata {
  const { resource, authorization_servers: servers, scopes_supported: scopes } = metadata;
  if (typeof resource !== 'string' || !isResourceOf(resource, url)) {
    const found = typeof resource === 'string' ? `"${resource.slice(0, 200)}"` : 'none';
    throw new LoginError(
      `expected metadata for "${resourceOf(url)}" at ${place}, found the resource ${found}: a token for another is not asked for`,
    );
  }
  const issuer = Array.isArray(servers) ? servers[0] : undefined;
  if (typeof issuer !== 'string') throw new LoginError(`${place} names no authorization server`);
  return {
    issuer,
    resource,
    ...(Array.isArray(scopes) && { scopes: scopes.filter((scope) => typeof scope === 'string') }),
  };
}

/** True for the backend's own URL, and for one above it. */
export function isResourceOf(resource: string, url: URL): boolean {
  const named = URL.parse(resource);
  if (named === null || named.origin !== url.origin) return false;
  const [above, own] = [named.pathname, url.pathname].map((path) => path.replace(/\/*$/, '/'));
  return own?.startsWith(above ?? '/') === true;
}

async function authorizationServer(issuer: string, fetch: GuardedFetch): Promise<AuthorizationServer> {
  const oauth = await import('oauth4webapi');
  const url = URL.parse(issuer);
  if (url === null)
    throw new LoginError(`expected the URL of an authorization server, found "${issuer.slice(0, 200)}"`);
  const options = {
    [oauth.customFetch]: (asked: string, init: Parameters<GuardedFetch>[1]) => fetch(asked, init),
    [oauth.allowInsecureRequests]: isLoopbackUrl(url),
  };
  let lastError: unknown;
  for (const algorithm of ['oauth2', 'oidc'] as const) {
    try {
      const response = await oauth.discoveryRequest(url, { ...options, algorithm });
      if (response.status === 404) continue;
      const server = await oauth.processDiscoveryResponse(url, response);
      assertUsable(server);
      return server;
    } catch (error) {
      if (error instanceof LoginError) throw error;
      if (error instanceof FetchFault) throw new LoginError(error.message, { cause: error });
      lastError = error;
    }
  }
  const why = lastError === undefined ? 'it has none' : messageOf(lastError);
  throw new LoginError(`the metadata of the authorization server ${issuer} cannot be used: ${why}`, {
    cause: lastError,
  });
}

/** Without PKCE a code that is stolen on its way can be used. */
function assertUsable(server: AuthorizationServer): void {
  const { issuer, authorization_endpoint: authorize, token_endpoint: token } = server;
  if (authorize === undefined || token === undefined)
    throw new LoginError(`the authorization server ${issuer} does not say where to log in`);
  if (server.code_challenge_methods_supported?.includes('S256') !== true)
    throw new LoginError(
      `the authorization server ${issuer} does not say that it takes PKCE with S256 (code_challenge_methods_supported): no login is made without`,
    );
  const at = URL.parse(authorize);
  if (at === null || (at.protocol !== 'https:' && !isLoopbackUrl(at)))
    throw new LoginError(`the authorization server ${issuer} does not have its login page behind https`);
}

async function fetchJson(place: string, fetch: GuardedFetch): Promise<JsonObject | undefined> {
  const response = await inWords('the metadata of the backend', () =>
    fetch(place, { headers: { accept: 'application/json' } }),
  );
  if (response.status === 404 || response.status === 405 || response.status === 401) return undefined;
  if (response.status !== 200)
    throw new LoginError(`expected metadata at ${place}, found HTTP ${response.status}`);
  try {
    const json: unknown = await response.json();
    if (isObject(json)) return json;
  } catch (error) {
    throw new LoginError(`expected JSON at ${place}`, { cause: error });
  }
  throw new LoginError(`expected a JSON object at ${place}`);
}

async function inWords<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw new LoginError(`${what}: ${messageOf(error)}`, { cause: error });
  }
}
