/** Web pages as clients: a page that may ask can, whatever the browser wants to be told, and any other is refused. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { edgeOfFile } from '../support/edge.ts';
import { modernMeta, openSession, post } from '../support/raw-mcp.ts';

const edge = await edgeOfFile();
const page = 'http://localhost:6274';

function preflight(origin: string, wanted: string): Promise<Response> {
  const headers = {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': wanted,
  };
  return fetch(edge.url, { method: 'OPTIONS', headers });
}

describe('a web page', () => {
  test('of a name that may ask is told that it may send what it wants to send', async () => {
    const wanted = 'content-type,mcp-method,mcp-param-city,mcp-protocol-version,mcp-session-id';
    const { status, headers } = await preflight(page, wanted);
    assert.equal(status, 204);
    assert.equal(headers.get('access-control-allow-origin'), page);
    assert.equal(headers.get('access-control-allow-methods'), 'POST, GET, DELETE');
    assert.equal(headers.get('access-control-allow-headers'), wanted);
    assert.match(headers.get('vary') ?? '', /origin/);
    assert.equal(headers.get('access-control-allow-credentials'), null);
  });

  test('may read answers, errors and the session id', async () => {
    const session = await openSession(edge.url, { headers: { origin: page } });
    const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    const modern = { ...list, params: { _meta: modernMeta } };
    const modernHeaders = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list', origin: page };
    for (const [body, sent, status] of [
      [list, { ...session, origin: page }, 200],
      [modern, modernHeaders, 200],
      [list, { origin: page }, 400],
      ['{', { origin: page }, 400],
    ] as const) {
      const answer = await post(edge.url, body, sent);
      assert.equal(answer.status, status);
      assert.equal(answer.headers.get('access-control-allow-origin'), page);
      assert.match(answer.headers.get('access-control-expose-headers') ?? '', /mcp-session-id/i);
    }
  });

  for (const origin of ['https://evil.example', 'null', 'http://localhost.evil.example']) {
    test(`of ${origin} is refused, before and with its request`, async () => {
      for (const answer of [
        await preflight(origin, 'content-type'),
        await post(edge.url, '{}', { origin }),
      ]) {
        assert.equal(answer.status, 403);
        assert.equal(answer.headers.get('access-control-allow-origin'), null);
      }
      assert.equal(edge.gateway.calls.length, 0);
    });
  }
});

test('a client that is no page is told nothing of pages, and has no use for OPTIONS', async () => {
  const answer = await post(edge.url, '{');
  assert.equal(answer.headers.get('access-control-allow-origin'), null);
  assert.equal((await fetch(edge.url, { method: 'OPTIONS' })).status, 405);
});
