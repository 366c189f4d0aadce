/** An OpenID provider in the test's own process, which issues whatever tokens a test wants. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose';

export const audience = 'vmcp-test';

/** A key of the provider's. */
export interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

export async function createSigningKey(kid: string, alg = 'ES256'): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

export interface TokenOptions {
  readonly claims?: JWTPayload;
  /** Seconds from now; 600 unless given. */
  readonly lifetimeS?: number;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly key?: SigningKey;
}

/** A token of an issuer, for `alice` and this server unless claims say otherwise. */
export function issueToken(issuer: string, key: SigningKey, options: TokenOptions = {}): Promise<string> {
  const { claims = {}, lifetimeS = 600, header = {} } = options;
  const nowS = Math.floor(Date.now() / 1000);
  const payload = { iss: issuer, aud: audience, sub: 'alice', iat: nowS, exp: nowS + lifetimeS, ...claims };
  const signer = new SignJWT(payload).setProtectedHeader({ alg: key.alg, kid: key.kid, ...header });
  return signer.sign(key.privateKey);
}

export interface FakeProvider {
  readonly issuer: string;
  /** What it answers at paths, by path; a test changes it. */
  readonly routes: Map<string, (request: IncomingMessage, response: ServerResponse) => void>;
  /** Requests so far, by path. */
  readonly asked: Map<string, number>;
  /** Its keys; a test changes them. */
  keys: SigningKey[];
  token(options?: TokenOptions): Promise<string>;
  close(): Promise<void>;
}

export async function startFakeProvider(): Promise<FakeProvider> {
  const key = await createSigningKey('first');
  const asked = new Map<string, number>();
  const routes: FakeProvider['routes'] = new Map();
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.set(path, (asked.get(path) ?? 0) + 1);
    const route = routes.get(path);
    if (route === undefined) response.writeHead(404).end();
    else route(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider: FakeProvider = {
    issuer,
    routes,
    asked,
    keys: [key],
    token: ({ key: signedBy, ...options } = {}) => {
      const [first] = provider.keys;
      return issueToken(issuer, signedBy ?? first ?? key, options);
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  routes.set('/.well-known/openid-configuration', (_request, response) => {
    sendJson(response, {
      issuer,
      jwks_uri: `${issuer}/jwks`,
      introspection_endpoint: `${issuer}/introspect`,
    });
  });
  routes.set('/jwks', (_request, response) => {
    sendJson(response, { keys: provider.keys.map(({ publicJwk }) => publicJwk) });
  });
  return provider;
}

export function sendJson(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
