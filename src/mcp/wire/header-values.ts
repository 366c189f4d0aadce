/**
 * How a value from a message's body stands in an HTTP header (`Mcp-Name`, `Mcp-Param-*`): as it is when it is plain
 * ASCII, else as Base64 of its UTF-8 between `=?base64?` and `?=`.
 *
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#value-encoding
 */
const prefix = '=?base64?';
const suffix = '?=';
const plain = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/;
const unfit = /[^\t\x20-\x7e]/;
const canonicalBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The header value for a string. */
export function encodeHeaderValue(value: string): string {
  if (plain.test(value) && !isEncoded(value)) return value;
  return prefix + Buffer.from(value, 'utf8').toString('base64') + suffix;
}

/** The string that a header value stands for; undefined when no header may say it, or its Base64 or UTF-8 is not valid. */
export function decodeHeaderValue(header: string): string | undefined {
  if (!isEncoded(header)) return unfit.test(header) ? undefined : header;
  const base64 = header.slice(prefix.length, -suffix.length);
  if (!canonicalBase64.test(base64)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(base64, 'base64'));
  } catch {
    return undefined;
  }
}

function isEncoded(value: string): boolean {
  return value.length >= prefix.length + suffix.length && value.startsWith(prefix) && value.endsWith(suffix);
}
