/** What is served below `/.well-known/`: the metadata of the protected resource, and JSON for every path that is not. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FeatureRoute } from '../../feature.ts';
import { metadataPath, resourceOf, type ResourceTerms } from './resource.ts';

export interface MetadataTerms extends ResourceTerms {
  readonly issuer: string;
  readonly scopes: readonly string[];
}

/** @param terms absent where no provider issues the tokens that are taken */
export function wellKnownRoutes(terms?: MetadataTerms): FeatureRoute[] {
  const metadata = (request: IncomingMessage): object | undefined => {
    const resource = terms && resourceOf(terms, request);
    if (terms === undefined || resource === undefined) return undefined;
    return {
      resource,
      authorization_servers: [terms.issuer],
      bearer_methods_supported: ['header'],
      // As ToolHive: a client that is told no scope asks for the least that each provider knows.
      scopes_supported: terms.scopes.length > 0 ? terms.scopes : ['openid'],
    };
  };
  const none =
    terms === undefined ? 'this server takes no tokens of a provider' : 'set "publicUrl" or "oidc.resource"';
  const serveMetadata = answer(metadata, `there is no metadata of a protected resource: ${none}`);
  const serveNothing = answer(() => undefined, 'nothing is served at this path');
  return [
    { path: metadataPath, handle: serveMetadata },
    { path: `${metadataPath}/`, handle: serveMetadata },
    { path: '/.well-known/', handle: serveNothing },
  ];
}

/** Serves a JSON document to programs and to pages, or 404 where there is none. */
function answer(
  documentFor: (request: IncomingMessage) => object | undefined,
  missing: string,
): FeatureRoute['handle'] {
  return (request, response) => {
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-expose-headers', 'www-authenticate, retry-after');
    if (request.method === 'OPTIONS') return preflight(request, response);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD, OPTIONS');
      return send(response, 405, { error: 'method_not_allowed', error_description: 'expected GET' });
    }
    const document = documentFor(request);
    if (document === undefined) send(response, 404, { error: 'not_found', error_description: missing });
    else send(response, 200, document);
  };
}

function preflight({ headers }: IncomingMessage, response: ServerResponse): void {
  const wanted = headers['access-control-request-headers'];
  response.writeHead(204, {
    'access-control-allow-methods': 'GET, HEAD',
    ...(wanted !== undefined && { 'access-control-allow-headers': wanted }),
    'access-control-max-age': '600',
  });
  response.end();
}

function send(response: ServerResponse, status: number, document: object): void {
  const body = JSON.stringify(document);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
