import type { Dispatcher } from 'undici';
import { Pool } from 'undici';
import type { CredentialHeaders, OutgoingCredential } from '../../../../gateway/index.ts';
import type { OnDefect } from '../../../../lib/guarded.ts';
import { basicAuthorization } from './basic-authorization.ts';
import { guardedClients } from './guarded-client.ts';
import type { HttpLane } from './http-call.ts';
import { connectorToProxy, createTunnels, throughProxy, type HttpProxy } from './proxy.ts';
import { createConnector, type Connector, type TlsFiles } from './tls-connector.ts';

/** How a backend is reached over HTTP. */
export interface HttpTarget extends TlsFiles {
  readonly url: URL;
  /** Absent for a direct way. */
  readonly proxy?: HttpProxy;
}

/** The connections to one backend's origin, shared by all its sessions. */
export interface Origin {
  /** For requests that are answered and done. */
  readonly calls: HttpLane;
  /** For streams that stay open, apart from the calls so that however many there are, they hold up no call. */
  readonly streams: HttpLane;
  close(): Promise<void>;
}

const connectTimeoutMs = 10_000;
const maxCallConnections = 1_024;
/** Shorter than the 5 s after which many servers close an idle connection, so that few calls meet one being closed. */
const keepAliveTimeoutMs = 4_000;

export interface OriginOptions {
  /** What identifies the gateway, beside a name and a password in the URL, which it wins over. */
  readonly credential?: OutgoingCredential | undefined;
  readonly onDefect: OnDefect;
  /** Used instead of connections of its own, and not closed. */
  readonly sharedWays?: SharedWays | undefined;
}

/**
 * Keep-alive connections to one origin, directly or through a proxy. The sender of a request
 * bounds the wait for headers and bodies, since an answer may rightly take long.
 */
export function createOrigin(
  target: HttpTarget,
  { credential, onDefect, sharedWays }: OriginOptions,
): Origin {
  const { url } = target;
  const ways = sharedWays?.get(target, onDefect) ?? createWays(target, onDefect);
  const identity: Omit<HttpLane, 'dispatcher'> = {
    headersFor: identify(url, credential),
    refused: (context, headers) => credential?.refused?.(context, headers) ?? false,
  };
  return {
    calls: { dispatcher: ways.calls, ...identity },
    streams: { dispatcher: ways.streams, ...identity },
    close: () => (sharedWays === undefined ? ways.close() : Promise.resolve()),
  };
}

/** The connections of several clients of one backend, which differ in who they say that they are and in nothing else. */
export class SharedWays {
  #ways: Ways | undefined;

  /** @param target the same each time */
  get(target: HttpTarget, onDefect: OnDefect): Ways {
    this.#ways ??= createWays(target, onDefect);
    return this.#ways;
  }

  /** To be called once the last client is closed. */
  async close(): Promise<void> {
    await this.#ways?.close();
  }
}

/** Connections, whoever uses them. */
interface Ways {
  readonly calls: Dispatcher;
  readonly streams: Dispatcher;
  close(): Promise<void>;
}

function createWays(target: HttpTarget, onDefect: OnDefect): Ways {
  const { proxy } = target;
  const way = proxy === undefined ? directWay(target) : wayThrough(proxy, target, onDefect);
  const options = {
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: keepAliveTimeoutMs,
    connect: way.connector,
    factory: guardedClients(onDefect),
  };
  const calls = new Pool(way.origin, { ...options, connections: maxCallConnections });
  const streams = new Pool(way.origin, { ...options, connections: null });
  return {
    calls: way.compose(calls),
    streams: way.compose(streams),
    close: async () => void (await Promise.all([calls.destroy(), streams.destroy(), way.close()])),
  };
}

/** Where connections lead, how they are opened, and what is done to each request on them. */
interface Way {
  readonly origin: string;
  readonly connector: Connector;
  compose(pool: Pool): Dispatcher;
  close(): Promise<void>;
}

function directWay(target: HttpTarget): Way {
  return {
    origin: target.url.origin,
    connector: createConnector(target, connectTimeoutMs),
    compose: (pool) => pool,
    close: () => Promise.resolve(),
  };
}

function wayThrough(proxy: HttpProxy, target: HttpTarget, onDefect: OnDefect): Way {
  const { url, caBundlePath } = target;
  const toProxy = connectorToProxy(proxy, caBundlePath, connectTimeoutMs);
  if (url.protocol === 'http:') {
    return {
      origin: proxy.url.origin,
      connector: toProxy,
      compose: (pool) => pool.compose(throughProxy(proxy, url)),
      close: () => Promise.resolve(),
    };
  }
  const toBackend = createConnector(target, connectTimeoutMs);
  const tunnels = createTunnels(proxy, { toProxy, toBackend, timeoutMs: connectTimeoutMs, onDefect });
  return { ...tunnels, origin: url.origin, compose: (pool) => pool };
}

/** A name and a password in the URL hold for every request; a credential goes over them. */
function identify(url: URL, credential: OutgoingCredential | undefined): HttpLane['headersFor'] {
  const authorization = basicAuthorization(url);
  const base: CredentialHeaders = authorization === undefined ? {} : { authorization };
  if (credential === undefined) return () => base;
  if (authorization === undefined) return (context) => credential.headersFor(context);
  const over = (headers: CredentialHeaders): CredentialHeaders => ({ ...base, ...headers });
  return (context) => {
    const headers = credential.headersFor(context);
    return headers instanceof Promise ? headers.then(over) : over(headers);
  };
}
