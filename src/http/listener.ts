import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { report, type OnDefect } from '../lib/guarded.ts';
import { HostCheck, isLoopback } from './host-check.ts';
import { sendJson, sendText } from './respond.ts';

/** Serves one request to its end. When it throws or rejects, the answer is status 500, where it has not begun. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** As `Handler`. `passed` is false for a request that would not have passed the `Host` check, had it been held. */
export type RouteHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  passed: boolean,
) => void | Promise<void>;

export interface Route {
  /** The whole path, such as `/mcp`. A query is not part of it. */
  readonly path: string;
  readonly handler: RouteHandler;
  /**
   * Where the `Host` check is held: everywhere unless it says `on-loopback` or `never`. Probes and scrapers ask by
   * addresses that no flag names; on a loopback bind a scraper asks by a loopback name.
   */
  readonly hostCheck?: 'on-loopback' | 'never';
}

export interface ListenerOptions {
  /** Address or name to bind. */
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** Names that clients may use, on a loopback bind beside its own names. Elsewhere none allows all. */
  readonly allowedHosts?: readonly string[];
  /** Sites whose pages may ask, as browsers write them in `Origin`. */
  readonly allowedOrigins?: readonly string[];
  readonly routes: readonly Route[];
  /** Routes that come and go, asked where no fixed one has the path. */
  readonly moreRoutes?: (path: string) => Handler | undefined;
  readonly timeouts?: Partial<ListenerTimeouts>;
  /** Told what handlers throw, and what the system reports of connections that it could not accept. */
  readonly onDefect?: OnDefect;
}

/** How long a client may take, in milliseconds. A slower one is cut off. */
export interface ListenerTimeouts {
  /** To send a request's headers. */
  readonly headersMs: number;
  /** To send a whole request, body and all. */
  readonly requestMs: number;
  /** To begin its next request on the same connection. */
  readonly keepAliveMs: number;
  /** How often all this is looked at. */
  readonly checkMs: number;
}

const defaultTimeouts: ListenerTimeouts = {
  headersMs: 10_000,
  requestMs: 30_000,
  keepAliveMs: 60_000,
  checkMs: 2_000,
};

export interface Listener {
  readonly port: number;
  /** `http://host:port`, with a host that passes the `Host` check: one that may be used, where any are named. */
  readonly url: string;
  /** Accepts no more connections, lets responses finish for at most `drainMs`, then closes what is left. */
  close(drainMs?: number): Promise<void>;
}

/**
 * Listens for HTTP and hands requests to routes by path.
 * @throws the system's error when the address cannot be bound.
 */
export async function createListener(options: ListenerOptions): Promise<Listener> {
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const server = createServer(
    {
      headersTimeout: timeouts.headersMs,
      requestTimeout: timeouts.requestMs,
      keepAliveTimeout: timeouts.keepAliveMs,
      connectionsCheckingInterval: timeouts.checkMs,
      noDelay: true,
    },
    guardedHandler(route(options), options.onDefect),
  );
  const fresh = freshConnections(server);
  await bind(server, options);
  // Without a listener it would end the process. The system may be out of what a further connection takes.
  server.on('error', (thrown) => report('the acceptance of connections', options.onDefect, thrown));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://${urlHost(options)}:${port}`,
    close: (drainMs = 0) => close(server, fresh, drainMs),
  };
}

function route(options: ListenerOptions): Handler {
  const hosts = new HostCheck(options.host, options.allowedHosts ?? [], options.allowedOrigins);
  const routes = new Map(options.routes.map((each) => [each.path, each]));
  const paths = [...routes.keys()].join(' ');
  const onLoopback = isLoopback(options.host);
  const isExempt = (found: Route | undefined): boolean =>
    found?.hostCheck === 'never' || (found?.hostCheck === 'on-loopback' && !onLoopback);
  return (request, response) => {
    const { url = '/' } = request;
    const query = url.indexOf('?');
    const path = query === -1 ? url : url.slice(0, query);
    const found = routes.get(path) ?? routes.get(path.replace(/(.)\/$/, '$1'));
    const handler = found?.handler ?? options.moreRoutes?.(path);
    if (handler === undefined) return notFound(request, response, hosts, paths);
    const fault = hosts.faultOf(request.headers);
    if (fault === undefined || isExempt(found)) return handler(request, response, fault === undefined);
    sendJson(response, 403, { error: fault });
  };
}

/** A handler that fails costs its own request alone. */
function guardedHandler(handler: Handler, onDefect: OnDefect | undefined): RequestListener {
  return (request, response) => {
    // A client that is gone is no fault of ours; what depends on it hears of it by 'close'.
    response.on('error', () => undefined);
    const fail = (thrown: unknown): void => {
      report('the handler of a path', onDefect, thrown);
      // A response that has begun can only be cut off.
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { error: 'internal error' });
    };
    try {
      handler(request, response)?.catch(fail);
    } catch (thrown) {
      fail(thrown);
    }
  };
}

function notFound(request: IncomingMessage, response: ServerResponse, hosts: HostCheck, paths: string): void {
  if (hosts.faultOf(request.headers) !== undefined) return sendText(response, 404, 'not found\n');
  sendText(response, 404, `nothing is served at this path; expected one of: ${paths}\n`);
}

async function bind(server: Server, { host, port }: ListenerOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Connections that have not sent a request yet. Clients open some ahead; Node does not count them as idle. */
function freshConnections(server: Server): ReadonlySet<Socket> {
  const fresh = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    fresh.add(socket);
    socket.once('close', () => fresh.delete(socket));
  });
  server.on('request', ({ socket }: IncomingMessage) => fresh.delete(socket));
  return fresh;
}

async function close(server: Server, fresh: ReadonlySet<Socket>, drainMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const closeIdle = (): void => {
    server.closeIdleConnections();
    for (const socket of fresh) socket.destroy();
  };
  closeIdle();
  // A connection that was busy at first and has its answer now would be kept alive for a next request.
  const sweep = setInterval(closeIdle, 50);
  const drained = new AbortController();
  await Promise.race([closed, setTimeout(drainMs, undefined, { signal: drained.signal }).catch(() => {})]);
  drained.abort();
  clearInterval(sweep);
  server.closeAllConnections();
  await closed;
}

/** A wildcard address is no address to connect to. */
function urlHost({ host, allowedHosts = [] }: ListenerOptions): string {
  const isWildcard = host === '0.0.0.0' || host === '::';
  const reached = isWildcard ? (allowedHosts[0] ?? 'localhost') : host;
  return reached.includes(':') && !reached.startsWith('[') ? `[${reached}]` : reached;
}
