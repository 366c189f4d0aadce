/** The official client in front of a real provider: from 401 to a tool call. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  Client,
  StreamableHTTPClientTransport,
  UnauthorizedError,
  type OAuthClientProvider,
  type StoredOAuthClientInformation,
  type StoredOAuthTokens,
} from '@modelcontextprotocol/client';
import { startAuthApp } from '../../support/auth-app.ts';
import { startControlledBackend, type ControlledBackend } from '../../support/controlled-backend.ts';
import { logInAndConsent, startRealProvider, type RealProvider } from '../../support/real-provider.ts';

const revisions = ['2025-11-25', '2026-07-28'] as const;
const audience = 'vmcp-real';
const redirectUri = 'http://127.0.0.1:9/callback';

let backend: ControlledBackend;
let provider: RealProvider;
before(async () => {
  [backend, provider] = await Promise.all([startControlledBackend(), startRealProvider(audience)]);
});
after(() => Promise.all([backend?.close(), provider?.close()]));

/** What the client remembers of its login, and where it sends the person. */
function createLogin(): OAuthClientProvider & {
  readonly sentTo: URL[];
  readonly known: () => StoredOAuthTokens | undefined;
} {
  let client: StoredOAuthClientInformation | undefined;
  let tokens: StoredOAuthTokens | undefined;
  let verifier = '';
  const sentTo: URL[] = [];
  return {
    sentTo,
    known: () => tokens,
    redirectUrl: redirectUri,
    clientMetadata: {
      client_name: 'test',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
    },
    clientInformation: () => client,
    saveClientInformation: (information) => void (client = information),
    tokens: () => tokens,
    saveTokens: (saved) => void (tokens = saved),
    redirectToAuthorization: (url) => void sentTo.push(url),
    saveCodeVerifier: (saved) => void (verifier = saved),
    codeVerifier: () => verifier,
  };
}

for (const revision of revisions) {
  describe(revision, () => {
    test('leads the official client through discovery, registration, PKCE and consent to a tool call', async (t) => {
      const oidc = { issuer: provider.issuer, audience, scopes: ['mcp'], jwksAllowPrivateIp: true };
      const served = await startAuthApp(
        t,
        { type: 'oidc', oidc, requireScopes: true },
        { backendUrl: backend.url },
      );
      const login = createLogin();
      const mode = revision === '2026-07-28' ? { pin: revision } : ('legacy' as const);
      const connect = async (): Promise<{
        client: Client;
        transport: StreamableHTTPClientTransport;
        error?: unknown;
      }> => {
        const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
        const transport = new StreamableHTTPClientTransport(served.url, { authProvider: login });
        try {
          await client.connect(transport);
          return { client, transport };
        } catch (error) {
          return { client, transport, error };
        }
      };
      const first = await connect();
      assert.ok(first.error instanceof UnauthorizedError, String(first.error));
      const [authorizeAt] = login.sentTo;
      assert.equal(authorizeAt?.searchParams.get('resource'), served.url.href);
      assert.equal(authorizeAt?.searchParams.get('code_challenge_method'), 'S256');
      assert.equal(authorizeAt?.searchParams.get('scope'), 'mcp');
      const back = await logInAndConsent(authorizeAt, redirectUri, 'dora');
      await first.transport.finishAuth(back.searchParams);
      const { client, error } = await connect();
      assert.equal(error, undefined);
      t.after(() => client.close());
      const result = await client.callTool({ name: 'one_ok', arguments: { a: 1 } });
      assert.deepEqual(result.structuredContent, { a: 1 });
      assert.ok(login.known()?.access_token);
    });
  });
}
