/**
 * How authorization servers are asked: with limits on scheme, address, size and time. No redirect is followed. A name is
 * resolved once, and its connection goes to the address that was checked.
 */
import { lookup as resolve } from 'node:dns';
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { whyUnreachable } from '../../../../lib/connection-fault.ts';
import { isPrivateAddress } from '../../../../lib/private-address.ts';

export interface FetchWalls {
  /** Whether hosts of private networks, this machine's own included, may be asked. */
  readonly allowPrivateAddresses: boolean;
  /** Whether others than this machine may be asked without TLS. */
  readonly allowHttp?: boolean;
  /** For the whole exchange; 10 s unless given. */
  readonly timeoutMs?: number;
  /** Of a body; 1 MB unless given. */
  readonly maxBytes?: number;
}

export type GuardedFetch = (url: string, init?: GuardedInit) => Promise<Response>;

interface GuardedInit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** An authorization server could not be asked, or may not be. The message holds no secret. */
export class FetchFault extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'FetchFault';
  }
}

/** Makes a `fetch` that rejects with a `FetchFault` alone. */
export function createGuardedFetch(walls: FetchWalls): GuardedFetch {
  const { timeoutMs = 10_000, maxBytes = 1_000_000 } = walls;
  return async (text, init = {}) => {
    const url = urlToAsk(text, walls);
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const response = await send(url, init, walls, signal);
      return await read(response, url, maxBytes);
    } catch (error) {
      if (error instanceof FetchFault) throw error;
      const why = signal.aborted ? `did not answer within ${timeoutMs} ms` : whyUnreachable(error);
      throw new FetchFault(`${url.origin} cannot be asked: ${why}`, { cause: error });
    }
  };
}

/** A backend that is itself on this machine or in a private network may have its authorization server there. */
export function wallsFor(backend: URL, allowPrivateAddresses: boolean): FetchWalls {
  const host = bare(backend.hostname);
  const isPrivate = isLoopbackUrl(backend) || (isIP(host) !== 0 && isPrivateAddress(host));
  return { allowPrivateAddresses: allowPrivateAddresses || isPrivate };
}

/** True for a URL whose host is this machine by name or address. */
export function isLoopbackUrl({ hostname }: URL): boolean {
  const host = bare(hostname);
  return host === 'localhost' || host === '::1' || /^127(?:\.\d+){3}$/.test(host);
}

/** @throws FetchFault where this URL may not be asked */
function urlToAsk(text: string, { allowHttp = false, allowPrivateAddresses }: FetchWalls): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new FetchFault('expected a URL of http or https for the authorization server');
  if (url.protocol !== 'https:' && !allowHttp && !isLoopbackUrl(url))
    throw new FetchFault(`${url.origin} is not asked: expected https`);
  const host = bare(url.hostname);
  // Node asks no lookup function for an address that is written as numbers.
  if (!allowPrivateAddresses && isIP(host) !== 0 && isPrivateAddress(host)) throw privateFault(host);
  return url;
}

function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

const publicLookup: LookupFunction = (host, options, callback) => {
  resolve(host, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, '', 0);
    if (addresses.some(({ address }) => isPrivateAddress(address)))
      return callback(privateFault(host), '', 0);
    if (options.all === true) return callback(null, addresses);
    callback(null, addresses[0]?.address ?? '', addresses[0]?.family ?? 0);
  });
};

function privateFault(host: string): FetchFault {
  return new FetchFault(`${host} is not asked: it has an address of a private network`);
}

function send(
  url: URL,
  { method = 'GET', headers = {}, body }: GuardedInit,
  { allowPrivateAddresses }: FetchWalls,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const text = body === undefined || body === null ? undefined : String(body);
  const { promise, resolve: answered, reject } = Promise.withResolvers<IncomingMessage>();
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  request(url, {
    method,
    headers: {
      ...headers,
      'accept-encoding': 'identity',
      ...(text !== undefined && { 'content-length': Buffer.byteLength(text) }),
    },
    signal,
    ...(!allowPrivateAddresses && { lookup: publicLookup }),
  })
    .once('response', answered)
    .on('error', reject)
    .end(text);
  return promise;
}

async function read(message: IncomingMessage, url: URL, maxBytes: number): Promise<Response> {
  const status = message.statusCode ?? 0;
  if (status >= 300 && status < 400) {
    message.destroy();
    throw new FetchFault(`${url.origin} redirects elsewhere (HTTP ${status}), which is not followed`);
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // Leaving the loop destroys the response.
    if (bytes > maxBytes)
      throw new FetchFault(`${url.origin} answered with more than the ${maxBytes} bytes that are read`);
    chunks.push(chunk);
  }
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headersDistinct))
    for (const each of value ?? []) headers.append(name, each);
  const isEmpty = bytes === 0 || status === 204;
  const response = new Response(isEmpty ? null : Buffer.concat(chunks), { status, headers });
  return response;
}
