/** Which headers a configuration may set towards backends. */

/** Those of one connection (RFC 9110 §7.6.1), of the message's body, and those that the gateway itself speaks with. */
const ownHeaders: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'last-event-id',
  'te',
  'trailer',
  'trailers',
  'transfer-encoding',
  'upgrade',
]);

/** Those by which a client is known, and those that proxies write about it. */
const headersOfClients: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'forwarded',
  'origin',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
]);

/** Those of one request, which a value for all requests would make untrue. */
const headersOfRequests: ReadonlySet<string> = new Set(['traceparent', 'tracestate']);

/** True for a header that the configuration may give a value of its own. The name is in lower case. */
export function isSettable(name: string): boolean {
  return !isOwnHeader(name) && !headersOfRequests.has(name);
}

/** True for a header of a client that may go on to backends. The name is in lower case. */
export function isForwardable(name: string): boolean {
  return !isOwnHeader(name) && !headersOfClients.has(name) && !name.startsWith('sec-');
}

function isOwnHeader(name: string): boolean {
  return ownHeaders.has(name) || /^(?:proxy-|mcp-)/.test(name);
}
