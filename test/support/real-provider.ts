/** A real OpenID provider (`oidc-provider`), and a person in front of it who logs in and consents. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';

export interface RealProvider {
  readonly issuer: string;
  close(): Promise<void>;
}

/**
 * @param audience what its access tokens hold in `aud`, whichever resource they are asked for; that resource unless given
 * @param options.accessTokenTTL seconds
 */
export async function startRealProvider(
  audience: string | undefined,
  { accessTokenTTL = 600 }: { readonly accessTokenTTL?: number } = {},
): Promise<RealProvider> {
  let serve: RequestListener = (_request, response) => void response.writeHead(503).end();
  const server = createServer((request, response) => serve(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const provider = new Provider(issuer, {
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'real', alg: 'RS256', use: 'sig' }] },
    cookies: { keys: ['of a test'] },
    scopes: ['openid', 'offline_access', 'mcp'],
    findAccount: (_context: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: true },
      registration: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (_context: unknown, resource: string) => ({
          audience: audience ?? resource,
          scope: 'mcp',
          accessTokenFormat: 'jwt',
          accessTokenTTL,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  });
  serve = provider.callback();
  return {
    issuer,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/**
 * Goes where a browser would from an authorization URL: fills in each form, and follows each redirect.
 * @returns the URL at the client to which the provider leads in the end
 */
export async function logInAndConsent(start: URL, redirectUri: string, login: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let url = start;
  let init: RequestInit = {};
  for (let steps = 0; steps < 20; steps++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';', 1)[0] ?? '').split(/=(.*)/su);
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location === null) {
      const form = formOf(await response.text(), login);
      url = new URL(form.action, url);
      init = { method: 'POST', body: form.fields };
      continue;
    }
    url = new URL(location, url);
    if (url.href.startsWith(redirectUri)) return url;
    init = {};
  }
  throw new Error(`the provider did not come to an end; the last page was ${url.href}`);
}

function formOf(page: string, login: string): { readonly action: string; readonly fields: URLSearchParams } {
  const action = /<form[^>]*action="([^"]+)"/u.exec(page)?.[1];
  if (action === undefined) throw new Error(`expected a form, found: ${page.slice(0, 500)}`);
  const fields = new URLSearchParams();
  for (const [input] of page.matchAll(/<input[^>]*>/gu)) {
    const name = /name="([^"]*)"/u.exec(input)?.[1];
    const value = /value="([^"]*)"/u.exec(input)?.[1] ?? '';
    if (name !== undefined) fields.set(name, /type="hidden"/u.test(input) ? value : login);
  }
  return { action: action.replaceAll('&amp;', '&'), fields };
}
