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

const connectTimeoutMs = 10_000;
/** Streams that stay open (one a session at most) share the pool with calls, so this bounds both. */
const maxConnections = 1_024;

/**
 * The keep-alive connections to one backend's origin, shared by all its sessions. Waiting for headers and bodies is bounded
 * by whoever sends the request, since an answer may rightly take long.
 * @throws the file system's error when the CA bundle cannot be read.
 */
export function createOrigin(target: HttpTarget): Dispatcher {
  const ca =
    target.caBundlePath === undefined
      ? undefined
      : [...rootCertificates, readFileSync(target.caBundlePath, 'utf8')];
  return new Pool(target.url.origin, {
    connections: maxConnections,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 4_000,
    connect: { timeout: connectTimeoutMs, ...(ca === undefined ? {} : { ca }) },
  });
}
