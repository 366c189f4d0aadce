import { isIP, isIPv6 } from 'node:net';
import { z } from 'zod';

/** An IP address, or a range of them such as `10.0.0.0/8`. */
export function addressRange(): z.ZodString {
  return z
    .string()
    .refine(isAddressRange, { error: 'expected an IP address or a range such as "10.0.0.0/8"' })
    .meta({ pattern: String.raw`^(?:\d{1,3}(?:\.\d{1,3}){3}|[\dA-Fa-f]*:[\dA-Fa-f:.]*)(?:/\d{1,3})?$` });
}

function isAddressRange(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/');
  if (isIP(address) === 0 || address.includes('%') || more.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (isIPv6(address) ? 128 : 32));
}
