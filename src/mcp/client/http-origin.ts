import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import type { Dispatcher } from 'undici';
import { Pool } from 'undici';

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
 * @throws the file system's error when the CA bundle cannot be read.
 */
export function createOrigin(target: HttpTarget): Origin {
  const ca =
    target.caBundlePath === undefined
      ? undefined
      : [...rootCertificates, readFileSync(target.caBundlePath, 'utf8')];
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
  return `Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64')}`;
}

/** A percent sign that begins no escape stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function withAuthorization(authorization: string): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(
      { ...options, headers: { ...(options.headers as Record<string, string>), authorization } },
      handler,
    );
}
