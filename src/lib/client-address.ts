import { BlockList, isIP, isIPv6 } from 'node:net';

/** What a request says of the way that it came. */
export interface AddressSource {
  /** The other end of the connection. */
  readonly remoteAddress?: string | undefined;
  /** Lower-cased names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Longer chains are cut: only the last proxies can be trusted anyway. */
const maxHops = 32;

/**
 * Makes a function that tells a client's address. `X-Forwarded-For` is read from its end, and only as far as proxies of
 * this list wrote it: what stands before the first address that is not a trusted proxy's, anyone may have written.
 * @param trusted IP addresses and ranges (CIDR)
 */
export function clientAddress(trusted: readonly string[]): (source: AddressSource) => string | undefined {
  const proxies = new BlockList();
  for (const range of trusted) {
    const [address = '', prefix] = range.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) proxies.addAddress(address, family);
    else proxies.addSubnet(address, Number(prefix), family);
  }
  const isTrusted = (address: string): boolean => proxies.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  return ({ remoteAddress, headers }) => {
    let address = plain(remoteAddress);
    if (address === undefined || !isTrusted(address)) return address;
    const chain = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',').slice(-maxHops);
    for (const hop of chain.toReversed()) {
      const named = plain(hop.trim());
      if (named === undefined) return address;
      address = named;
      if (!isTrusted(address)) return address;
    }
    return address;
  };
}

/** Without the port, the brackets and the form in which IPv6 holds an IPv4 address; undefined for what is no address. */
function plain(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const bare = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? text.replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1');
  const mapped = /^::ffff:(\d+(?:\.\d+){3})$/i.exec(bare)?.[1] ?? bare;
  return isIP(mapped) === 0 ? undefined : mapped;
}
