import { BlockList, isIP } from 'node:net';
import type { ProxyConfig } from './config.ts';

/** True for a URL that leads to an HTTP proxy. */
export function isProxyUrl(text: string): boolean {
  const url = /^https?:\/\//i.test(text) ? URL.parse(text) : null;
  return url !== null && url.pathname === '/' && url.search === '' && url.hash === '';
}

/**
 * The proxy that the environment names for a URL: `HTTPS_PROXY` or `HTTP_PROXY` by its scheme, in small letters or in
 * capitals, unless `NO_PROXY` excepts its host. This machine's own addresses are never reached through a proxy, as in Go.
 * A value without a scheme is the host and port of a proxy that speaks HTTP.
 * @returns undefined for a direct way; `url` is not sound when the variable's value is not
 */
export function proxyOf(target: URL, environment: Readonly<Record<string, string | undefined>>): ProxyConfig | undefined {
  const name = target.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const set = [name.toLowerCase(), name].find((variable) => environment[variable]);
  if (set === undefined || isLoopback(hostOf(target)) || isExcepted(target, environment)) return undefined;
  const text = environment[set] ?? '';
  return { url: text.includes('://') ? text : `http://${text}`, from: set };
}

/** Whether the list excepts a host: by name, with every name below it; by address or range (CIDR); with a port or any. */
function isExcepted(target: URL, environment: Readonly<Record<string, string | undefined>>): boolean {
  const list = environment['no_proxy'] || environment['NO_PROXY'] || '';
  const host = hostOf(target);
  const port = target.port || (target.protocol === 'https:' ? '443' : '80');
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry !== '' && (entry === '*' || covers(entry, host, port)));
}

function covers(entry: string, host: string, port: string): boolean {
  if (entry.includes('/')) return isInRange(host, entry);
  const onPort = /^(?:\[.*\]|[^:]*):(\d+)$/.exec(entry)?.[1];
  if (onPort !== undefined && onPort !== port) return false;
  const name = (onPort === undefined ? entry : entry.slice(0, -onPort.length - 1)).replace(/^\[|\]$/g, '');
  if (isIP(name) !== 0) return isInRange(host, `${name}/${isIP(name) === 4 ? 32 : 128}`);
  const domain = name.replace(/^\*?\./, '');
  if (domain === '') return false;
  // With a dot before it, a name stands for those below it alone.
  return host.endsWith(`.${domain}`) || (host === domain && domain === name);
}

/** @param range as CIDR writes it; one that is not sound holds nothing */
function isInRange(host: string, range: string): boolean {
  const [network = '', bits = ''] = range.split('/');
  if (isIP(host) === 0 || isIP(host) !== isIP(network) || !/^\d{1,3}$/.test(bits)) return false;
  const family = isIP(host) === 4 ? 'ipv4' : 'ipv6';
  if (Number(bits) > (family === 'ipv4' ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family);
  return list.check(host, family);
}

/** True for names and addresses of this machine itself. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || host.startsWith('127.');
}

/** A URL's host without brackets and without a dot at its end. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}
