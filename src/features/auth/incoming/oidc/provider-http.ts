/** How a provider is asked: JSON over HTTPS, with limits on time, size and address. No redirect is followed. */
import { lookup as resolve } from 'node:dns';
import { Agent as HttpAgent, request as requestHttp, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { JsonValue } from '../../../../protocol/index.ts';
import { isPrivateAddress } from '../../../../lib/private-address.ts';

export interface ProviderHttpOptions {
  /** Certificate authorities to trust; those of Node unless given. */
  readonly ca?: readonly string[] | undefined;
  readonly allowPrivateAddresses: boolean;
  /** Whether a provider elsewhere may be asked without TLS. */
  readonly allowHttp: boolean;
  readonly limits?: Partial<ProviderLimits>;
}

export interface ProviderLimits {
  /** For the whole exchange. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

const defaultLimits: ProviderLimits = { timeoutMs: 10_000, maxBytes: 1_000_000 };

export interface ProviderRequest {
  /** A form to post; without it the request is a GET. */
  readonly form?: Readonly<Record<string, string>>;
  readonly authorization?: string | undefined;
}

export interface ProviderHttp {
  /**
   * What the URL answers with.
   * @throws Error that says what was wrong with the answer, never what stood in it
   */
  fetchJson(url: string, request?: ProviderRequest): Promise<JsonValue>;
  close(): void;
}

export function createProviderHttp(options: ProviderHttpOptions): ProviderHttp {
  const { ca, allowPrivateAddresses } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const lookup = allowPrivateAddresses ? undefined : publicLookup;
  const shared = { keepAlive: true, maxSockets: 32, ...(lookup && { lookup }) };
  const http = new HttpAgent(shared);
  const https = new HttpsAgent({ ...shared, ...(ca && { ca: [...ca] }) });
  return {
    async fetchJson(text, request = {}) {
      const url = urlToAsk(text, options);
      const signal = AbortSignal.timeout(limits.timeoutMs);
      const agent = url.protocol === 'https:' ? https : http;
      try {
        const response = await send(url, request, agent, signal);
        return await readJson(response, url, limits.maxBytes);
      } catch (error) {
        if (!signal.aborted) throw error;
        throw new Error(`${url.host} did not answer within ${limits.timeoutMs} ms`, { cause: error });
      }
    },
    close() {
      http.destroy();
      https.destroy();
    },
  };
}

/** @throws Error where the configuration does not let this URL be asked */
function urlToAsk(text: string, { allowHttp, allowPrivateAddresses }: ProviderHttpOptions): URL {
  const url = new URL(text);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (url.protocol !== 'https:' && !allowHttp && !isLoopbackName(host)) {
    throw new Error(`expected https, found ${url.origin}; "insecureAllowHttp: true" would allow it`);
  }
  // Node asks no lookup function for an address that is written as numbers.
  if (!allowPrivateAddresses && isIP(host) !== 0 && isPrivateAddress(host)) throw privateAddress(host, host);
  return url;
}

function isLoopbackName(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d+){3}$/.test(host);
}

/** Resolves names as Node does, and refuses those that lead to a private address. */
const publicLookup: LookupFunction = (host, options, callback) => {
  resolve(host, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, '', 0);
    const [first] = addresses;
    const refused = addresses.find(({ address }) => isPrivateAddress(address));
    if (refused !== undefined) return callback(privateAddress(host, refused.address), '', 0);
    if (options.all) return callback(null, addresses);
    callback(null, first?.address ?? '', first?.family ?? 0);
  });
};

function privateAddress(host: string, address: string): Error {
  const has =
    host === address ? `${host} is a private address` : `${host} has the private address ${address}`;
  return new Error(`${has}; "jwksAllowPrivateIp: true" would allow it`);
}

function send(
  url: URL,
  { form, authorization }: ProviderRequest,
  agent: HttpAgent,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const body = form && new URLSearchParams({ ...form }).toString();
  const headers = {
    accept: 'application/json',
    'accept-encoding': 'identity',
    ...(body !== undefined && {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': Buffer.byteLength(body),
    }),
    ...(authorization !== undefined && { authorization }),
  };
  const { promise, resolve: answered, reject } = Promise.withResolvers<IncomingMessage>();
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  request(url, { method: body === undefined ? 'GET' : 'POST', headers, agent, signal })
    .once('response', answered)
    .on('error', reject)
    .end(body);
  return promise;
}

async function readJson(response: IncomingMessage, url: URL, maxBytes: number): Promise<JsonValue> {
  const where = url.origin + url.pathname;
  if (response.statusCode !== 200) {
    response.destroy();
    throw new ProviderStatusError(where, response.statusCode ?? 0);
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // Leaving the loop destroys the response.
    if (bytes > maxBytes) throw new Error(`expected at most ${maxBytes} bytes from ${where}`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as JsonValue;
  } catch (error) {
    throw new Error(`expected JSON from ${where}`, { cause: error });
  }
}

/** The provider answered with another status than 200. */
export class ProviderStatusError extends Error {
  readonly status: number;
  constructor(where: string, status: number) {
    super(`expected status 200 from ${where}, found ${status}`);
    this.name = 'ProviderStatusError';
    this.status = status;
  }
}
