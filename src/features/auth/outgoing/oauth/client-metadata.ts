/** What authorization servers are told of this server that look it up by its URL instead of registering it. */
import type { FeatureRoute } from '../../../feature.ts';

const path = '/oauth/client-metadata.json';

/**
 * https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/
 * @param publicUrl without a slash at its end; the document is served where it is of https, as the draft asks
 */
export function clientMetadataRoutes(publicUrl: string | undefined): readonly FeatureRoute[] {
  if (publicUrl?.startsWith('https:') !== true) return [];
  const body = JSON.stringify({
    client_id: publicUrl + path,
    client_name: 'vmcp',
    client_uri: publicUrl,
    application_type: 'native',
    // The port is whichever is free then (RFC 8252 §7.3).
    redirect_uris: ['http://127.0.0.1/callback', 'http://localhost/callback'],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  });
  const headers = { 'content-type': 'application/json', 'cache-control': 'public, max-age=300' };
  return [
    {
      path,
      handle: (_request, response) => {
        response.writeHead(200, headers).end(body);
      },
    },
  ];
}
