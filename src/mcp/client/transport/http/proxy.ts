import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import { Pool } from 'undici';
import { guarded, type OnDefect } from '../../../../lib/guarded.ts';
import { toError } from '../../../../lib/thrown.ts';
import { whyUnreachable } from '../../../../lib/connection-fault.ts';
import { basicAuthorization } from './basic-authorization.ts';
import { guardedClients } from './guarded-client.ts';
import { createConnector, type Connector, type TlsFiles } from './tls-connector.ts';

/** An HTTP proxy on the way to a backend. */
export interface HttpProxy {
  /** `http://` or `https://`; a name and a password in it are sent to the proxy as `Basic`. */
  readonly url: URL;
  /** What names it: the key `proxy`, or an environment variable. For messages. */
  readonly from: string;
}

/** The way to a proxy: as connections are opened to it, failing in words that name it. */
export function connectorToProxy(
  proxy: HttpProxy,
  caBundlePath: string | undefined,
  timeoutMs: number,
): Connector {
  // The certificate of `tls` is for the backend alone.
  const files: TlsFiles = caBundlePath === undefined ? {} : { caBundlePath };
  const connect = createConnector(files, timeoutMs);
  return (options, callback) =>
    connect(options, (...[error, socket]) => {
      if (error === null) callback(null, socket);
      else callback(proxyError(proxy, `cannot be reached: ${whyUnreachable(error)}`, error), null);
    });
}

/**
 * For a backend over TLS: each connection is a tunnel through the proxy (`CONNECT`, RFC 9110 §9.3.6), in which TLS begins
 * with the backend itself.
 */
export interface Tunnels {
  readonly connector: Connector;
  close(): Promise<void>;
}

export interface TunnelOptions {
  readonly toProxy: Connector;
  /** Begins TLS in a tunnel. */
  readonly toBackend: Connector;
  readonly timeoutMs: number;
  readonly onDefect: OnDefect;
}

export function createTunnels(
  proxy: HttpProxy,
  { toProxy, toBackend, timeoutMs, onDefect }: TunnelOptions,
): Tunnels {
  const pool = new Pool(proxy.url.origin, {
    connect: toProxy,
    connections: null,
    pipelining: 1,
    factory: guardedClients(onDefect),
  });
  return {
    connector(options, callback) {
      const fail = guarded('the failure of a tunnel', onDefect, (error: Error) => callback(error, null));
      const port = options.port || '443';
      const host = options.hostname.includes(':') ? `[${options.hostname}]` : options.hostname;
      openTunnel(pool, proxy, `${host}:${port}`, timeoutMs)
        .then((httpSocket) => toBackend({ ...options, httpSocket }, callback))
        .catch((error: unknown) => fail(toError(error)));
    },
    close: () => pool.destroy(),
  };
}

async function openTunnel(
  pool: Pool,
  proxy: HttpProxy,
  authority: string,
  timeoutMs: number,
): Promise<Socket> {
  const signal = AbortSignal.timeout(timeoutMs);
  const headers = { host: authority, ...proxyHeaders(proxy) };
  let opened: Dispatcher.ConnectData;
  try {
    opened = await pool.connect({ path: authority, headers, signal });
  } catch (error) {
    if (error instanceof ProxyError) throw error;
    const why = signal.aborted ? `did not answer within ${timeoutMs} ms` : `failed: ${whyUnreachable(error)}`;
    throw proxyError(proxy, why, error);
  }
  const { statusCode, socket } = opened;
  if (statusCode >= 200 && statusCode < 300) return socket as Socket;
  socket.on('error', () => undefined).destroy();
  throw proxyError(proxy, refusal(statusCode, authority));
}

function refusal(status: number, authority: string): string {
  return status === 407
    ? 'asks for credentials (HTTP 407): put a name and a password into its URL'
    : `opens no way to ${authority} (HTTP ${status})`;
}

/**
 * For a backend without TLS: requests go to the proxy itself and name the backend whole (RFC 9112 §3.2.2), since proxies let
 * few ports through tunnels.
 */
export function throughProxy(proxy: HttpProxy, backend: URL): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(
      {
        ...options,
        path: backend.origin + options.path,
        headers: {
          ...(options.headers as Record<string, string>),
          host: backend.host,
          ...proxyHeaders(proxy),
        },
      },
      handler,
    );
}

function proxyHeaders({ url }: HttpProxy): Record<string, string> {
  const authorization = basicAuthorization(url);
  return authorization === undefined ? {} : { 'proxy-authorization': authorization };
}

/** The way failed at the proxy, before anything reached the backend. */
export class ProxyError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ProxyError';
  }
}

function proxyError({ url, from }: HttpProxy, what: string, cause?: unknown): ProxyError {
  return new ProxyError(
    `the proxy ${url.host} (${from}) ${what}`,
    cause === undefined ? undefined : { cause },
  );
}
