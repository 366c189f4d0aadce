import { isObject, type JsonValue } from '../../../../protocol/index.ts';
import { ProviderStatusError, type ProviderHttp } from './provider-http.ts';

/** Where a provider keeps what this server needs of it. */
export interface ProviderEndpoints {
  readonly jwksUrl: string;
  readonly introspectionUrl?: string;
}

/**
 * Reads a provider's own description: OpenID Connect Discovery or, where there is none, RFC 8414.
 * @throws Error that says what was expected
 */
export async function discover(issuer: string, http: ProviderHttp): Promise<ProviderEndpoints> {
  const document = await fetchDocument(issuer, http);
  if (!isObject(document)) throw new Error(`expected an object as the description of ${issuer}`);
  const { issuer: named, jwks_uri: jwksUrl, introspection_endpoint: introspectionUrl } = document;
  if (named !== issuer) {
    const found = typeof named === 'string' ? `"${named}"` : 'none';
    throw new Error(
      `expected the provider to name itself "${issuer}", found ${found}: write "issuer" as it does`,
    );
  }
  if (typeof jwksUrl !== 'string' || !URL.canParse(jwksUrl)) {
    throw new Error(`expected a URL in "jwks_uri" of the description of ${issuer}`);
  }
  const introspects = typeof introspectionUrl === 'string' && URL.canParse(introspectionUrl);
  return { jwksUrl, ...(introspects && { introspectionUrl }) };
}

async function fetchDocument(issuer: string, http: ProviderHttp): Promise<JsonValue> {
  const base = issuer.replace(/\/+$/, '');
  try {
    return await http.fetchJson(`${base}/.well-known/openid-configuration`);
  } catch (error) {
    if (!(error instanceof ProviderStatusError) || error.status !== 404) throw error;
    const { origin, pathname } = new URL(base);
    const path = pathname === '/' ? '' : pathname;
    return await http.fetchJson(`${origin}/.well-known/oauth-authorization-server${path}`);
  }
}
