import { readFileSync } from 'node:fs';
import type { Dispatcher } from 'undici';
import { Pool } from 'undici';
import { holdsCertificate, trustedWith } from '../../../../lib/certificates.ts';
import { percentDecoded } from '../../../../lib/percent-decoded.ts';

/** How a backend is reached over HTTP. */
export interface HttpTarget {
  readonly url: URL;
  /** PEM certificates trusted beside the built-in ones. */
  readonly caBundlePath?: string;
}

/** The connections to one backend's origin, shared by all its sessions. */
export interface Origin {
  /** For requests that are answered and done. */
  readonly calls: Dispatcher;
  /** For streams that stay open, apart from the calls so that however many there are, they hold up no call. */
  readonly streams: Dispatcher;
  close(): Promise<void>;
}

const connectTimeoutMs = 10_000;
const maxCallConnections = 1_024;
/** Shorter than the 5 s after which many servers close an idle connection, so that few calls meet one being closed. */
const keepAliveTimeoutMs = 4_000;

/**
 * Keep-alive connections to one origin. Waiting for headers and bodies is bounded by whoever sends the request, since an
 * answer may rightly take long.
 * @throws Error when the CA bundle cannot be read, or holds no certificate.
 */
export function createOrigin(target: HttpTarget): Origin {
  const { caBundlePath } = target;
  const ca = caBundlePath === undefined ? undefined : trustedWith(readCertificates(caBundlePath));
  const options = {
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: keepAliveTimeoutMs,
    connect: { timeout: connectTimeoutMs, ...(ca === undefined ? {} : { ca }) },
  };
  const calls = new Pool(target.url.origin, { ...options, connections: maxCallConnections });
  const streams = new Pool(target.url.origin, { ...options, connections: null });
  const authorization = basicAuthorization(target.url);
  return {
    calls: authorization === undefined ? calls : calls.compose(withAuthorization(authorization)),
    streams: authorization === undefined ? streams : streams.compose(withAuthorization(authorization)),
    close: async () => void (await Promise.all([calls.destroy(), streams.destroy()])),
  };
}

/** A name or a password in a URL is sent as `Basic` (RFC 7617), as HTTP clients do that are given one, Go's among them. */
function basicAuthorization({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  return `Basic ${Buffer.from(`${percentDecoded(username)}:${percentDecoded(password)}`).toString('base64')}`;
}

function withAuthorization(authorization: string): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(
      { ...options, headers: { ...(options.headers as Record<string, string>), authorization } },
      handler,
    );
}

function readCertificates(path: string): string {
  const pem = readFileSync(path, 'utf8');
  if (holdsCertificate(pem)) return pem;
  throw new Error(`expected certificates as PEM in ${path} (caBundlePath), found none`);
}
