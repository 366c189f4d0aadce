import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { test } from 'node:test';
import { clientMetadataRoutes } from './client-metadata.ts';

test('the client metadata document names itself, and where a browser comes back to', () => {
  const [route, ...more] = clientMetadataRoutes('https://vmcp.example');
  assert.deepEqual(more, []);
  assert.equal(route?.path, '/oauth/client-metadata.json');
  let sent = '';
  const response = { writeHead: () => response, end: (text: string) => (sent = text) };
  route?.handle({} as IncomingMessage, response as unknown as ServerResponse);
  const document = JSON.parse(sent) as Record<string, unknown>;
  assert.equal(document['client_id'], 'https://vmcp.example/oauth/client-metadata.json');
  assert.deepEqual(document['redirect_uris'], ['http://127.0.0.1/callback', 'http://localhost/callback']);
  assert.equal(document['token_endpoint_auth_method'], 'none');
});

test('there is none where authorization servers could not fetch it safely', () => {
  assert.deepEqual(clientMetadataRoutes(undefined), []);
  assert.deepEqual(clientMetadataRoutes('http://vmcp.example'), []);
});
