/**
 * Web pages as clients: what a browser wants to be told before it hands a page an answer (CORS, the Fetch standard).
 *
 * Which pages may ask at all is decided before: the listener refuses every other `Origin` with 403, and nothing here is
 * reached then. No page is ever let in by a wildcard, and none with cookies or other credentials of the browser.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { headerNames } from '../../wire/revisions.ts';

/** Seconds for which a browser need not ask again. */
const preflightSeconds = 600;

/** Lets the page that a request comes from read the answer. Does nothing for clients that are no pages. */
export function showToPage({ headers }: IncomingMessage, response: ServerResponse): void {
  const { origin } = headers;
  if (origin === undefined || origin === '') return;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader(
    'access-control-expose-headers',
    `${headerNames.sessionId}, www-authenticate, retry-after`,
  );
  response.setHeader('vary', 'origin');
}

/** True for a browser's question whether a page may send what it wants to send. */
export function isPreflight({ method, headers }: IncomingMessage): boolean {
  const asks = headers['access-control-request-method'] !== undefined;
  return method === 'OPTIONS' && asks && headers.origin !== undefined;
}

/** It may: any header that a page names, since those of `Mcp-Param-*` are as many as tools have parameters. */
export function answerPreflight({ headers }: IncomingMessage, response: ServerResponse): void {
  const wanted = headers['access-control-request-headers'];
  response.writeHead(204, {
    'access-control-allow-methods': 'POST, GET, DELETE',
    ...(wanted === undefined ? {} : { 'access-control-allow-headers': wanted }),
    'access-control-max-age': String(preflightSeconds),
    vary: 'origin, access-control-request-headers',
  });
  response.end();
}
