import { percentDecoded } from '../../../../lib/percent-decoded.ts';

/** A name or a password in a URL is sent as `Basic` (RFC 7617), as HTTP clients do that are given one, Go's among them. */
export function basicAuthorization({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  return `Basic ${Buffer.from(`${percentDecoded(username)}:${percentDecoded(password)}`).toString('base64')}`;
}
