import type { IncomingHttpHeaders } from 'node:http';

/** Names that mean this machine. A page of another site cannot have one of them as its own name. */
const loopbackNames: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** True for an address that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(?:\.[0-9]{1,3}){3}$/.test(host);
}

/** The names under which a listener may be asked: see the contract's section on HTTP. */
export interface HostPolicy {
  /** Lower-cased, IPv6 in brackets; undefined when any name will do. */
  readonly names: ReadonlySet<string> | undefined;
}

/**
 * On a loopback bind only loopback names pass; elsewhere those that were allowed, where any were. `localhost` with any
 * other spelling of the bound loopback address is a loopback name as well.
 */
export function hostPolicy(boundHost: string, allowedHosts: readonly string[]): HostPolicy {
  if (isLoopback(boundHost)) {
    const bound = boundHost.includes(':') && !boundHost.startsWith('[') ? `[${boundHost}]` : boundHost;
    return { names: new Set([...loopbackNames, bound]) };
  }
  if (allowedHosts.length === 0) return { names: undefined };
  return { names: new Set(allowedHosts.map((name) => name.toLowerCase())) };
}

/**
 * Why a request must be refused: its `Host` is none of ours, or its `Origin` is a site that is none of ours. Either is
 * how a web page in the user's browser would reach a server that is meant for local programs (DNS rebinding).
 */
export function hostFault(headers: IncomingHttpHeaders, policy: HostPolicy): string | undefined {
  const { names } = policy;
  const host = nameOf(`http://${headers.host ?? ''}`);
  if (host === undefined) return 'expected a header Host that names this server';
  if (names !== undefined && !names.has(host))
    return `the header Host names "${host}", which is not allowed here`;
  const { origin } = headers;
  if (origin === undefined || origin === '') return undefined;
  const site = nameOf(origin);
  const ours = names === undefined ? site === host : site !== undefined && names.has(site);
  return ours ? undefined : 'the header Origin names a site that is not allowed here';
}

/** The host name in a URL, lower-cased; undefined when it is none with a host. */
function nameOf(url: string): string | undefined {
  const name = URL.parse(url)?.hostname;
  return name === undefined || name === '' ? undefined : name.toLowerCase();
}
