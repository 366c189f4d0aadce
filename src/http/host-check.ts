import type { IncomingHttpHeaders } from 'node:http';

/** Names that mean this machine. A page of another site cannot have one of them as its own name. */
const loopbackNames: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** True for an address that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(?:\.[0-9]{1,3}){3}$/.test(host);
}

/**
 * Under which names a listener may be asked, and by pages of which sites. A web page in the user's browser could
 * otherwise reach a server that is meant for local programs, by giving its own name this machine's address (DNS
 * rebinding).
 */
export class HostCheck {
  /** Lower-cased, IPv6 in brackets; undefined where any name will do. */
  readonly #names: ReadonlySet<string> | undefined;
  /** Sites whose pages may ask, beside those of the names. */
  readonly #origins: ReadonlySet<string>;
  /** The last `Host` that passed: nearly every request has the same. */
  #passed: string | undefined;

  /**
   * On a loopback bind loopback names pass, and those that are allowed: a proxy on this machine passes on the name by
   * which it was asked. Elsewhere those that are allowed, where any are.
   * @param allowedOrigins as browsers write them: `https://chat.example.com`
   */
  constructor(boundHost: string, allowedHosts: readonly string[], allowedOrigins: readonly string[] = []) {
    this.#origins = new Set(allowedOrigins);
    const allowed = allowedHosts.map((name) => name.toLowerCase());
    if (isLoopback(boundHost)) {
      const bound = boundHost.includes(':') && !boundHost.startsWith('[') ? `[${boundHost}]` : boundHost;
      this.#names = new Set([...loopbackNames, bound, ...allowed]);
    } else if (allowedHosts.length > 0) {
      this.#names = new Set(allowed);
    }
  }

  /** Why a request with these headers must be refused; undefined when it need not be. */
  faultOf({ host, origin }: IncomingHttpHeaders): string | undefined {
    const fromPage = origin !== undefined && origin !== '';
    if (!fromPage && host !== undefined && host === this.#passed) return undefined;
    const name = nameOf(`http://${host ?? ''}`);
    if (name === undefined) return 'expected a header Host that names this server';
    if (this.#names !== undefined && !this.#names.has(name)) {
      return `the header Host names "${name}", which is not allowed here`;
    }
    if (fromPage && !this.#mayCome(origin, name))
      return 'the header Origin names a site that is not allowed here';
    this.#passed = host;
    return undefined;
  }

  /** A page of an allowed site or name may ask; where all names are allowed, a page that this server itself gave. */
  #mayCome(origin: string, name: string): boolean {
    if (this.#origins.has(origin)) return true;
    const site = nameOf(origin);
    if (this.#names === undefined) return site === name;
    return site !== undefined && this.#names.has(site);
  }
}

/** The host name in a URL, lower-cased; undefined when it is none with a host. */
function nameOf(url: string): string | undefined {
  const name = URL.parse(url)?.hostname;
  return name === undefined || name === '' ? undefined : name.toLowerCase();
}
